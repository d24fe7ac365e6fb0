// SPDX-License-Identifier: GPL-3.0-or-later

/// What the devices have sent to the outside world and the host has not taken yet. Nothing in here comes back to the guest, so it belongs to no snapshot and
/// to no hash: a machine that goes back and runs again sends again.
struct Outbox: Sendable {
    /// Bytes sent by COM1 and COM2.
    private(set) var serial: (com1: [UInt8], com2: [UInt8]) = ([], [])
    /// Bytes written to port E9h.
    private(set) var console: [UInt8] = []
    /// What left by COM1 and port E9h in the order in which it did, the console's with bit 8 set; nil when nobody wants to know.
    var ordered: [UInt16]?
    /// The port whose writes are POST codes.
    var postPort: UInt16 = 0x80
    /// POST codes written, the first `postCapacity` since they were last taken: some kernels write to port 80h for the delay.
    private(set) var postCodes: [UInt8] = []

    static var postCapacity: Int { 0x1_0000 }

    /// A byte leaves a serial port, 0 for COM1 and 1 for COM2.
    mutating func send(_ byte: UInt8, port: Int) {
        if port != 0 { return serial.com2.append(byte) }
        if ordered != nil { ordered?.append(UInt16(byte)) } else { serial.com1.append(byte) }
    }

    /// A byte for the debug console.
    mutating func print(_ byte: UInt8) {
        if ordered != nil { ordered?.append(0x100 | UInt16(byte)) } else { console.append(byte) }
    }

    /// A POST code.
    mutating func post(_ code: UInt8) {
        if postCodes.count < Self.postCapacity { postCodes.append(code) }
    }

    /// Takes what a serial port sent.
    mutating func drainSerial(port: Int) -> [UInt8] {
        if port == 0 {
            defer { serial.com1 = [] }
            return serial.com1
        }
        defer { serial.com2 = [] }
        return serial.com2
    }

    /// Takes what the console got.
    mutating func drainConsole() -> [UInt8] {
        defer { console = [] }
        return console
    }

    /// Takes the POST codes.
    mutating func drainPostCodes() -> [UInt8] {
        defer { postCodes = [] }
        return postCodes
    }
}
