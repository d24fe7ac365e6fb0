// SPDX-License-Identifier: GPL-3.0-or-later

/// `HAL_BUS_HANDLER`: the entry of HalpAllBusHandlers around a handler.
package struct HAL_BUS_HANDLER: Structure {
    package static let size: UInt32 = 0x78
    package let AllHandlers = Embedded<LIST_ENTRY>(0x00)
    package let ReferenceCount = Field.u32(0x08)
    package let Handler = Embedded<BUS_HANDLER>(0x0C)

    package static let layout = Self()
}
