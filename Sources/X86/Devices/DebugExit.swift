// SPDX-License-Identifier: GPL-3.0-or-later

/// QEMU's isa-debug-exit at ports F4h to F7h: a write ends the run with the written value, of whatever width.
struct DebugExit: Device {
    var ports: [ClosedRange<UInt16>] { [0xF4...0xF7] }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 { 0 }
    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) { bus.exitCode = UInt32(value) }

    mutating func writeWide(_ port: UInt16, size: Int, _ value: UInt32, _ bus: inout Bus) -> Bool {
        bus.exitCode = value
        return true
    }

    func hash(into hasher: inout StableHasher) {}
}
