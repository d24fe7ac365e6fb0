// SPDX-License-Identifier: GPL-3.0-or-later

/// `CLIENT_ID`: the ids of a thread and its process (spec/boot.md section 5.13).
package struct CLIENT_ID: Structure {
    package static let size: UInt32 = 0x8
    package let UniqueProcess = Field.pointer(0x00)
    package let UniqueThread = Field.pointer(0x04)

    package static let layout = Self()
}
