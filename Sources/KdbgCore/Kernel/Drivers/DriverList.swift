// SPDX-License-Identifier: GPL-3.0-or-later

/// Every driver of this system (spec/boot.md section 7.2). The order here means nothing: what starts when is in the registry.
extension DriverImage {
    package static let all: [DriverImage] = boot + system

    /// Boot-start drivers. `fastfat` is one whatever its Start says, because the boot volume is its.
    static let boot: [DriverImage] = [
        .init(service: "sacdrv", group: "EMS", errorControl: 0, entry: SimpleDriver.sacdrv.entry),
        .init(service: "acpi", group: "Boot Bus Extender", tag: 1, entry: bus("acpi.sys", "ACPI", #"ACPI\PNP0A03"#)),
        .init(service: "Pci", group: "Boot Bus Extender", tag: 2, entry: bus("pci.sys", "Pci", #"PCI\CC_0101"#)),
        .init(service: "isapnp", group: "Boot Bus Extender", tag: 3, errorControl: 0, entry: bus("isapnp.sys", "Isa", nil)),
        .init(service: "partmgr", group: "Boot Bus Extender", errorControl: 0, entry: PartitionManager.entry),
        .init(service: "usbccgp", group: "Boot Bus Extender", entry: SimpleDriver.usbccgp.entry),
        .init(service: "usbehci", group: "Boot Bus Extender", entry: SimpleDriver.usbehci.entry),
        .init(service: "usbhub", group: "Boot Bus Extender", entry: SimpleDriver.usbhub.entry),
        .init(service: "usbohci", group: "Boot Bus Extender", entry: SimpleDriver.usbohci.entry),
        .init(service: "usbuhci", group: "Boot Bus Extender", entry: SimpleDriver.usbuhci.entry),
        .init(service: "MountMgr", group: "System Bus Extender", tag: 8, entry: MountManager.entry),
        .init(service: "UniATA", group: "System Bus Extender", tag: 0x10, errorControl: 0, entry: ATAPort.entry),
        .init(service: "BusLogic", group: "SCSI Miniport", tag: 0x20, errorControl: 0, entry: SimpleDriver.buslogic.entry),
        .init(service: "usbstor", group: "Primary Disk", entry: SimpleDriver.usbstor.entry),
        .init(service: "Disk", group: "SCSI Class", errorControl: 0, entry: DiskDriver.entry),
        .init(service: "fastfat", group: "Boot File System", type: 2, start: 3, entry: FATDriver.entry),
        .init(service: "ksecdd", group: "Base", tag: 1, errorControl: 3, entry: SimpleDriver.ksecdd.entry),
        .init(service: "NMIDebug", group: "Base", errorControl: 0, entry: SimpleDriver.nmidebug.entry),
        .init(service: "Ndis", group: "NDIS Wrapper", entry: SimpleDriver.ndis.entry),
        .init(service: "Mup", group: "Network", type: 2, entry: SimpleDriver.mup.entry),
        .init(service: "RamDisk", group: "", entry: RamDisk.entry),
        .init(service: "swenum", group: "", entry: SimpleDriver.swenum.entry),
    ]

    /// System-start drivers, which IoInitSystem loads from the boot volume.
    static let system: [DriverImage] = [
        .init(service: "Floppy", group: "Primary Disk", start: 1, entry: SimpleDriver.floppy.entry),
        .init(service: "cdrom", group: "SCSI CDROM Class", start: 1, entry: SimpleDriver.cdrom.entry),
        .init(service: "Fs_Rec", group: "Boot File System", errorControl: 0, type: 8, start: 1, entry: SimpleDriver.fsRec.entry),
        .init(service: "Beep", group: "Base", start: 1, entry: SimpleDriver.beep.entry),
        .init(service: "Null", group: "Base", start: 1, entry: SimpleDriver.null.entry),
        .init(service: "i8042prt", group: "Keyboard Port", start: 1, entry: SimpleDriver.i8042prt.entry),
        .init(service: "mouclass", group: "Pointer Class", tag: 1, start: 1, entry: SimpleDriver.mouclass.entry),
        .init(service: "kbdclass", group: "Keyboard Class", tag: 1, start: 1, entry: SimpleDriver.kbdclass.entry),
        .init(service: "Blue", group: "Video Init", start: 1, entry: SimpleDriver.blue.entry),
        .init(service: "Msfs", group: "File System", type: 2, start: 1, entry: SimpleDriver.msfs.entry),
        .init(service: "Npfs", group: "File System", type: 2, start: 1, entry: SimpleDriver.npfs.entry),
        .init(service: "Ndisuio", group: "NDIS", start: 1, entry: SimpleDriver.ndisuio.entry),
        .init(service: "Afd", group: "TDI", start: 1, entry: SimpleDriver.afd.entry),
    ]

    private static func bus(_ file: String, _ prefix: String, _ identifier: String?) -> Routine {
        BusDriver(module: Module(file), prefix: prefix, identifier: identifier).entry
    }
}
