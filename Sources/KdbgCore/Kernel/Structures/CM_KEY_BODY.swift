// SPDX-License-Identifier: GPL-3.0-or-later

/// `CM_KEY_BODY`: the body of a Key object, `Type` is 'ky02'.
package struct CM_KEY_BODY: Structure {
    package static let size: UInt32 = 0x18
    package let `Type` = Field.u32(0x00)
    package let KeyControlBlock = PointerTo<CM_KEY_CONTROL_BLOCK>(0x04)
    package let NotifyBlock = Field.pointer(0x08, to: "CM_NOTIFY_BLOCK")
    package let ProcessID = Field.u32(0x0C)
    package let KeyBodyList = Embedded<LIST_ENTRY>(0x10)

    package static let layout = Self()
}
