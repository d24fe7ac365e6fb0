// SPDX-License-Identifier: GPL-3.0-or-later

/// `PHYSICAL_MEMORY_DESCRIPTOR`: usable memory as runs of pages; PHYSICAL_MEMORY_RUNs follow.
package struct PHYSICAL_MEMORY_DESCRIPTOR: Structure {
    package static let size: UInt32 = 0x10
    package let NumberOfRuns = Field.u32(0x00)
    package let NumberOfPages = Field.u32(0x04)
    package let Run = Embedded<PHYSICAL_MEMORY_RUN>(0x08)

    package static let layout = Self()
}
