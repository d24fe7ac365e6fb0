// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The processors besides the first (spec/boot.md sections 1.5 and 2.7).
extension Ke {
    /// What an application processor gets, in one block: its PCR page, its KPROCESSOR_STATE, GDT, TSS and stack. Offsets in bytes.
    private enum Block {
        static var state: Value { 0x1000 }
        static var gdt: Value { 0x1400 }
        static var tss: Value { 0x2000 }
        static var stackTop: Value { 0x8000 }
        static let size: UInt32 = 0x8000
    }

    /// `KeStartAllProcessors()`.
    static let startAllProcessors: Routine = .init(
        "KeStartAllProcessors", section: .initialization,
        step: .init(
            "2.7", "Other processors",
            """
            Every other processor gets a PCR, a GDT with that PCR behind FS, a TSS and a stack, and the HAL sends it through KiSystemStartup. There it \
            stops: it waits for bit 0 of KiFreezeExecutionLock, which the boot processor has taken and does not give back. On a machine with one \
            processor nothing happens here. A kernel that is built for one does not even call this.
            """)
    ) { f in
        f.loop {
            let block = f.call(Ex.allocatePoolWithTag, 0, Block.size, Value.tag("KeAp"))
            f.if(block == 0) { f.break() }
            f.call(prepareProcessor, block)
            f.if(f.call(Hal.startNextProcessor, loaderBlock.dword, block + Block.state) == 0) {
                f.call(Ex.freePoolWithTag, block, Value.tag("KeAp"))
                f.break()
            }
        }
        f.return()
    }

    /// `KiPrepareProcessor(Block*)`: the state in which a processor enters `KiSystemStartup`, like the boot processor's (section 1.0 #7) but for the tables of its own.
    private static let prepareProcessor: Routine = .init("KiPrepareProcessor", ["Block"], section: .initialization) { f in
        let block = f.argument(0)
        f.zero(block, Block.size)
        f.copy(to: block + Block.gdt, from: pcr.GDT, 0x400)
        f.call(setDescriptorBase, block + (Block.gdt + 0x30), block)
        f.call(setDescriptorBase, block + (Block.gdt + 0x28), block + Block.tss)
        // Not busy: LTR wants an available one.
        f.set((block + (Block.gdt + 0x28)).byte(5), 0x89)
        let tss = f.local((block + Block.tss).as(KTSS.self))
        f.set(tss.Ss0, 0x10)
        f.set(tss.Esp0, block + Block.stackTop)
        f.set(tss.IoMapBase, 0x20AC)
        let state = f.local((block + Block.state).as(KPROCESSOR_STATE.self))
        let special = state.SpecialRegisters
        for (number, field) in [(0, \KSPECIAL_REGISTERS.Cr0), (3, \.Cr3), (4, \.Cr4)] as [(UInt8, KeyPath<KSPECIAL_REGISTERS, Field>)] {
            f.asm { a in a.movFromControl(.eax, number) }
            f.set(special[dynamicMember: field], f.saveEAX())
        }
        f.set(special.GdtrLimit, 0x3FF)
        f.set(special.GdtrBase, block + Block.gdt)
        f.set(special.IdtrLimit, 0x7FF)
        f.set(special.IdtrBase, pcr.IDT)
        f.set(special.Tr, 0x28)
        let context = state.ContextFrame
        f.set(context.Eip, systemStartup)
        f.set(context.SegCs, 0x08)
        f.set(context.SegSs, 0x10)
        f.set(context.SegDs, 0x23)
        f.set(context.SegEs, 0x23)
        f.set(context.SegFs, 0x30)
        f.set(context.EFlags, 2)
        // The argument, above a return address that is never used.
        f.set((block + (Block.stackTop - 4)).dword(), loaderBlock.dword)
        f.set(context.Esp, block + (Block.stackTop - 8))
        f.return()
    }

    /// `KiSetDescriptorBase(Descriptor*, Base)`.
    private static let setDescriptorBase: Routine = .init("KiSetDescriptorBase", ["Descriptor", "Base"], section: .initialization) { f in
        let entry = f.argument(0, KGDTENTRY.self)
        f.set(entry.BaseLow, f.argument(1))
        f.set(entry.BaseMid, f.argument(1) >> 16)
        f.set(entry.BaseHi, f.argument(1) >> 24)
        f.return()
    }
}
