// SPDX-License-Identifier: GPL-3.0-or-later

/// The debug console of Bochs and QEMU at port E9h: what is written goes to the host, and reading answers E9h, by which a guest finds out that it is there.
struct DebugConsole: Device {
    var ports: [ClosedRange<UInt16>] { [0xE9...0xE9] }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 { 0xE9 }
    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) { bus.outbox.print(value) }
    func hash(into hasher: inout StableHasher) {}
}
