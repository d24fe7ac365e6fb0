// SPDX-License-Identifier: GPL-3.0-or-later

/// `I386_LOADER_BLOCK`: what the loader says on this kind of processor only (spec/boot.md section 5.9).
package struct I386_LOADER_BLOCK: Structure {
    package static let size: UInt32 = 0xC
    package let CommonDataArea = Field.pointer(0x00)
    package let MachineType = Field.u32(0x04)
    package let VirtualBias = Field.u32(0x08)

    package static let layout = Self()
}
