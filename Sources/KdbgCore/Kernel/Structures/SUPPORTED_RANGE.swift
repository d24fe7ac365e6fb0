// SPDX-License-Identifier: GPL-3.0-or-later

/// `SUPPORTED_RANGE`: bus addresses from Base to Limit; SystemBase is added to them, in the address space with that number (0 memory, 1 ports).
package struct SUPPORTED_RANGE: Structure {
    package static let size: UInt32 = 0x20
    package let Next = PointerTo<SUPPORTED_RANGE>(0x00)
    package let SystemAddressSpace = Field.u32(0x04)
    package let SystemBase = Embedded<LARGE_INTEGER>(0x08)
    package let Base = Embedded<LARGE_INTEGER>(0x10)
    package let Limit = Embedded<LARGE_INTEGER>(0x18)

    package static let layout = Self()
}
