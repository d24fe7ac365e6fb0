// SPDX-License-Identifier: GPL-3.0-or-later

/// The firmware's ACPI tables (ACPI specification 2.0, section 5.2), at 0xE0000 in what the loader calls permanent firmware memory: the power-management registers of this PC
/// (`X86/Devices/PowerManagement.swift`), and a namespace with nothing but the sleeping state in which the machine is off.
enum FirmwareTables {
    /// Physical addresses.
    static let rootPointer: UInt32 = 0xE_0000
    static let rsdt: UInt32 = 0xE_0040
    private static let xsdt: UInt32 = 0xE_0080
    private static let fadt: UInt32 = 0xE_0100
    private static let facs: UInt32 = 0xE_0200
    private static let dsdt: UInt32 = 0xE_0240

    /// All of them, by where they lie.
    static func all() -> [(address: UInt32, bytes: [UInt8])] {
        [
            (rootPointer, root()), (rsdt, table("RSDT", 1, dwords([fadt]))), (xsdt, table("XSDT", 1, dwords([fadt, 0]))),
            (fadt, fixed()), (facs, control()),
            // Name (\_S5_, Package () {5, 5, 0, 0})
            (
                dsdt,
                table(
                    "DSDT", 1,
                    [0x08, 0x5C, 0x5F, 0x53, 0x35, 0x5F, 0x12, 0x08, 0x04, 0x0A, 0x05, 0x0A, 0x05, 0x00, 0x00])
            ),
        ]
    }

    /// The data of the component `ACPI BIOS`: a CM_PARTIAL_RESOURCE_LIST with one device-specific descriptor, then the address of the RSDT and the memory map.
    static func configurationData(memoryBytes: UInt32) -> [UInt8] {
        let map: [(base: UInt32, end: UInt32, type: UInt32)] = [
            (0, 0x9_F000, 1), (0x9_F000, 0x10_0000, 2), (0x10_0000, memoryBytes, 1),
        ]
        var data = dwords([rsdt, 0, UInt32(map.count), 0])
        for region in map { data += dwords([region.base, 0, region.end - region.base, 0, region.type]) }
        // Type 5, exclusive.
        return dwords([0, 1, 0x0105, UInt32(data.count), 0, 0]) + data
    }

    private static func dwords(_ values: [UInt32]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }

    /// The byte that makes the sum 0.
    private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt8 { 0 &- bytes.reduce(0, &+) }

    /// A header of 36 bytes and what follows it.
    private static func table(_ signature: String, _ revision: UInt8, _ body: [UInt8]) -> [UInt8] {
        var bytes = Array(signature.utf8) + dwords([UInt32(36 + body.count)]) + [revision, 0]
        bytes += Array("KDBG  ".utf8) + Array("KDBGPC  ".utf8) + dwords([1]) + Array("KDBG".utf8) + dwords([1]) + body
        bytes[9] = checksum(bytes)
        return bytes
    }

    private static func root() -> [UInt8] {
        var bytes = Array("RSD PTR ".utf8) + [0] + Array("KDBG  ".utf8) + [2] + dwords([rsdt, 36, xsdt, 0, 0])
        bytes[8] = checksum(bytes.prefix(20))
        bytes[32] = checksum(bytes)
        return bytes
    }

    /// FADT of revision 3: SCI is IRQ 9, there is no SMI command port since ACPI is always on, and the century is at 32h of the CMOS.
    private static func fixed() -> [UInt8] {
        var body = [UInt8](repeating: 0, count: Int(FADT.size) - 36)
        func put(_ offset: UInt32, _ bytes: [UInt8]) {
            body.replaceSubrange(Int(offset) - 36..<Int(offset) - 36 + bytes.count, with: bytes)
        }
        let layout = FADT.layout
        put(layout.FirmwareControl.offset, dwords([facs]))
        put(layout.Dsdt.offset, dwords([dsdt]))
        put(layout.SciInterrupt.offset, [9, 0])
        put(layout.Pm1aEventBlock.offset, dwords([0x400]))
        put(layout.Pm1aControlBlock.offset, dwords([0x404]))
        put(layout.PmTimerBlock.offset, dwords([0x408]))
        put(layout.Pm1EventLength.offset, [4])
        put(layout.Pm1ControlLength.offset, [2])
        put(layout.PmTimerLength.offset, [4])
        put(layout.Century.offset, [0x32])
        // WBINVD works, C1 is HLT.
        put(layout.Flags.offset, dwords([0x05]))
        return table("FACP", 3, body)
    }

    /// FACS: 64 bytes without a checksum.
    private static func control() -> [UInt8] {
        Array("FACS".utf8) + dwords([64]) + [UInt8](repeating: 0, count: 56)
    }
}
