// SPDX-License-Identifier: GPL-3.0-or-later

/// `CONFIGURATION_COMPONENT_DATA` (spec/boot.md section 5.9).
package struct CONFIGURATION_COMPONENT_DATA: Structure {
    package static let size: UInt32 = 0x34
    package let Parent = PointerTo<CONFIGURATION_COMPONENT_DATA>(0x00)
    package let Child = PointerTo<CONFIGURATION_COMPONENT_DATA>(0x04)
    package let Sibling = PointerTo<CONFIGURATION_COMPONENT_DATA>(0x08)
    package let ComponentEntry = ArrayField(0x0C, count: 9, stride: 4, of: "ULONG")
    package let ConfigurationData = Field.pointer(0x30, to: "VOID")

    package static let layout = Self()
}
