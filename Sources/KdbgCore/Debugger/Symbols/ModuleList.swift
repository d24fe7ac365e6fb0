// SPDX-License-Identifier: GPL-3.0-or-later

/// A loaded image, as its LDR_DATA_TABLE_ENTRY in guest memory describes it (spec/boot.md section 5.8).
package struct LoadedModule: Equatable, Sendable {
    /// Base name, such as `ntoskrnl.exe`.
    package var name: String
    /// Virtual.
    package var base: UInt32
    /// Bytes of the image.
    package var size: UInt32

    package func contains(_ address: UInt32) -> Bool {
        address >= base && address - base < size
    }
}

/// Walks the kernel's list of loaded modules in guest memory.
package enum ModuleList {
    /// Offsets in LDR_DATA_TABLE_ENTRY.
    private enum Entry {
        static let dllBase: UInt32 = 0x18
        static let sizeOfImage: UInt32 = 0x20
        static let baseDllName: UInt32 = 0x2C
    }

    /// Lists in guest memory may loop or lead nowhere.
    private static let limit = 512

    /// The modules in load order; empty when no list can be found.
    package static func modules(in target: any Target) -> [LoadedModule] {
        guard target.hasKernel else { return [] }
        for head in heads(in: target) {
            let modules = walk(head, in: target)
            if !modules.isEmpty { return modules }
        }
        return earlyModules(in: target)
    }

    /// The images of the running thread's process, as its own loader lists them (PEB.Ldr); none for a process without user mode.
    package static func userModules(in target: any Target) -> [LoadedModule] {
        guard let thread = target.read32(ProcessorState.pcr &+ 0x124), let process = target.read32(thread &+ 0x38),
            let peb = target.read32(process &+ 0x1A0), peb != 0, let loader = target.read32(peb &+ 0x0C), loader != 0
        else { return [] }
        return walk(loader &+ PEB_LDR_DATA.layout.InLoadOrderModuleList.offset, in: target)
    }

    /// The module that holds the virtual address.
    package static func module(containing address: UInt32, in target: any Target) -> LoadedModule? {
        modules(in: target).first { $0.contains(address) }
    }

    /// Where a list begins: the kernel's own list once it is built, the loader's before. `LoadOrderListHead` is the loader block's first field
    /// (spec/boot.md section 5.9).
    private static func heads(in target: any Target) -> [UInt32] {
        var heads: [UInt32] = []
        if let symbol = target.symbols.symbol(named: "PsLoadedModuleList"), let first = target.read32(symbol.address), first != 0 {
            heads.append(symbol.address)
        }
        if let block = target.global("KeLoaderBlock"), block != 0 { heads.append(block) }
        return heads
    }

    /// Whether `PsLoadedModuleList` has been built.
    static func hasKernelList(in target: any Target) -> Bool {
        guard let head = target.symbols.symbol(named: "PsLoadedModuleList")?.address, let first = target.read32(head) else { return false }
        return first != 0 && first != head
    }

    /// The modules before `KeLoaderBlock` is set, in the kernel's first instructions: the loader block is the argument of `KiSystemStartup`, whose
    /// frame is being made, is there, or is the one below. Only a list with the program counter in it is believed.
    private static func earlyModules(in target: any Target) -> [LoadedModule] {
        let registers = target.registers
        let ebp = registers.ebp
        for place in [registers.esp &+ 4, registers.esp &+ 8, ebp &+ 8, (target.read32(ebp) ?? 0) &+ 8] {
            guard let block = target.read32(place) else { continue }
            let modules = walk(block, in: target)
            if modules.contains(where: { $0.contains(registers.eip) }) { return modules }
        }
        return []
    }

    private static func walk(_ head: UInt32, in target: any Target) -> [LoadedModule] {
        var modules: [LoadedModule] = []
        var entry = target.read32(head)
        while let address = entry, address != head, address != 0, modules.count < limit {
            guard let base = target.read32(address &+ Entry.dllBase), let size = target.read32(address &+ Entry.sizeOfImage),
                let name = target.unicodeString(at: address &+ Entry.baseDllName)
            else { break }
            modules.append(LoadedModule(name: name, base: base, size: size))
            entry = target.read32(address)
        }
        return modules
    }
}
