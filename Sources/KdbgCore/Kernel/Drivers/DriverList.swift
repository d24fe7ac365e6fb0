// SPDX-License-Identifier: GPL-3.0-or-later

/// Every driver of this system (spec/boot.md section 7.2). The order here means nothing: what starts when is in the registry.
extension DriverImage {
    package static let all: [DriverImage] = boot + system

    /// Boot-start drivers. `fastfat` is one whatever its Start says, because the boot volume is its.
    static let boot: [DriverImage] = [
        .init(
            service: "sacdrv", group: "EMS", errorControl: 0, entry: SimpleDriver.sacdrv.entry,
            about:
                "The emergency management console, for servers that are looked after over a serial line. There is none here, so nobody opens its device."
        ),
        .init(
            service: "acpi", group: "Boot Bus Extender", tag: 1, isPlugAndPlay: true,
            entry: bus("acpi.sys", "ACPI", #"ACPI\PNP0A03"#, isUnique: true),
            about: "The bus that the HAL has reported: it describes the devices of the board, here the PCI bus."),
        .init(
            service: "Pci", group: "Boot Bus Extender", tag: 2, isPlugAndPlay: true,
            entry: bus("pci.sys", "Pci", #"PCI\CC_0101"#, instance: "09"),
            about: "The PCI bus: it finds the disk controller and reports it to plug and play."),
        .init(
            service: "isapnp", group: "Boot Bus Extender", tag: 3, errorControl: 0, isPlugAndPlay: true,
            entry: bus("isapnp.sys", "Isa", nil),
            about: "The ISA bus. Nothing plugs in there."),
        .init(
            service: "partmgr", group: "Boot Bus Extender", errorControl: 0, isPlugAndPlay: true, entry: PartitionManager.entry,
            about: "Sits on each disk and makes a device of each of its partitions."),
        .init(
            service: "usbccgp", group: "Boot Bus Extender", isPlugAndPlay: true, entry: SimpleDriver.usbccgp.entry,
            about: "USB devices with several functions. There is no USB here; the driver registers with usbd.sys and waits."),
        .init(
            service: "usbehci", group: "Boot Bus Extender", isPlugAndPlay: true, entry: SimpleDriver.usbehci.entry,
            about: "USB 2 host controllers. The driver registers with its port library, usbport.sys, and waits for one."),
        .init(
            service: "usbhub", group: "Boot Bus Extender", isPlugAndPlay: true, entry: SimpleDriver.usbhub.entry,
            about: "USB hubs, root hubs among them."),
        .init(
            service: "usbohci", group: "Boot Bus Extender", isPlugAndPlay: true, entry: SimpleDriver.usbohci.entry,
            about: "USB 1 host controllers of one kind, on usbport.sys."),
        .init(
            service: "usbuhci", group: "Boot Bus Extender", isPlugAndPlay: true, entry: SimpleDriver.usbuhci.entry,
            about: "USB 1 host controllers of the other kind, on usbport.sys."),
        .init(
            service: "MountMgr", group: "System Bus Extender", tag: 8, entry: MountManager.entry,
            about: "Gives volumes their names: drive letters and \\??\\Volume{…}."),
        .init(
            service: "UniATA", group: "System Bus Extender", tag: 0x10, errorControl: 0, isPlugAndPlay: true, entry: ATAPort.entry,
            about: "The disk controller: the port driver through which every sector of the boot volume comes."),
        .init(
            service: "BusLogic", group: "SCSI Miniport", tag: 0x20, errorControl: 0, entry: SimpleDriver.buslogic.entry,
            about: "A SCSI adapter that is not there. Its port library, scsiport.sys, makes the driver object what it is."),
        .init(
            service: "usbstor", group: "Primary Disk", isPlugAndPlay: true, entry: SimpleDriver.usbstor.entry,
            about: "Disks on the USB bus."),
        .init(
            service: "Disk", group: "SCSI Class", errorControl: 0, isPlugAndPlay: true, entry: DiskDriver.entry,
            about: "The class driver of disks: it turns reads and writes into commands for the port driver, and names \\Device\\Harddisk0."),
        .init(
            service: "fastfat", group: "Boot File System", type: 2, start: 3, entry: FATDriver.entry,
            about:
                "The file system of the boot volume. Its Start says something else; the loader brings it along because nothing can be opened without it."
        ),
        .init(
            service: "ksecdd", group: "Base", tag: 1, errorControl: 3, entry: SimpleDriver.ksecdd.entry,
            about: "Security and random numbers for the kernel; \\Device\\KsecDD is opened by user mode."),
        .init(
            service: "NMIDebug", group: "Base", errorControl: 0, entry: SimpleDriver.nmidebug.entry,
            about: "Would break into the debugger on a non-maskable interrupt from outside; this machine has no button for one."),
        .init(
            service: "Ndis", group: "NDIS Wrapper", entry: SimpleDriver.ndis.entry,
            about: "The library of network drivers, which is a driver itself."),
        .init(
            service: "Mup", group: "Network", type: 2, entry: SimpleDriver.mup.entry,
            about: "The provider of network paths, \\\\server\\share. Its Type makes it a file system."),
        .init(
            service: "RamDisk", group: "", isPlugAndPlay: true, entry: RamDisk.entry,
            about: "Disks in memory. Without a boot from ramdisk(0) there is none."),
        .init(
            service: "swenum", group: "", isPlugAndPlay: true, entry: SimpleDriver.swenum.entry,
            about: "Devices that are only software."),
    ]

    /// System-start drivers, which IoInitSystem loads from the boot volume.
    static let system: [DriverImage] = [
        .init(
            service: "Floppy", group: "Primary Disk", start: 1, isPlugAndPlay: true, entry: SimpleDriver.floppy.entry,
            about: "Floppy drives. AddDevice is never called: the firmware reports none."),
        .init(
            service: "cdrom", group: "SCSI CDROM Class", start: 1, isPlugAndPlay: true, entry: SimpleDriver.cdrom.entry,
            about: "The class driver of CD-ROM drives. It imports classpnp.sys, which is loaded from the volume with it."),
        .init(
            service: "Fs_Rec", group: "Boot File System", errorControl: 0, type: 8, start: 1, entry: SimpleDriver.fsRec.entry,
            about:
                "Stands in the queues for file systems that are not loaded, and recognises their volumes. Its Type 8 puts it into \\FileSystem."
        ),
        .init(
            service: "Beep", group: "Base", start: 1, entry: SimpleDriver.beep.entry,
            about: "The speaker: one control request sets its frequency."),
        .init(
            service: "Null", group: "Base", start: 1, entry: SimpleDriver.null.entry,
            about: "Swallows what is written and has nothing to read."),
        .init(
            service: "i8042prt", group: "Keyboard Port", start: 1, isPlugAndPlay: true, entry: SimpleDriver.i8042prt.entry,
            about: "The keyboard controller, for keyboard and mouse."),
        .init(
            service: "mouclass", group: "Pointer Class", tag: 1, start: 1, isPlugAndPlay: true, entry: SimpleDriver.mouclass.entry,
            about: "The class driver of mice."),
        .init(
            service: "kbdclass", group: "Keyboard Class", tag: 1, start: 1, isPlugAndPlay: true, entry: SimpleDriver.kbdclass.entry,
            about: "The class driver of keyboards."),
        .init(
            service: "Blue", group: "Video Init", start: 1, entry: SimpleDriver.blue.entry,
            about: "The text screen for the console of setup."),
        .init(
            service: "Msfs", group: "File System", type: 2, start: 1, entry: SimpleDriver.msfs.entry,
            about: "Mailslots: \\Device\\MailSlot."),
        .init(
            service: "Npfs", group: "File System", type: 2, start: 1, entry: SimpleDriver.npfs.entry,
            about: "Named pipes: \\Device\\NamedPipe."),
        .init(
            service: "Ndisuio", group: "NDIS", start: 1, entry: SimpleDriver.ndisuio.entry,
            about: "Network packets for user mode."),
        .init(
            service: "Afd", group: "TDI", start: 1, entry: SimpleDriver.afd.entry,
            about: "Sockets: \\Device\\Afd."),
    ]

    private static func bus(
        _ file: String, _ prefix: String, _ identifier: String?, instance: String = "0", isUnique: Bool = false
    ) -> Routine {
        BusDriver(module: Module(file), prefix: prefix, identifier: identifier, instance: instance, isUnique: isUnique).entry
    }
}
