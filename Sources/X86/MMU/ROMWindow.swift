// SPDX-License-Identifier: GPL-3.0-or-later

/// The machine's ROM: it ends at the first MiB, in memory that is otherwise RAM, and is seen again below 4 GiB, where the processor begins after RESET.
struct ROMWindow {
    /// Physical address of its first byte below 1 MiB; a multiple of 4096.
    var start: UInt32
    /// The same below 4 GiB.
    var mirror: UInt32

    static var end: UInt32 { 0x10_0000 }
    /// No ROM: no address lies in it.
    static var none: ROMWindow { ROMWindow(start: .max, mirror: .max) }

    /// `size`: bytes, at most 256 KiB; the ROM is rounded up to whole pages.
    init(size: Int) {
        let rounded = UInt32((size + 4095) & ~4095)
        start = Self.end - rounded
        mirror = 0 &- rounded
    }

    private init(start: UInt32, mirror: UInt32) {
        self.start = start
        self.mirror = mirror
    }

    /// The address below 1 MiB that a physical address in the mirror stands for; others stand for themselves.
    @inline(__always) func canonical(_ physical: UInt32) -> UInt32 {
        physical < mirror ? physical : physical &- mirror &+ start
    }

    /// Whether the byte below 1 MiB cannot be written by the guest.
    @inline(__always) func contains(_ physical: UInt32) -> Bool { physical >= start && physical < Self.end }
}

extension Machine {
    /// The largest ROM, in bytes: what lies below is the display's.
    package static var largestROM: Int { 256 << 10 }

    /// Puts a ROM image at the end of the first MiB and below 4 GiB. The guest's writes to it are lost. A property of the hardware, so no snapshot holds the
    /// window; the bytes are in memory like all others. `image`: 1 byte to `largestROM`.
    package func installROM(_ image: [UInt8]) {
        precondition(!image.isEmpty && image.count <= Self.largestROM && memory.size >= Int(ROMWindow.end))
        let window = ROMWindow(size: image.count)
        memory.rom.pointee = window
        let padding = Int(ROMWindow.end - window.start) - image.count
        writePhysical(window.start, Array(repeating: 0xFF, count: padding) + image)
        cpu.pointee.flushTLB()
    }
}
