// SPDX-License-Identifier: GPL-3.0-or-later

/// What the firmware would have told the loader of this PC, as a tree of ARC components (spec/boot.md section 5.9). The kernel makes
/// `\REGISTRY\MACHINE\HARDWARE\DESCRIPTION` of it.
extension BootLoader {
    /// A component and what is below it.
    private struct Component {
        /// 0 system, 3 adapter, 4 controller, 5 peripheral.
        let `class`: UInt32
        /// CONFIGURATION_TYPE: 0 the system, 12 a multifunction adapter, 13 disk, 17 serial, 19 display, 21 pointer, 22 keyboard controller, 25 a disk, 32 a
        /// keyboard, 31 a pointer.
        let type: UInt32
        /// Bits: 8 console in, 16 console out, 32 input, 64 output.
        var flags: UInt32 = 0
        var identifier: String?
        /// A CM_PARTIAL_RESOURCE_LIST.
        var data: [UInt8] = []
        var children: [Component] = []
    }

    /// Checksum of the boot sector's dwords and signature of the disk, as `disk.sys` and ARC names know it.
    private static let diskIdentifier: String = "00000000-\(hex(BootVolume.diskSignature))-A"

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func system(memoryBytes: UInt32) -> Component {
        Component(
            class: 0, type: 0, identifier: "AT/AT COMPATIBLE",
            children: [
                Component(
                    class: 3, type: 12, identifier: "ISA",
                    children: [
                        Component(
                            class: 4, type: 13, flags: 0x60,
                            children: [Component(class: 5, type: 25, flags: 0x60, identifier: diskIdentifier)]),
                        Component(class: 4, type: 17, flags: 0x78, identifier: "COM1"),
                        Component(class: 4, type: 17, flags: 0x78, identifier: "COM2"),
                        Component(
                            class: 4, type: 22, flags: 0x28,
                            children: [Component(class: 5, type: 32, flags: 0x28, identifier: "PCAT_ENHANCED")]),
                        Component(
                            class: 4, type: 21, flags: 0x20,
                            children: [Component(class: 5, type: 31, flags: 0x20, identifier: "MICROSOFT PS2 MOUSE")]),
                        Component(class: 4, type: 19, flags: 0x50, identifier: "VGA"),
                    ]),
                Component(class: 3, type: 12, identifier: "ACPI BIOS", data: FirmwareTables.configurationData(memoryBytes: memoryBytes)),
            ])
    }

    /// Writes the firmware's tables and the tree, and returns the virtual address of the tree's root.
    mutating func configurationTree() -> UInt32 {
        for table in FirmwareTables.all() { machine.writePhysical(table.address, table.bytes) }
        return write(Self.system(memoryBytes: UInt32(machine.memorySize)), parent: 0)
    }

    private mutating func write(_ component: Component, parent: UInt32) -> UInt32 {
        let entry = allocate(CONFIGURATION_COMPONENT_DATA.self)
        let fields = entry + CONFIGURATION_COMPONENT_DATA.layout.ComponentEntry.offset
        set(entry, \CONFIGURATION_COMPONENT_DATA.Parent, parent)
        write(fields, component.class)
        write(fields + 4, component.type)
        write(fields + 8, component.flags)
        // Every processor may use it.
        write(fields + 0x14, 0xFFFF_FFFF)
        if let identifier = component.identifier {
            write(fields + 0x1C, UInt32(identifier.utf8.count + 1))
            write(fields + 0x20, text(identifier))
        }
        if !component.data.isEmpty {
            write(fields + 0x18, UInt32(component.data.count))
            let data = allocate(UInt32(component.data.count))
            machine.writePhysical(data, component.data)
            set(entry, \CONFIGURATION_COMPONENT_DATA.ConfigurationData, Self.kernelSegment | data)
        }
        var previous: UInt32?
        for child in component.children {
            let address = write(child, parent: entry)
            if let previous {
                set(previous, \CONFIGURATION_COMPONENT_DATA.Sibling, address)
            } else {
                set(entry, \CONFIGURATION_COMPONENT_DATA.Child, address)
            }
            previous = address
        }
        return entry
    }
}
