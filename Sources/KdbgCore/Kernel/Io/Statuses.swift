// SPDX-License-Identifier: GPL-3.0-or-later

/// NTSTATUS values of objects and input/output.
extension Status {
    package static let verifyRequired: Value = 0x8000_0016
    package static let cancelled: Value = 0xC000_0120
    package static let fsDriverRequired: Value = 0xC000_019C
    package static let wrongVolume: Value = 0xC000_0012
    package static let noMediaInDevice: Value = 0xC000_0013
    package static let nonexistentSector: Value = 0xC000_0015
    package static let mediaWriteProtected: Value = 0xC000_00A2
    package static let ioTimeout: Value = 0xC000_00B5
    package static let deviceDataError: Value = 0xC000_009C
    package static let deviceBusy: Value = 0x8000_0011
    package static let reparse: Value = 0x0000_0104
    package static let objectNameExists: Value = 0x4000_0000
    package static let infoLengthMismatch: Value = 0xC000_0004
    package static let moreProcessingRequired: Value = 0xC000_0016
    package static let bufferTooSmall: Value = 0xC000_0023
    package static let diskCorrupt: Value = 0xC000_0032
    package static let invalidInfoClass: Value = 0xC000_0003
    package static let deletePending: Value = 0xC000_0056
    package static let eaListInconsistent: Value = 0x8000_0014
    package static let noSuchDriver: Value = 0xC000_026C
}
