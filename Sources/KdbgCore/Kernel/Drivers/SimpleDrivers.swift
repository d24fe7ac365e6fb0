// SPDX-License-Identifier: GPL-3.0-or-later

/// The drivers of spec/boot.md section 7.2 whose hardware is not there, or that are only there to be opened.
extension SimpleDriver {
    // MARK: Boot-start

    /// Emergency management console.
    static let sacdrv = make("sacdrv.sys", "Sac", devices: [.init(name: #"\Device\SAC"#, type: 0x22)])
    static let usbccgp = usb("usbccgp.sys", "Ccgp", DriverLibrary.registerUsbClient)
    static let usbhub = usb("usbhub.sys", "Hub", DriverLibrary.registerUsbClient)
    static let usbstor = usb("usbstor.sys", "UsbStor", DriverLibrary.registerUsbClient)
    static let usbehci = usb("usbehci.sys", "Ehci", DriverLibrary.registerUsbPort)
    static let usbohci = usb("usbohci.sys", "Ohci", DriverLibrary.registerUsbPort)
    static let usbuhci = usb("usbuhci.sys", "Uhci", DriverLibrary.registerUsbPort)
    static let buslogic = make("buslogic.sys", "BusLogic", library: (DriverLibrary.scsiPortInitialize, [0, 0]))
    static let ksecdd = make("ksecdd.sys", "Ksec", devices: [.init(name: #"\Device\KsecDD"#, type: 0x39)])
    static let nmidebug = make("nmidebug.sys", "NmiDebug")
    static let ndis = make("ndis.sys", "Ndis", devices: [.init(name: #"\Device\Ndis"#, type: 0x17)])
    static let mup = make("mup.sys", "Mup", devices: [.init(name: #"\Device\Mup"#, type: 0x10)])
    static let swenum = make("swenum.sys", "Swenum", addsDevices: true)

    // MARK: System-start

    static let floppy = make("floppy.sys", "Flpy", addsDevices: true)
    static let cdrom = make("cdrom.sys", "CdRom", library: (DriverLibrary.classInitialize, [0]))
    /// Stands for the file systems that are not loaded, on the queues of their volumes; this machine has no such volumes.
    static let fsRec = make(
        "fs_rec.sys", "FsRec",
        devices: [
            .init(name: #"\FileSystem\CdfsRecognizer"#, type: 3, isFileSystem: true),
            .init(name: #"\FileSystem\UdfsCdRomRecognizer"#, type: 3, isFileSystem: true),
        ])
    static let beep = make("beep.sys", "Beep", devices: [.init(name: #"\Device\Beep"#, type: 1)], control: BeepDriver.control)
    static let null = make("null.sys", "Null", devices: [.init(name: #"\Device\Null"#, type: 0x15)], read: Status.endOfFile, writes: true)
    static let i8042prt = make("i8042prt.sys", "I8042", addsDevices: true)
    static let mouclass = make("mouclass.sys", "MouseClass", addsDevices: true)
    static let kbdclass = make("kbdclass.sys", "KeyboardClass", addsDevices: true)
    static let blue = make("blue.sys", "Scr", devices: [.init(name: #"\Device\BlueScreen"#, type: 0x23)])
    static let msfs = make("msfs.sys", "Msfs", devices: [.init(name: #"\Device\MailSlot"#, type: 0x0C)])
    static let npfs = make("npfs.sys", "Npfs", devices: [.init(name: #"\Device\NamedPipe"#, type: 0x11)])
    static let ndisuio = make("ndisuio.sys", "Ndisuio", devices: [.init(name: #"\Device\Ndisuio"#, type: 0x17)])
    static let afd = make("afd.sys", "Afd", devices: [.init(name: #"\Device\Afd"#, type: 0x2F)])

    private static func make(
        _ file: String, _ prefix: String, devices: [Device] = [], read: Value? = nil, writes: Bool = false, control: Routine? = nil,
        addsDevices: Bool = false, library: (Routine, [UInt32])? = nil
    ) -> SimpleDriver {
        var driver = SimpleDriver(file, prefix)
        driver.devices = devices
        driver.read = read
        driver.writes = writes
        driver.control = control
        driver.addsDevices = addsDevices
        driver.library = library
        return driver
    }

    private static func usb(_ file: String, _ prefix: String, _ register: Routine) -> SimpleDriver {
        make(file, prefix, addsDevices: true, library: (register, [0x200]))
    }
}

/// `beep.sys`: the one control request it has sounds the speaker.
enum BeepDriver {
    private static let module = Module("beep.sys")

    /// BeepDeviceControl(DeviceObject*, Irp*) -> status: IOCTL_BEEP_SET with frequency and duration; the frequency 0 ends the sound.
    static let control: Routine = .init("BeepDeviceControl", ["DeviceObject", "Irp"], module: module) { f in
        let irp = f.argument(1, IRP.self)
        let stack = f.local(irp.CurrentStackLocation)
        f.if(stack.Argument3 != 0x0001_0000) { f.return(f.call(Io.finishRequest, irp, Status.invalidDeviceRequest, 0)) }
        let input = f.local(irp.SystemBuffer)
        f.if(input == 0 || stack.Argument2 < 8) { f.return(f.call(Io.finishRequest, irp, Status.invalidParameter, 0)) }
        f.call(Hal.makeBeep, input.dword())
        f.return(f.call(Io.finishRequest, irp, Status.success, 0))
    }
}

extension Hal {
    /// `HalMakeBeep(Frequency) -> BOOLEAN`: counter 2 of the timer drives the speaker; 0 turns it off. FALSE: the frequency is out of its range.
    package static let makeBeep: Routine = .init("HalMakeBeep", ["Frequency"], module: .hal) { f in
        let gate = f.local(f.input(0x61))
        f.output(0x61, gate & 0xFC)
        f.if(f.argument(0) == 0) { f.return(1) }
        let divider = f.local(1_193_182 / f.argument(0))
        f.if(divider > 0xFFFF) { f.return(0) }
        f.output(0x43, 0xB6)
        f.output(0x42, divider & 0xFF)
        f.output(0x42, divider >> 8)
        f.output(0x61, gate | 3)
        f.return(1)
    }
}
