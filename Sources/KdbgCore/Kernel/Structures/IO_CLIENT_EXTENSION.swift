// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_CLIENT_EXTENSION` (spec/boot.md section 5.4).
package struct IO_CLIENT_EXTENSION: Structure {
    package static let size: UInt32 = 0x08
    package let NextExtension = PointerTo<IO_CLIENT_EXTENSION>(0x00)
    package let ClientIdentificationAddress = Field.pointer(0x04, to: "VOID")

    package static let layout = Self()
}
