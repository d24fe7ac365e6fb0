// SPDX-License-Identifier: GPL-3.0-or-later

/// `RTL_TIME_ZONE_INFORMATION`: biases in minutes, to be added to local time to get universal time. The starts are TIME_FIELDS: year, month, day, hour, minute, second,
/// milliseconds, weekday; without a year, the day is the number of the weekday in the month, 5 the last one.
package struct RTL_TIME_ZONE_INFORMATION: Structure {
    package static let size: UInt32 = 0xAC
    package let Bias = Field.i32(0x00)
    package let StandardName = ArrayField(0x04, count: 32, stride: 2, of: "WCHAR")
    package let StandardStart = ArrayField(0x44, count: 8, stride: 2, of: "SHORT")
    package let StandardBias = Field.i32(0x54)
    package let DaylightName = ArrayField(0x58, count: 32, stride: 2, of: "WCHAR")
    package let DaylightStart = ArrayField(0x98, count: 8, stride: 2, of: "SHORT")
    package let DaylightBias = Field.i32(0xA8)

    package static let layout = Self()
}
