// SPDX-License-Identifier: GPL-3.0-or-later

/// NTSTATUS values of image loading.
extension Status {
    package static let conflictingAddresses: Value = 0xC000_0018
    package static let invalidImageFormat: Value = 0xC000_007B
    package static let imageAlreadyLoaded: Value = 0xC000_010E
    package static let invalidImageNotMz: Value = 0xC000_012F
    package static let invalidImageProtect: Value = 0xC000_0130
    package static let imageChecksumMismatch: Value = 0xC000_0221
    package static let driverOrdinalNotFound: Value = 0xC000_0262
    package static let driverEntrypointNotFound: Value = 0xC000_0263
}

/// Flags of LDR_DATA_TABLE_ENTRY (spec/boot.md section 5.8).
package enum LoaderFlag {
    package static let loadInProgress: UInt32 = 0x0000_1000
    package static let entryProcessed: UInt32 = 0x0000_4000
    package static let debugSymbolsLoaded: UInt32 = 0x0010_0000
    package static let systemMapped: UInt32 = 0x0100_0000
    package static let dependentLibrary: UInt32 = 0x0400_0000
    package static let native: UInt32 = 0x0800_0000
    package static let loaded: UInt32 = 0x4000_0000
}

/// What LDR_DATA_TABLE_ENTRY.LoadedImports holds instead of a list; the list of a single image is that image's entry with bit 0 set.
package enum LoadedImports {
    /// Loaded at boot and never unloaded.
    package static let bootLoaded: Value = 0xFFFF_FFFF
    package static let none: Value = 0xFFFF_FFFE
    package static let single: Value = 1
}

/// Numbers of data directories (PE specification 3.4.3).
enum ImageDirectory {
    static let export: Value = 0
    static let `import`: Value = 1
    static let relocation: Value = 5
    static let importAddresses: Value = 12
}
