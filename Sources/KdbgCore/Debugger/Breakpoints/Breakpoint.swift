// SPDX-License-Identifier: GPL-3.0-or-later

/// One of the user's breakpoints (spec/kdbg.md section 5). It lives in the host and patches nothing in the guest (design rule 4).
package struct Breakpoint: Sendable {
    package enum Access: String, Sendable {
        case read, write, rdwr, exec
    }

    /// Bytes watched.
    package enum Size: Int, Sendable {
        case byte = 1
        case word = 2
        case dword = 4

        package var name: String {
            switch self {
            case .byte: "byte"
            case .word: "word"
            case .dword: "dword"
            }
        }
    }

    package enum Kind: Equatable, Sendable {
        /// `bpx`.
        case software
        /// `bpm`: what KDBG would put into a debug register.
        case hardware(Access, Size)
    }

    /// What an enabled breakpoint has in the machine.
    package enum Armed: Equatable, Sendable {
        case codeStop
        case dataStop(Int)
        /// Nothing yet: its image is not loaded.
        case waiting
    }

    package var kind: Kind
    /// Virtual. While it waits for an image, what was its address last, or 0.
    package var address: UInt32
    package var condition: Expression?
    /// Where it will be when its image is loaded; nil when it has an address.
    package var awaited: ImagePlace?
    /// Goes when it has stopped the machine once (`tbp`).
    package var isTemporary = false
    /// Lines that are executed when it stops the machine.
    package var commands: [String] = []
    /// Nil while it is disabled.
    package var armed: Armed?
    /// The number of the debug register it stands for, 0 to 3; for enabled hardware breakpoints only.
    package var debugRegister: Int?

    package init(kind: Kind, address: UInt32, condition: Expression? = nil) {
        self.kind = kind
        self.address = address
        self.condition = condition
    }

    package var isEnabled: Bool { armed != nil }

    /// Whether it stops in front of an instruction, as opposed to behind an access.
    package var stopsAtCode: Bool {
        switch kind {
        case .software, .hardware(.exec, _): true
        default: false
        }
    }
}
