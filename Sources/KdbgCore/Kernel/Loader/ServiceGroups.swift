// SPDX-License-Identifier: GPL-3.0-or-later

/// Groups of services in the order they start in (spec/boot.md section 7.1): `Control\ServiceGroupOrder`, value `List`.
enum ServiceGroups {
    private static let filters = [
        "Infrastructure", "System", "Bottom", "Copy Protection", "Security Enhancer", "Open File", "Physical Quota Management",
        "Encryption",
        "Compression", "HSM", "Cluster File System", "System Recovery", "Quota Management", "Content Screener", "Continuous Backup",
        "Replication", "Anti-Virus", "Undelete", "Activity Monitor", "Top",
    ]

    static let order: [String] =
        [
            "System Reserved", "EMS", "Boot Bus Extender", "System Bus Extender", "SCSI Miniport", "Port", "Primary Disk", "SCSI Class",
            "SCSI CDROM Class",
        ] + filters.map { "FSFilter " + $0 }
        + [
            "Filter", "Boot File System", "Base", "Pointer Port", "Keyboard Port", "Pointer Class", "Keyboard Class", "Debug", "Video Init",
            "Video", "Video Save", "File System", "Event Log", "Streams Drivers", "NDIS Wrapper", "COM Infrastructure", "UIGroup",
            "LocalValidation", "PlugPlay", "PNP_TDI", "NDIS", "TDI", "NetBIOSGroup", "ShellSvcGroup", "SchedulerGroup", "SpoolerGroup",
            "AudioGroup", "SmartCardGroup", "NetworkProvider", "RemoteValidation", "NetDDEGroup", "Parallel arbitrator", "Extended Base",
            "PCI Configuration", "MS Transactions",
        ]

    /// `Control\GroupOrderList`: per group the tags of its services in the order they start in.
    static let tags: [(group: String, tags: [UInt32])] = [
        ("Boot Bus Extender", Array(1...6)),
        ("System Bus Extender", [1, 2, 3, 4, 5, 6, 7, 8, 0x10]),
        ("SCSI Miniport", Array(1...0x20)),
        ("Base", Array(1...8)),
        ("Pointer Port", [1, 2, 3]),
        ("Keyboard Port", [1, 2, 3]),
        ("Pointer Class", [1, 2]),
        ("Keyboard Class", [1, 2]),
        ("Video Init", [1, 2, 3]),
        ("Video", [1, 2, 3]),
        ("NDIS", [1, 2]),
        ("TDI", [1, 2]),
    ]

    /// The bytes of a value of GroupOrderList: how many tags, then the tags.
    static func bytes(_ tags: [UInt32]) -> [UInt8] {
        ([UInt32(tags.count)] + tags).flatMap { HiveValue.Contents.number($0).bytes }
    }
}
