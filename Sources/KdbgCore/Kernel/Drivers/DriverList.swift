// SPDX-License-Identifier: GPL-3.0-or-later

/// A driver that the boot loader brings along: one image in guest memory.
package struct BootDriverImage: Sendable {
    /// The key under `Services`.
    package let service: String
    /// The group by which the loader sorts (spec/boot.md section 7.1).
    package let group: String
    /// DriverEntry, the image's entry point; its module names the file.
    package let entry: Routine

    package var module: Module { entry.module }

    /// Boot-start drivers in the loader's order (spec/boot.md section 7.2): those that matter on this machine.
    package static let all: [BootDriverImage] = [
        .init(service: "ACPI", group: "Boot Bus Extender", entry: bus("acpi.sys", "ACPI", #"ACPI\PNP0A03"#)),
        .init(service: "Pci", group: "Boot Bus Extender", entry: bus("pci.sys", "Pci", #"PCI\CC_0101"#)),
        .init(service: "isapnp", group: "Boot Bus Extender", entry: bus("isapnp.sys", "Isa", nil)),
        .init(service: "partmgr", group: "Boot Bus Extender", entry: PartitionManager.entry),
        .init(service: "MountMgr", group: "System Bus Extender", entry: MountManager.entry),
        .init(service: "UniATA", group: "System Bus Extender", entry: ATAPort.entry),
        .init(service: "Disk", group: "SCSI Class", entry: DiskDriver.entry),
        .init(service: "fastfat", group: "Boot File System", entry: FATDriver.entry),
        .init(service: "ksecdd", group: "Base", entry: plain("ksecdd.sys")),
        .init(service: "Ndis", group: "NDIS Wrapper", entry: plain("ndis.sys")),
        .init(service: "Mup", group: "Network", entry: plain("mup.sys")),
        .init(service: "RamDisk", group: "", entry: RamDisk.entry),
        .init(service: "swenum", group: "", entry: plain("swenum.sys")),
    ]

    private static func bus(_ file: String, _ prefix: String, _ identifier: String?) -> Routine {
        BusDriver(module: Module(file), prefix: prefix, identifier: identifier).entry
    }

    /// A driver that only has its driver object.
    private static func plain(_ file: String) -> Routine {
        Routine("DriverEntry", ["DriverObject", "RegistryPath"], module: Module(file), section: .initialization) { f in
            f.return(Status.success)
        }
    }
}
