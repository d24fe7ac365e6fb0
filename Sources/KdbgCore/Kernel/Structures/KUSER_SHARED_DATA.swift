// SPDX-License-Identifier: GPL-3.0-or-later

/// `KUSER_SHARED_DATA` (spec/boot.md section 5.20).
package struct KUSER_SHARED_DATA: Structure {
    package static let size: UInt32 = 0x380
    package let TickCountLowDeprecated = Field.u32(0x00)
    package let TickCountMultiplier = Field.u32(0x04)
    package let InterruptTime = ArrayField(0x08, count: 3, stride: 4, of: "ULONG")
    package let SystemTime = ArrayField(0x14, count: 3, stride: 4, of: "ULONG")
    package let TimeZoneBias = ArrayField(0x20, count: 3, stride: 4, of: "ULONG")
    package let ImageNumberLow = Field.u16(0x2C)
    package let ImageNumberHigh = Field.u16(0x2E)
    package let NtSystemRoot = ArrayField(0x30, count: 260, stride: 2, of: "USHORT")
    package let TimeZoneId = Field.u32(0x240)
    package let NtProductType = Field.u32(0x264)
    package let NtMajorVersion = Field.u32(0x26C)
    package let NtMinorVersion = Field.u32(0x270)
    package let ProcessorFeatures = ArrayField(0x274, count: 64, stride: 1, of: "UCHAR")
    package let Reserved1 = Field.u32(0x2B4)
    package let Reserved3 = Field.u32(0x2B8)
    package let KdDebuggerEnabled = Field.u8(0x2D4)
    package let NXSupportPolicy = Field.u8(0x2D5)
    package let NumberOfPhysicalPages = Field.u32(0x2E8)

    package static let layout = Self()
}
