// SPDX-License-Identifier: GPL-3.0-or-later

/// `TIME_FIELDS`: a moment as people write it (Windows DDK, wdm.h).
package struct TIME_FIELDS: Structure {
    package static let size: UInt32 = 0x10
    package let Year = Field.u16(0x00)
    package let Month = Field.u16(0x02)
    package let Day = Field.u16(0x04)
    package let Hour = Field.u16(0x06)
    package let Minute = Field.u16(0x08)
    package let Second = Field.u16(0x0A)
    package let Milliseconds = Field.u16(0x0C)
    package let Weekday = Field.u16(0x0E)

    package static let layout = Self()
}
