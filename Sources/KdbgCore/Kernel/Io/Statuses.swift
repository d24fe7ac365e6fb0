// SPDX-License-Identifier: GPL-3.0-or-later

/// NTSTATUS values of objects and input/output.
extension Status {
    package static let reparse: Value = 0x0000_0104
    package static let objectNameExists: Value = 0x4000_0000
    package static let infoLengthMismatch: Value = 0xC000_0004
    package static let moreProcessingRequired: Value = 0xC000_0016
    package static let bufferTooSmall: Value = 0xC000_0023
    package static let diskCorrupt: Value = 0xC000_0032
    package static let invalidInfoClass: Value = 0xC000_0003
    package static let noSuchDriver: Value = 0xC000_026C
}
