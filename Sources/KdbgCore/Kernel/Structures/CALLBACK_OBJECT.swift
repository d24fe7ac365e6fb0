// SPDX-License-Identifier: GPL-3.0-or-later

/// `CALLBACK_OBJECT`, what `\Callback` holds.
package struct CALLBACK_OBJECT: Structure {
    package static let size: UInt32 = 0x14
    package let Signature = Field.u32(0x00)
    package let Lock = Field.u32(0x04)
    package let RegisteredCallbacks = Embedded<LIST_ENTRY>(0x08)
    package let AllowMultipleCallbacks = Field.u8(0x10)

    package static let layout = Self()
}
