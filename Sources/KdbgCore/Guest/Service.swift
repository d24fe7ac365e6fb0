// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What a Swift service is called with: the guest as it stands behind the VMCALL in the service's stub.
///
/// A service reads and writes guest memory and keeps nothing of its own. It is not a CPU: what it cannot read it must report as a status.
package struct ServiceCall {
    package let machine: Machine
    /// EBP of the stub's frame, a virtual address; the stdcall arguments are above it. A guest may execute VMCALL with anything there.
    private let frame: UInt32
    private let symbols: SymbolTable

    init(_ machine: Machine, _ symbols: SymbolTable) {
        self.machine = machine
        self.symbols = symbols
        frame = machine.registers.ebp
    }

    /// The virtual address of an item of the kernel image, which must be linked.
    package func address(of item: some Item) -> UInt32 {
        guard let symbol = symbols.symbol(named: item.name) else { preconditionFailure("\(item.name) is not linked") }
        return symbol.address
    }

    /// The argument with that index, from 0.
    package func argument(_ index: Int) -> UInt32 { machine.read32(linear: addressOfArgument(index)) ?? 0 }

    /// The virtual address of the argument with that index, where a variable argument list may start.
    package func addressOfArgument(_ index: Int) -> UInt32 { frame &+ 8 &+ 4 * UInt32(index) }
}

/// A call that only the debugger can answer. The guest waits behind its VMCALL until `finish`.
package struct HostCall {
    /// The routine's name, such as `KdbpCliMainLoop`.
    package let name: String
    /// The stdcall arguments.
    package let arguments: [UInt32]
    private let machine: Machine

    init(name: String, arguments: [UInt32], machine: Machine) {
        self.name = name
        self.arguments = arguments
        self.machine = machine
    }

    /// Gives the call its result, in EAX.
    package func finish(_ result: UInt32) { machine.registers.eax = result }
}

extension Routine {
    /// The guest code of a service's stub: a frame, the service's number in EAX, VMCALL.
    static func stub(service: UInt32, of routine: Routine) -> Assembler {
        var assembler = Assembler()
        assembler.push(.ebp)
        assembler.mov(.ebp, .esp)
        assembler.mov(.eax, service)
        assembler.vmcall()
        assembler.pop(.ebp)
        assembler.ret(routine.convention == .stdcall ? UInt16(4 * routine.parameters.count) : 0)
        return assembler
    }
}
