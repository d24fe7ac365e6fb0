// SPDX-License-Identifier: GPL-3.0-or-later

/// `SECURITY_DESCRIPTOR_HEADER`: what stands before a self-relative descriptor in the cache of the object manager.
package struct SECURITY_DESCRIPTOR_HEADER: Structure {
    package static let size: UInt32 = 0x10
    package let Link = Embedded<LIST_ENTRY>(0x00)
    package let RefCount = Field.u32(0x08)
    package let FullHash = Field.u32(0x0C)

    package static let layout = Self()
}
