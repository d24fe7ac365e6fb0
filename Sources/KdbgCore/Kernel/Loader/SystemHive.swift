// SPDX-License-Identifier: GPL-3.0-or-later

/// The SYSTEM hive of this machine: what the start-up consults, as setup would have left it.
struct SystemHive: Sendable {
    /// The root key; tests change it before the image is made.
    var root: HiveKey
    /// What becomes of the image before the kernel gets it; tests damage it here.
    var damage: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    /// - Parameters:
    ///   - drivers: services with keys of their own, whenever they start.
    init(drivers: [DriverImage]) {
        let select = HiveKey(
            "Select", ["Current", "Default", "LastKnownGood"].map { .init($0, .number(1)) } + [.init("Failed", .number(0))])
        root = HiveKey("SYSTEM", keys: [select, Self.controlSet(drivers)])
    }

    /// The image, as the loader puts it into memory and onto the boot volume.
    var image: [UInt8] { damage(HiveWriter.image(of: root, fileName: #"\SystemRoot\System32\Config\SYSTEM"#)) }

    /// The control set that `Select\Current` names; nil without one.
    var currentControlSet: HiveKey? {
        guard case .number(let number) = root["Select"]?.value("Current") else { return nil }
        let digits = String(number)
        return root["ControlSet" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits]
    }

    // MARK: Contents

    private static func controlSet(_ drivers: [DriverImage]) -> HiveKey {
        let profile = HiveKey("0001", keys: [HiveKey("Software"), HiveKey("System")])
        return HiveKey(
            "ControlSet001",
            keys: [
                control, HiveKey("Enum", keys: [HiveKey("Root")]), HiveKey("Hardware Profiles", keys: [profile]),
                HiveKey("Services", keys: drivers.map(service)),
            ])
    }

    /// The key of a service under `Services`.
    private static func service(_ driver: DriverImage) -> HiveKey {
        var values: [HiveValue] = [
            .init("ErrorControl", .number(driver.errorControl)),
            .init("ImagePath", .expandable(#"system32\drivers\"# + driver.module.name)),
            .init("Start", .number(driver.start)),
            .init("Type", .number(driver.type)),
        ]
        if !driver.group.isEmpty { values.append(.init("Group", .string(driver.group))) }
        if let tag = driver.tag { values.append(.init("Tag", .number(tag))) }
        if let name = driver.objectName { values.append(.init("ObjectName", .string(name))) }
        return HiveKey(driver.service, values)
    }

    private static var control: HiveKey {
        HiveKey(
            "Control",
            [
                .init("CurrentUser", .string("USERNAME")),
                .init("WaitToKillServiceTimeout", .string("20000")),
            ],
            keys: [
                HiveKey(
                    "BiosInfo", [.init("SystemBiosDate", .string("03/11/23"))]),
                HiveKey("Class", keys: classes),
                HiveKey("CriticalDeviceDatabase", keys: criticalDevices),
                HiveKey(
                    "CrashControl",
                    [
                        .init("AutoReboot", .number(0)), .init("CrashDumpEnabled", .number(0)), .init("LogEvent", .number(1)),
                    ]),
                HiveKey("GroupOrderList", ServiceGroups.tags.map { .init($0.group, .binary(ServiceGroups.bytes($0.tags))) }),
                HiveKey("IDConfigDB", [.init("CurrentConfig", .number(1))]),
                HiveKey(
                    "Nls", keys: [HiveKey("Language", [.init("Default", .string("0409")), .init("InstallLanguage", .string("0409"))])]),
                HiveKey("PriorityControl", [.init("Win32PrioritySeparation", .number(2))]),
                HiveKey("ProductOptions", [.init("ProductType", .string("WinNT"))]),
                safeBoot,
                HiveKey("ServiceGroupOrder", [.init("List", .strings(ServiceGroups.order))]),
                sessionManager,
                timeZone,
                HiveKey(
                    "Windows",
                    [
                        .init("CSDVersion", .number(0x200)), .init("Directory", .expandable("%SystemRoot%")),
                        .init("SystemDirectory", .expandable(#"%SystemRoot%\system32"#)),
                    ]),
            ])
    }

    /// Greenwich: summer time from the last Sunday of March, 1:00, to the last Sunday of October, 2:00.
    private static var timeZone: HiveKey {
        func start(month: UInt8, hour: UInt8) -> [UInt8] { [0, 0, month, 0, 5, 0, hour, 0, 0, 0, 0, 0, 0, 0, 0, 0] }
        return HiveKey(
            "TimeZoneInformation",
            [
                .init("ActiveTimeBias", .number(0)), .init("Bias", .number(0)), .init("DaylightBias", .number(UInt32(bitPattern: -60))),
                .init("DaylightName", .string("GMT Daylight Time")), .init("DaylightStart", .binary(start(month: 3, hour: 1))),
                .init("StandardBias", .number(0)), .init("StandardName", .string("GMT Standard Time")),
                .init("StandardStart", .binary(start(month: 10, hour: 2))),
            ])
    }

    /// Classes of devices (WDK, devguid.h).
    private enum DeviceClass {
        static let system = "{4D36E97D-E325-11CE-BFC1-08002BE10318}"
        static let diskController = "{4D36E96A-E325-11CE-BFC1-08002BE10318}"
        static let disk = "{4D36E967-E325-11CE-BFC1-08002BE10318}"
    }

    /// Hardware identifiers of the devices a boot needs; a backslash is written as `#`.
    private static var criticalDevices: [HiveKey] {
        [
            (#"ACPI_HAL\PNP0C08"#, "ACPI", DeviceClass.system), (#"ACPI\PNP0A03"#, "Pci", DeviceClass.system),
            (#"PCI\CC_0101"#, "UniATA", DeviceClass.diskController), ("GenDisk", "Disk", DeviceClass.disk),
        ].map { identifier, service, guid in
            HiveKey(
                String(identifier.map { $0 == "\\" ? "#" : $0 }).lowercased(),
                [.init("ClassGUID", .string(guid)), .init("Service", .string(service))])
        }
    }

    /// Classes with their filters; the partition manager sits on top of every disk.
    private static var classes: [HiveKey] {
        [
            HiveKey(DeviceClass.system, [.init("Class", .string("System"))]),
            HiveKey(DeviceClass.diskController, [.init("Class", .string("hdc"))]),
            HiveKey(DeviceClass.disk, [.init("Class", .string("DiskDrive")), .init("UpperFilters", .strings(["partmgr"]))]),
        ]
    }

    /// What starts in a safe boot besides boot drivers: groups, and services by file name.
    private static var safeBoot: HiveKey {
        func entries(_ groups: [String], _ files: [String]) -> [HiveKey] {
            groups.map { HiveKey($0, [.init("", .string("Driver Group"))]) } + files.map { HiveKey($0, [.init("", .string("Driver"))]) }
        }
        let groups = [
            "Base", "Boot Bus Extender", "Boot file system", "File system", "Filter", "Pointer Port", "Primary disk", "SCSI Class",
            "System Bus Extender",
        ]
        return HiveKey(
            "SafeBoot", [.init("AlternateShell", .string("cmd.exe"))],
            keys: [
                HiveKey("Minimal", keys: entries(groups, ["kbdclass.sys", "mouclass.sys", "blue.sys"])),
                HiveKey("Network", keys: entries(groups + ["NDIS", "NDIS Wrapper", "TDI"], ["afd.sys", "kbdclass.sys", "mouclass.sys"])),
            ])
    }

    private static var sessionManager: HiveKey {
        HiveKey(
            "Session Manager",
            [
                .init("BootExecute", .strings(["autocheck autochk *"])), .init("CriticalSectionTimeout", .number(0x278D00)),
                .init("GlobalFlag", .number(0)), .init("ProcessorControl", .number(2)), .init("ProtectionMode", .number(1)),
            ],
            keys: [
                HiveKey("Debug Print Filter", [.init("WIN2000", .number(1))]),
                HiveKey(
                    "DOS Devices",
                    [("AUX", #"\DosDevices\COM1"#), ("NUL", #"\Device\Null"#), ("PRN", #"\DosDevices\LPT1"#)].map {
                        .init($0.0, .string($0.1))
                    }),
                HiveKey(
                    "Environment",
                    [
                        .init("ComSpec", .expandable(#"%SystemRoot%\system32\cmd.exe"#)), .init("OS", .string("Windows_NT")),
                        .init("Path", .expandable(#"%SystemRoot%\system32;%SystemRoot%"#)),
                    ]),
                HiveKey(
                    "Executive",
                    [.init("AdditionalCriticalWorkerThreads", .number(0)), .init("AdditionalDelayedWorkerThreads", .number(0))]),
                HiveKey("I/O System", [.init("LargeIrpStackLocations", .number(8))]),
                HiveKey("Kernel", [.init("ObCaseInsensitive", .number(1))]),
                HiveKey(
                    "Memory Management",
                    [
                        "ClearPageFileAtShutdown", "DisablePagingExecutive", "LargeSystemCache", "NonPagedPoolQuota", "PagedPoolQuota",
                        "SecondLevelDataCache", "SystemPages",
                    ].map { .init($0, .number(0)) } + [.init("PagingFiles", .strings([#"C:\pagefile.sys 0 0"#]))]),
            ])
    }
}
