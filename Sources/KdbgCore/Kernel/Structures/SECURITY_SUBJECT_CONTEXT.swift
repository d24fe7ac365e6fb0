// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECURITY_SUBJECT_CONTEXT`: on whose behalf something is done; both tokens are referenced.
package struct SECURITY_SUBJECT_CONTEXT: Structure {
    package static let size: UInt32 = 0x10
    package let ClientToken = Field.pointer(0x00, to: "TOKEN")
    package let ImpersonationLevel = Field.u32(0x04)
    package let PrimaryToken = Field.pointer(0x08, to: "TOKEN")
    package let ProcessAuditId = Field.pointer(0x0C)

    package static let layout = Self()
}
