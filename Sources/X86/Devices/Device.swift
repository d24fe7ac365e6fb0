// SPDX-License-Identifier: GPL-3.0-or-later

/// A device of the PC: its whole state as one value, and what it does when one of its ports is touched or its time has come. Every device is a file in this
/// folder and a line in `DeviceList.swift`.
///
/// A device knows nothing of the others. What goes on outside it, it finds on the `Bus` that each call carries: the time, the interrupt lines, the A20 gate.
/// It may not keep anything that a copy of the value does not copy, and looks at no clock but `Bus.now`.
protocol Device: Equatable, Sendable {
    /// The ports it answers. Where two devices claim a port, the one further down the list has it.
    var ports: [ClosedRange<UInt16>] { get }

    /// The instruction count at which it next does something by itself; `.max` when it only answers.
    var nextEvent: UInt64 { get }

    /// IN of one byte from a port of its own.
    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8

    /// OUT of one byte to a port of its own.
    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus)

    /// IN of 2 or 4 bytes where the device has a port of that width. Nil: the access falls apart into bytes at this port and the following, as on the ISA
    /// bus.
    mutating func readWide(_ port: UInt16, size: Int, _ bus: inout Bus) -> UInt32?

    /// OUT of 2 or 4 bytes, likewise; false when it falls apart.
    mutating func writeWide(_ port: UInt16, size: Int, _ value: UInt32, _ bus: inout Bus) -> Bool

    /// Does what is due at `bus.now`, which is at or behind `nextEvent`.
    mutating func advance(_ bus: inout Bus)

    /// Feeds the whole state to a hash: values that differ must differ in what they feed.
    func hash(into hasher: inout StableHasher)
}

extension Device {
    var nextEvent: UInt64 { .max }
    mutating func readWide(_ port: UInt16, size: Int, _ bus: inout Bus) -> UInt32? { nil }
    mutating func writeWide(_ port: UInt16, size: Int, _ value: UInt32, _ bus: inout Bus) -> Bool { false }
    mutating func advance(_ bus: inout Bus) {}
}

/// How simulated time relates to instructions. The one place where it is said.
package enum DeviceTime {
    /// Instructions per microsecond of device time.
    package static var instructionsPerMicrosecond: UInt64 { 100 }
    package static var instructionsPerSecond: UInt64 { instructionsPerMicrosecond * 1_000_000 }
}
