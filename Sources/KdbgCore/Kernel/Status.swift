// SPDX-License-Identifier: GPL-3.0-or-later

/// NTSTATUS values that kernel code returns and tests.
package enum Status {
    package static let success: Value = 0
    package static let timeout: Value = 0x0000_0102
    package static let pending: Value = 0x0000_0103
    package static let breakpoint: Value = 0x8000_0003
    package static let singleStep: Value = 0x8000_0004
    package static let datatypeMisalignment: Value = 0x8000_0002
    package static let unsuccessful: Value = 0xC000_0001
    package static let notImplemented: Value = 0xC000_0002
    package static let accessViolation: Value = 0xC000_0005
    package static let inPageError: Value = 0xC000_0006
    package static let invalidHandle: Value = 0xC000_0008
    package static let invalidParameter: Value = 0xC000_000D
    package static let noSuchDevice: Value = 0xC000_000E
    package static let noSuchFile: Value = 0xC000_000F
    package static let invalidDeviceRequest: Value = 0xC000_0010
    package static let endOfFile: Value = 0xC000_0011
    package static let noMemory: Value = 0xC000_0017
    package static let illegalInstruction: Value = 0xC000_001D
    package static let accessDenied: Value = 0xC000_0022
    package static let objectTypeMismatch: Value = 0xC000_0024
    package static let objectNameInvalid: Value = 0xC000_0033
    package static let objectNameNotFound: Value = 0xC000_0034
    package static let objectNameCollision: Value = 0xC000_0035
    package static let portDisconnected: Value = 0xC000_0037
    package static let objectPathNotFound: Value = 0xC000_003A
    package static let objectPathSyntaxBad: Value = 0xC000_003B
    package static let sharingViolation: Value = 0xC000_0043
    package static let diskFull: Value = 0xC000_007F
    package static let integerDivideByZero: Value = 0xC000_0094
    package static let integerOverflow: Value = 0xC000_0095
    package static let insufficientResources: Value = 0xC000_009A
    package static let deviceNotReady: Value = 0xC000_00A3
    package static let ioDeviceError: Value = 0xC000_0185
    package static let fileIsADirectory: Value = 0xC000_00BA
    package static let notSupported: Value = 0xC000_00BB
    package static let deviceDoesNotExist: Value = 0xC000_00C0
    package static let debuggerInactive: Value = 0xC000_0354
    package static let deviceConfigurationError: Value = 0xC000_0182
    package static let nameTooLong: Value = 0xC000_0106
    package static let notADirectory: Value = 0xC000_0103
    package static let unrecognizedVolume: Value = 0xC000_014F
    package static let assertionFailure: Value = 0xC000_0420
    package static let failedDriverEntry: Value = 0xC000_0365
}
