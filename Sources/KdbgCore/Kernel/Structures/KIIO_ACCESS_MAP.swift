// SPDX-License-Identifier: GPL-3.0-or-later

/// `KIIO_ACCESS_MAP` (spec/boot.md section 5.17): which ports user mode may use, a bit each, 1 for no; in front of it the interrupts that virtual 8086 mode sees.
package struct KIIO_ACCESS_MAP: Structure {
    package static let size: UInt32 = 0x2024
    package let DirectionMap = ArrayField(0x00, count: 32, stride: 1, of: "UCHAR")
    package let IoMap = ArrayField(0x20, count: 8196, stride: 1, of: "UCHAR")

    package static let layout = Self()
}
