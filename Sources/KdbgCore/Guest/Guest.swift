// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A machine with a loaded system, our kernel or somebody else's program: what the debugger has in front of it.
package final class Guest {
    package let machine: Machine
    /// Every routine and variable of the images, where they are now.
    package private(set) var symbols: SymbolTable
    /// The boot steps by the virtual address of their routine's first instruction, of images that are loaded.
    package private(set) var bootSteps: [UInt32: BootStep]
    /// The images as linked: those that the boot loader has loaded, in load order, then the others. Where they are is what the guest's lists said last; see
    /// `ModuleObserver`.
    package private(set) var placedImages: [PlacedImage]
    /// The images as linked, in the same order.
    package var images: [Image] { placedImages.map(\.image) }
    /// Swift services by the number their stubs hold in EAX.
    private let services: [Routine]
    /// The physical address of the boot volume's copy in memory, when the system boots from that.
    package let ramDisk: UInt32?
    /// Whether the system is our kernel, with what the debugger knows of it.
    package let hasKernel: Bool

    /// A machine with our kernel in it.
    package init(machine: Machine, images: [PlacedImage], services: [Routine], ramDisk: UInt32? = nil) {
        self.ramDisk = ramDisk
        self.machine = machine
        self.services = services
        placedImages = images
        symbols = SymbolTable(images.map(\.part))
        bootSteps = Self.steps(of: images)
        hasKernel = true
    }

    /// A machine with a kernel that a test has put together; nothing in it moves.
    package init(machine: Machine, symbols: SymbolTable, bootSteps: [UInt32: BootStep], services: [Routine]) {
        ramDisk = nil
        self.machine = machine
        self.symbols = symbols
        self.bootSteps = bootSteps
        self.services = services
        placedImages = []
        hasKernel = true
    }

    private static func steps(of images: [PlacedImage]) -> [UInt32: BootStep] {
        var steps: [UInt32: BootStep] = [:]
        for image in images {
            guard let base = image.base else { continue }
            for step in image.image.steps { steps[base + step.rva] = step.step }
        }
        return steps
    }

    /// Takes note of where the images are now.
    /// - Parameter bases: by index in `placedImages`; nil for those that are not loaded.
    /// - Returns: whether anything has changed.
    package func place(_ bases: [UInt32?]) -> Bool {
        guard bases != placedImages.map(\.base) else { return false }
        for index in placedImages.indices { placedImages[index].base = bases[index] }
        symbols = SymbolTable(placedImages.map(\.part))
        bootSteps = Self.steps(of: placedImages)
        return true
    }

    /// A machine with somebody else's program.
    /// - Parameter symbols: its own, if they are known.
    package init(bare machine: Machine, symbols: SymbolTable) {
        self.machine = machine
        self.symbols = symbols
        bootSteps = [:]
        placedImages = []
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
