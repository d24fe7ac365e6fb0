// SPDX-License-Identifier: GPL-3.0-or-later

extension Status {
    package static let reparseObject: Value = 0x0000_0118
    package static let handleNotClosable: Value = 0xC000_0235
    package static let noMoreEntries: Value = 0x8000_001A
}
