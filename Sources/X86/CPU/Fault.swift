// SPDX-License-Identifier: GPL-3.0-or-later

/// An exception of the guest (SDM vol. 3, 6.15): faults, traps and aborts alike.
package struct Fault: Error, Equatable, Sendable {
    /// Interrupt vector, 0...31.
    package var vector: UInt8
    /// Pushed after the return address when `hasErrorCode`.
    package var errorCode: UInt32
    /// Whether the vector pushes an error code (SDM vol. 3, table 6-1).
    package var hasErrorCode: Bool
    /// The faulting linear address, for page faults only.
    package var cr2: UInt32

    init(_ vector: UInt8) {
        self.vector = vector
        errorCode = 0
        hasErrorCode = false
        cr2 = 0
    }

    init(_ vector: UInt8, code: UInt32, cr2: UInt32 = 0) {
        self.vector = vector
        errorCode = code
        hasErrorCode = true
        self.cr2 = cr2
    }

    static var divide: Fault { Fault(0) }
    static var debug: Fault { Fault(1) }
    static var breakpoint: Fault { Fault(3) }
    static var overflow: Fault { Fault(4) }
    static var bound: Fault { Fault(5) }
    static var invalidOpcode: Fault { Fault(6) }
    static var deviceNotAvailable: Fault { Fault(7) }
    static var doubleFault: Fault { Fault(8, code: 0) }
    /// #TS with a selector.
    static func invalidTSS(_ selector: UInt16) -> Fault { Fault(10, code: UInt32(selector & 0xFFFC)) }
    /// #NP with a selector.
    static func notPresent(_ selector: UInt16) -> Fault { Fault(11, code: UInt32(selector & 0xFFFC)) }
    /// #SS with a ready error code.
    static func stack(_ code: UInt32) -> Fault { Fault(12, code: code) }
    /// #SS or #GP with a selector error code: the low two bits are cleared, EXT is added on delivery.
    static func stack(selector: UInt16) -> Fault { Fault(12, code: UInt32(selector & 0xFFFC)) }
    /// #GP with a ready error code.
    static func protection(_ code: UInt32) -> Fault { Fault(13, code: code) }
    /// #GP with a selector.
    static func protection(selector: UInt16) -> Fault { Fault(13, code: UInt32(selector & 0xFFFC)) }
    /// #PF at a linear address; code bits are P, W, U, RSVD (SDM vol. 3, 4.7).
    static func page(_ address: UInt32, code: UInt32) -> Fault { Fault(14, code: code, cr2: address) }
    static var alignment: Fault { Fault(17, code: 0) }

    /// Contributory exceptions turn a second one into a double fault (SDM vol. 3, table 6-5).
    var isContributory: Bool { vector == 0 || (10...13).contains(vector) }
}
