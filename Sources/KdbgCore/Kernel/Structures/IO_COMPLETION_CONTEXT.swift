// SPDX-License-Identifier: GPL-3.0-or-later

/// `IO_COMPLETION_CONTEXT` (spec/boot.md section 5.7: the port behind a file).
package struct IO_COMPLETION_CONTEXT: Structure {
    package static let size: UInt32 = 0x8
    package let Port = PointerTo<KQUEUE>(0x00)
    package let Key = Field.pointer(0x04, to: "VOID")

    package static let layout = Self()
}
