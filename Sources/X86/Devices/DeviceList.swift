// SPDX-License-Identifier: GPL-3.0-or-later

extension Devices {
    /// Every device of the PC; this list is all there is to say about which there are. Where several are due at the same instruction, the order is this one.
    static func list(memoryBytes: Int) -> [DeviceSlot] {
        [
            DeviceSlot(PIC()),
            DeviceSlot(PIT()),
            DeviceSlot(CMOS(memoryBytes: memoryBytes)),
            DeviceSlot(UART(base: 0x3F8, irq: 4, port: 0)),
            DeviceSlot(UART(base: 0x2F8, irq: 3, port: 1)),
            DeviceSlot(KeyboardController()),
            DeviceSlot(TextScreen()),
            DeviceSlot(SystemControl()),
            DeviceSlot(PowerManagement()),
            DeviceSlot(DMA()),
            DeviceSlot(Disk()),
            DeviceSlot(DebugConsole()),
            DeviceSlot(DebugExit()),
        ]
    }
}
