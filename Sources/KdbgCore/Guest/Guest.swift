// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A machine with a loaded system, our kernel or somebody else's program: what the debugger has in front of it.
package final class Guest {
    package let machine: Machine
    /// Every routine and variable of the loaded images.
    package let symbols: SymbolTable
    /// The boot steps by the virtual address of their routine's first instruction.
    package let bootSteps: [UInt32: BootStep]
    /// The images as linked, in load order.
    package let images: [Image]
    /// Swift services by the number their stubs hold in EAX.
    private let services: [Routine]
    /// The physical address of the boot volume's copy in memory, when the system boots from that.
    package let ramDisk: UInt32?
    /// Whether the system is our kernel, with what the debugger knows of it.
    package let hasKernel: Bool

    package init(
        machine: Machine, symbols: SymbolTable, bootSteps: [UInt32: BootStep], images: [Image], services: [Routine], ramDisk: UInt32? = nil
    ) {
        self.ramDisk = ramDisk
        self.machine = machine
        self.symbols = symbols
        self.bootSteps = bootSteps
        self.images = images
        self.services = services
        hasKernel = true
    }

    /// A machine with somebody else's program.
    /// - Parameter symbols: its own, if they are known.
    package init(bare machine: Machine, symbols: SymbolTable) {
        self.machine = machine
        self.symbols = symbols
        bootSteps = [:]
        images = []
        services = []
        ramDisk = nil
        hasKernel = false
    }

    /// The routine or variable of our kernel with that name; nil in somebody else's program, whatever its symbols are called.
    package func kernelSymbol(_ name: String) -> Symbol? {
        hasKernel ? symbols.symbol(named: name) : nil
    }

    /// Runs the Swift service that the VMCALL just executed asks for.
    ///
    /// - Returns: nil when it is done and the guest can run on; a call that only the debugger can answer otherwise. A number that names no
    ///   service returns STATUS_INVALID_SYSTEM_SERVICE to the guest.
    package func serve() -> HostCall? {
        let number = Int(machine.registers.eax)
        guard services.indices.contains(number) else {
            machine.registers.eax = 0xC000_001C
            return nil
        }
        let call = ServiceCall(machine, symbols)
        let routine = services[number]
        switch routine.body {
        case .native(let body):
            machine.registers.eax = body(call)
            return nil
        case .host:
            let arguments = routine.parameters.indices.map { call.argument($0) }
            return HostCall(name: routine.name, arguments: arguments, machine: machine)
        case .framed, .naked:
            preconditionFailure("\(routine.name) is not a service")
        }
    }
}
