// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// How the HAL starts another processor: INIT and start-up messages of the local APIC bring it into real mode at a page below 1 MiB; the code there turns on protected
/// mode and paging and goes on in the HAL (Intel SDM vol. 3, 9.4.4).
extension Hal {
    /// Physical address of the page a processor starts in: firmware memory (type 6 in the loader's descriptors) that nobody else uses.
    static let startUpPage: UInt32 = 0x0009_F000
    /// Where the loader maps the local APIC (spec/boot.md section 4.1).
    static let localAPIC: UInt32 = 0xFFFE_0000

    /// The next processor to start; the boot processor is 0.
    static let nextProcessor: Global = .init("HalpNextProcessor", module: .hal) { [.dword(1)] }
    /// Set by a processor that has left the start-up page.
    static let processorStarted: Global = .init("HalpProcessorStarted", module: .hal)

    /// Offsets in the start-up page of what the code there needs, and of its 32-bit part and its GDT.
    private enum StartUp {
        static let cr3: Int32 = 4
        static let cr0: Int32 = 8
        static let state: Int32 = 0x0C
        static let entry: Int32 = 0x10
        static let gdt: UInt32 = 0x80
        static let size: UInt32 = 0x98
    }

    /// What is copied to the start-up page. CS and DS are its segment, 9F00h.
    static let lowStub: Global = .init("HalpLowStub", size: StartUp.size, module: .hal, section: .constants) {
        func pointer(_ offset: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: (startUpPage + offset) >> (8 * $0)) } }
        var bytes: [UInt8] = [0xEB, 0x1E] + Array(repeating: 0, count: 0x12)  // jmp 20h
        bytes += [0x17, 0] + pointer(StartUp.gdt) + Array(repeating: 0, count: 6)  // operand of LGDT at 14h
        bytes += [0xFA, 0x8C, 0xC8, 0x8E, 0xD8]  // cli; mov ax,cs; mov ds,ax
        bytes += [0x66, 0x0F, 0x01, 0x16, 0x14, 0x00]  // lgdt [14h]
        bytes += [0x66, 0xA1, 0x04, 0x00, 0x0F, 0x22, 0xD8]  // mov eax,[4]; mov cr3,eax
        bytes += [0x66, 0xA1, 0x08, 0x00, 0x0F, 0x22, 0xC0]  // mov eax,[8]; mov cr0,eax
        bytes += [0x66, 0xEA] + pointer(0x48) + [0x08, 0x00]  // jmp 8:9F048h
        bytes += Array(repeating: 0x90, count: 0x48 - bytes.count)
        bytes += [0x66, 0xB8, 0x10, 0x00, 0x8E, 0xD8, 0x8E, 0xC0, 0x8E, 0xD0]  // mov ax,10h; mov ds,ax; mov es,ax; mov ss,ax
        bytes += [0x8B, 0x1D] + pointer(0x0C)  // mov ebx,[9F00Ch]
        bytes += [0xA1] + pointer(0x10) + [0xFF, 0xE0]  // mov eax,[9F010h]; jmp eax
        bytes += Array(repeating: 0x90, count: 0x80 - bytes.count)
        bytes += [0, 0, 0, 0, 0, 0, 0, 0]
        bytes += [0xFF, 0xFF, 0, 0, 0, 0x9A, 0xCF, 0] + [0xFF, 0xFF, 0, 0, 0, 0x92, 0xCF, 0]
        return [.bytes(bytes)]
    }

    /// `HalStartNextProcessor(LoaderBlock*, ProcessorState*) -> BOOLEAN`: FALSE when there is no further processor, or it does not answer.
    static let startNextProcessor: Routine = .init("HalStartNextProcessor", ["LoaderBlock", "ProcessorState"], module: .hal) { f in
        let number = f.local(nextProcessor.dword)
        f.if(number >= f.call(countProcessors)) { f.return(0) }
        let stub = f.local(Value(0x8000_0000 + startUpPage))
        let special = f.argument(1, KPROCESSOR_STATE.self).SpecialRegisters
        f.copy(to: stub, from: lowStub, StartUp.size)
        f.set(stub.dword(StartUp.cr3), special.Cr3)
        f.set(stub.dword(StartUp.cr0), special.Cr0)
        f.set(stub.dword(StartUp.state), f.argument(1))
        f.set(stub.dword(StartUp.entry), startProcessor)
        let table = f.call(mapStartUpPage)
        f.if(table == 0) { f.return(0) }
        f.set(processorStarted.dword, 0)
        let apic = Value(localAPIC)
        f.set(apic.dword(0x310), number << 24)
        // INIT, asserted and released; start-up at the page.
        f.set(apic.dword(0x300), 0x4500)
        f.set(apic.dword(0x300), 0x8500)
        f.set(apic.dword(0x300), 0x4600 | startUpPage >> 12)
        let patience = f.local(100_000)
        f.while(processorStarted.dword == 0 && patience != 0) {
            f.asm { a in a.pause() }
            f.set(patience, patience - 1)
        }
        f.call(unmapStartUpPage, table)
        f.set(nextProcessor.dword, number + 1)
        f.return(processorStarted.dword)
    }

    /// `HalpCountProcessors()`: what CPUID says of the package; 1 when there is no local APIC to reach others with.
    private static let countProcessors: Routine = .init("HalpCountProcessors", module: .hal) { f in
        let features = f.local()
        let identity = f.local()
        f.asm(savesRegisters: true) { a in
            a.mov(.eax, 1)
            a.cpuid()
            a.mov(.eax, .edx)
        }
        f.set(features, f.saveEAX())
        f.asm(savesRegisters: true) { a in
            a.mov(.eax, 1)
            a.cpuid()
            a.mov(.eax, .ebx)
        }
        f.set(identity, f.saveEAX())
        f.if((features & 0x200) == 0) { f.return(1) }
        f.return((identity >> 16) & 0xFF)
    }

    /// `HalpMapStartUpPage() -> page table, or NULL`: the page at its physical address, where the processor is when paging begins. The user half of the page directory
    /// is empty during start-up.
    private static let mapStartUpPage: Routine = .init("HalpMapStartUpPage", module: .hal) { f in
        let table = f.call(Ex.allocatePoolWithTag, 0, 0x1000, Value.tag("HalL"))
        f.if(table == 0) { f.return(0) }
        f.zero(table, 0x1000)
        f.set(table.dword(Int32((startUpPage >> 12) * 4)), startUpPage | 3)
        f.set(Mm.pde(of: Value(0)).dword(), (Mm.pte(of: table).dword() & 0xFFFF_F000) | 3)
        f.return(table)
    }

    /// `HalpUnmapStartUpPage(Table*)`.
    private static let unmapStartUpPage: Routine = .init("HalpUnmapStartUpPage", ["Table"], module: .hal) { f in
        f.set(Mm.pde(of: Value(0)).dword(), 0)
        f.asm { a in
            a.movFromControl(.eax, 3)
            a.movToControl(3, .eax)
        }
        f.call(Ex.freePoolWithTag, f.argument(0), Value.tag("HalL"))
        f.return()
    }

    /// `HalpStartProcessor`: the new processor, EBX the address of its KPROCESSOR_STATE. Loads from it what decides where and how the processor goes on.
    static let startProcessor: Routine = .naked("HalpStartProcessor", module: .hal) { f in
        let start = Int32(KPROCESSOR_STATE.layout.SpecialRegisters.offset)
        func special(_ field: KeyPath<KSPECIAL_REGISTERS, Field>) -> Int32 {
            start + Int32(KSPECIAL_REGISTERS.layout[keyPath: field].offset)
        }
        func context(_ field: KeyPath<CONTEXT, Field>) -> Int32 { Int32(CONTEXT.layout[keyPath: field].offset) }
        f.asm { a in
            a.mov(.eax, .at(.ebx, special(\.Cr4)))
            a.movToControl(4, .eax)
            a.lgdt(.at(.ebx, special(\.GdtrLimit)))
            a.lidt(.at(.ebx, special(\.IdtrLimit)))
            a.mov(.eax, .at(.ebx, special(\.Tr)))
            a.ltr(.eax)
            for (segment, field) in [
                (Assembler.SegmentRegister.ds, \CONTEXT.SegDs), (.es, \.SegEs), (.fs, \.SegFs), (.gs, \.SegGs), (.ss, \.SegSs),
            ]
                as [(Assembler.SegmentRegister, KeyPath<CONTEXT, Field>)]
            {
                a.mov(.eax, .at(.ebx, context(field)))
                a.mov(segment, .eax)
            }
            a.mov(.esp, .at(.ebx, context(\.Esp)))
            a.alu(.xor, .ebp, .ebp)
            a.mov(.eax, 1)
            a.mov(.symbol(f.symbol(processorStarted)), .eax)
            a.jmp(.at(.ebx, context(\.Eip)))
        }
    }
}
