// SPDX-License-Identifier: GPL-3.0-or-later

/// `KPROCESSOR_STATE` (spec/boot.md section 5.11).
package struct KPROCESSOR_STATE: Structure {
    package static let size: UInt32 = 0x320
    package let ContextFrame = Embedded<CONTEXT>(0x00)
    package let SpecialRegisters = Embedded<KSPECIAL_REGISTERS>(0x2CC)

    package static let layout = Self()
}
