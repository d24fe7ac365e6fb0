// SPDX-License-Identifier: GPL-3.0-or-later

/// Devices and their stacks in guest memory; every chain is walked with a limit.
struct DeviceReader {
    let target: any Target
    private static let limit = 256

    /// The driver's devices, newest first.
    func devices(of driver: Record<DRIVER_OBJECT>) -> [Record<DEVICE_OBJECT>] {
        chain(from: driver.DeviceObject) { $0.NextDevice }
    }

    /// All devices attached to each other, top first.
    func stack(of device: Record<DEVICE_OBJECT>) -> [Record<DEVICE_OBJECT>] {
        let lower = chain(from: device) { $0.DeviceObjectExtension?.AttachedTo }
        let upper = chain(from: device.AttachedDevice) { $0.AttachedDevice }
        return upper.reversed() + lower
    }

    private func chain(
        from first: Record<DEVICE_OBJECT>?, _ next: (Record<DEVICE_OBJECT>) -> Record<DEVICE_OBJECT>?
    ) -> [Record<DEVICE_OBJECT>] {
        var devices: [Record<DEVICE_OBJECT>] = []
        var seen: Set<UInt32> = []
        var device = first
        while let current = device, devices.count < Self.limit, current.Type == IoType.device, seen.insert(current.address).inserted {
            devices.append(current)
            device = next(current)
        }
        return devices
    }

    /// Its path in the name space, or a note that it has none.
    func name(_ device: Record<DEVICE_OBJECT>) -> String {
        let path = GuestObject(target: target, body: device.address).path
        return path.isEmpty ? "(no name)" : path
    }

    /// Address, driver and name in one line.
    func description(_ device: Record<DEVICE_OBJECT>) -> String {
        "\(device.address.pointer) \(device.DriverObject?.DriverName.text ?? "?") \(name(device))"
    }
}

/// Names of flag bits, each with a blank in front, lowest bit first.
enum NameBits {
    static let driverFlags: [UInt32: String] = [
        1: "LEGACY", 2: "BUILTIN", 3: "REINIT_REGISTERED", 4: "INITIALIZED", 5: "BOOTREINIT_REGISTERED",
    ]
    static let deviceFlags: [UInt32: String] = [
        2: "BUFFERED_IO", 3: "EXCLUSIVE", 4: "DIRECT_IO", 6: "HAS_NAME", 7: "INITIALIZING", 8: "SYSTEM_BOOT_PARTITION",
        12: "BUS_ENUMERATED",
    ]
    static let volumeFlags: [UInt32: String] = [0: "MOUNTED", 1: "LOCKED", 2: "PERSISTENT", 4: "RAW_MOUNT", 5: "DIRECT_WRITES_ALLOWED"]

    static func text(_ value: UInt32?, _ names: [UInt32: String]) -> String {
        guard let value else { return "" }
        var text = ""
        for bit in 0..<UInt32(32) where value >> bit & 1 == 1 {
            if let name = names[bit] { text += " " + name }
        }
        return text
    }
}

/// `IRP_MJ_...` (spec/boot.md section 5.4).
enum MajorFunctionName {
    private static let names = [
        "CREATE", "CREATE_NAMED_PIPE", "CLOSE", "READ", "WRITE", "QUERY_INFORMATION", "SET_INFORMATION", "QUERY_EA", "SET_EA",
        "FLUSH_BUFFERS", "QUERY_VOLUME_INFORMATION", "SET_VOLUME_INFORMATION", "DIRECTORY_CONTROL", "FILE_SYSTEM_CONTROL",
        "DEVICE_CONTROL", "INTERNAL_DEVICE_CONTROL", "SHUTDOWN", "LOCK_CONTROL", "CLEANUP", "CREATE_MAILSLOT", "QUERY_SECURITY",
        "SET_SECURITY", "POWER", "SYSTEM_CONTROL", "DEVICE_CHANGE", "QUERY_QUOTA", "SET_QUOTA", "PNP",
    ]

    static func name(_ major: UInt32) -> String {
        Int(major) < names.count ? "IRP_MJ_" + names[Int(major)] : "0x\(major.hex(2))"
    }
}
