// SPDX-License-Identifier: GPL-3.0-or-later

/// What the user changed in the guest: an input of the run like a key press (design rule 3).
package struct GuestInput: Equatable, Sendable {
    package enum Change: Equatable, Sendable {
        case memory(address: UInt32, bytes: [UInt8])
        /// Of a processor, by number; nil for the one that was executing.
        case register(Register, UInt32, processor: Int? = nil)
        /// Bytes that arrived at COM1.
        case serial([UInt8])
    }

    package var mark: Mark
    package var change: Change
}

extension KernelDebugger {
    /// Puts a change into the journal.
    func note(_ change: GuestInput.Change) {
        journal.append(GuestInput(mark: Mark(instruction: now(), input: journal.count), change: change))
    }

    /// Writes a register: into the saved context while the guest waits in the debugger, otherwise into the processor.
    func set(_ register: Register, to value: UInt32) throws(CommandError) {
        guard attached == nil else {
            throw CommandError("r: The registers of an attached thread are read only.", hint: "Attach back to the current thread first.")
        }
        guard RegisterView.writable.contains(register) else {
            throw CommandError("r: \(register.rawValue) is read only.")
        }
        if let contextAddress, target.selectedProcessor == nil {
            guard let offset = RegisterView.contextOffset(of: register), target.write32(contextAddress &+ offset, value) else {
                throw CommandError("Couldn't access memory at 0x\(contextAddress.pointer)")
            }
            context = RegisterView(context: contextAddress, in: target)
        } else {
            target.setRegister(register, value)
        }
        note(.register(register, value, processor: target.selectedProcessor))
    }
}

extension RegisterView {
    /// Registers that `r` may change: a wrong selector or debug register would not be what anybody wants.
    static let writable: Set<Register> = [.eip, .eflags, .eax, .ebx, .ecx, .edx, .esi, .edi, .esp, .ebp]

    /// Where a writable register is in a CONTEXT record.
    static func contextOffset(of register: Register) -> UInt32? {
        let layout = CONTEXT.layout
        return switch register {
        case .edi: layout.Edi.offset
        case .esi: layout.Esi.offset
        case .ebx: layout.Ebx.offset
        case .edx: layout.Edx.offset
        case .ecx: layout.Ecx.offset
        case .eax: layout.Eax.offset
        case .ebp: layout.Ebp.offset
        case .eip: layout.Eip.offset
        case .eflags: layout.EFlags.offset
        case .esp: layout.Esp.offset
        default: nil
        }
    }
}
