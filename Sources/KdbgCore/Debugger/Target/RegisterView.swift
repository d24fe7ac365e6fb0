// SPDX-License-Identifier: GPL-3.0-or-later

/// The registers an expression can name (spec/kdbg.md section 2.3).
package enum Register: String, CaseIterable, Sendable {
    case eip, eflags, eax, ebx, ecx, edx, esi, edi, esp, ebp
    case cs, ds, es, fs, gs, ss
    case dr0, dr1, dr2, dr3, dr6, dr7
}

/// The registers as the debugger sees them: the processor's, or those a CONTEXT record in guest memory has kept (section 1.5).
package struct RegisterView: Equatable, Sendable {
    package var eip: UInt32 = 0
    package var eflags: UInt32 = 0
    package var eax: UInt32 = 0
    package var ebx: UInt32 = 0
    package var ecx: UInt32 = 0
    package var edx: UInt32 = 0
    package var esi: UInt32 = 0
    package var edi: UInt32 = 0
    package var esp: UInt32 = 0
    package var ebp: UInt32 = 0
    /// Segment registers: selectors.
    package var cs: UInt32 = 0
    package var ds: UInt32 = 0
    package var es: UInt32 = 0
    package var fs: UInt32 = 0
    package var gs: UInt32 = 0
    package var ss: UInt32 = 0
    package var dr0: UInt32 = 0
    package var dr1: UInt32 = 0
    package var dr2: UInt32 = 0
    package var dr3: UInt32 = 0
    package var dr6: UInt32 = 0
    package var dr7: UInt32 = 0
    /// Linear address of the code segment, and whether its code is 16-bit. The kernel's segments are flat and 32-bit.
    package var codeBase: UInt32 = 0
    package var is16Bit = false
    /// The same of the stack.
    package var stackBase: UInt32 = 0
    package var hasSmallStack = false

    package init() {}

    /// Linear address of the next instruction.
    package var programCounter: UInt32 { codeBase &+ eip }
    /// Linear address of the segment that code at a linear address is taken to run in: the code segment when it holds the address. A 16-bit one reaches 64 KiB
    /// far.
    package func segment(of address: UInt32) -> UInt32 {
        guard is16Bit else { return codeBase }
        return address &- codeBase <= 0xFFFF ? codeBase : address & 0xFFFF_0000
    }

    /// Linear addresses of the stack's top and of the frame.
    package var stackTop: UInt32 { stackBase &+ (hasSmallStack ? esp & 0xFFFF : esp) }
    package var frame: UInt32 { stackBase &+ (hasSmallStack ? ebp & 0xFFFF : ebp) }

    package subscript(register: Register) -> UInt32 {
        switch register {
        case .eip: eip
        case .eflags: eflags
        case .eax: eax
        case .ebx: ebx
        case .ecx: ecx
        case .edx: edx
        case .esi: esi
        case .edi: edi
        case .esp: esp
        case .ebp: ebp
        // Only of CS are the upper bits of the stored field dropped (section 2.3).
        case .cs: cs & 0xFFFF
        case .ds: ds
        case .es: es
        case .fs: fs
        case .gs: gs
        case .ss: ss
        case .dr0: dr0
        case .dr1: dr1
        case .dr2: dr2
        case .dr3: dr3
        case .dr6: dr6
        case .dr7: dr7
        }
    }
}

extension RegisterView {
    /// Offsets in the CONTEXT record (spec/boot.md section 5.16) of what this view holds.
    private static let contextFields: [(offset: UInt32, field: WritableKeyPath<RegisterView, UInt32> & Sendable)] = [
        (0x04, \.dr0), (0x08, \.dr1), (0x0C, \.dr2), (0x10, \.dr3), (0x14, \.dr6), (0x18, \.dr7),
        (0x8C, \.gs), (0x90, \.fs), (0x94, \.es), (0x98, \.ds),
        (0x9C, \.edi), (0xA0, \.esi), (0xA4, \.ebx), (0xA8, \.edx), (0xAC, \.ecx), (0xB0, \.eax),
        (0xB4, \.ebp), (0xB8, \.eip), (0xBC, \.cs), (0xC0, \.eflags), (0xC4, \.esp), (0xC8, \.ss),
    ]

    /// Where `Eip` is in a CONTEXT record.
    package static let contextEip: UInt32 = 0xB8
    /// Where `Esp` is.
    package static let contextEsp: UInt32 = 0xC4

    /// Reads the CONTEXT record at a virtual address; nil when it is not readable.
    package init?(context: UInt32, in target: any Target) {
        self.init()
        for (offset, field) in Self.contextFields {
            guard let value = target.read32(context &+ offset) else { return nil }
            self[keyPath: field] = value
        }
    }
}
