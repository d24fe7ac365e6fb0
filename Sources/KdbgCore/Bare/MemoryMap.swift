// SPDX-License-Identifier: GPL-3.0-or-later

/// What lies where in the physical address space of a bare machine, as firmware (INT 15h, AX=E820h) and boot loader tell the guest.
struct MemoryMap: Equatable {
    struct Range: Equatable {
        var start: UInt64
        var length: UInt64
        /// 1 for RAM that is free to use, 2 for what is not (ACPI specification 6.5, table 15.3).
        var type: UInt32

        var end: UInt64 { start + length }
    }

    /// Ascending, without overlaps.
    let ranges: [Range]
    /// Bytes of RAM from 0 on.
    let size: Int

    /// Where conventional memory ends: the last KiB below 640 KiB is the firmware's (the extended BIOS data area).
    static let conventionalEnd: UInt64 = 0x9_FC00
    /// Where the memory of the display begins.
    static let displayStart: UInt64 = 0xA_0000
    /// Where what the firmware takes of the first MiB begins.
    static let firmwareStart: UInt64 = 0xF_0000
    static let extendedStart: UInt64 = 0x10_0000

    /// - Parameter size: bytes of RAM, at least 1 MiB.
    init(size: Int) {
        self.size = size
        var ranges = [
            Range(start: 0, length: Self.conventionalEnd, type: 1),
            Range(start: Self.conventionalEnd, length: Self.displayStart - Self.conventionalEnd, type: 2),
            Range(start: Self.firmwareStart, length: Self.extendedStart - Self.firmwareStart, type: 2),
        ]
        if UInt64(size) > Self.extendedStart {
            ranges.append(Range(start: Self.extendedStart, length: UInt64(size) - Self.extendedStart, type: 1))
        }
        ranges.append(Range(start: 0xFFFC_0000, length: 0x4_0000, type: 2))
        self.ranges = ranges
    }

    /// KiB from 1 MiB on.
    var extendedKiB: UInt32 { UInt32(max(0, size - Int(Self.extendedStart)) >> 10) }

    /// Whether all of a range is RAM that a program may use.
    func isUsable(_ start: UInt64, _ length: UInt64) -> Bool {
        ranges.contains { $0.type == 1 && start >= $0.start && start + length <= $0.end }
    }
}
