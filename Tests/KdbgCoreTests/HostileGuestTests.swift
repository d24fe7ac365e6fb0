// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// A guest may hold anything anywhere: the program neither crashes nor hangs.
struct HostileGuestTests {
    private let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1 DEBUGPORT=SCREEN DEBUGPORT=FILE", script: nil)
    private let session: Session
    private var machine: Machine { guest.machine }

    init() {
        session = Session(guest: guest)
    }

    private func address(_ name: String) -> UInt32 { guest.symbols.symbol(named: name)!.address }
    private func write(_ address: UInt32, _ value: UInt32) { #expect(machine.write32(linear: address, value)) }

    /// Runs until a boot step is entered.
    private func run(to step: String) {
        let goal = RunGoal.bootStep(StepNumber(step)!)
        while case .running = session.run(goal, budget: 10_000_000) {}
        #expect(session.stop == .bootStep(StepNumber(step)!))
    }

    /// Lets the machine run on, for a while only: a guest that loops is the guest's own business.
    private func runOn(_ budget: UInt64 = 3_000_000) -> RunResult { session.run(.go, budget: budget) }

    /// Everything a front end looks at, and every command that reads guest structures.
    private func lookAround() {
        _ = session.providers
        _ = session.timeline
        _ = session.log
        _ = session.currentInstruction
        _ = session.debugLog()
        for line in [
            "mod", "mod eip", "bt", "bt *ebp", "x esp", "disasm", "proc list", "thread list", "proc", "thread", "gdt", "idt", "ldt", "pcr",
            "tss",
            "dmesg", "regs", "sregs", "dregs", "x 0xfffffff0 L 8", "disasm 0xfffffff8 L 8", "filter -SMSS", "filter +SMSS",
        ] { _ = session.execute(line) }
    }

    // MARK: Lists and frames

    @Test(
        arguments: ["PsLoadedModuleList", "KdProviders", "PsActiveProcessHead", "KeLoaderBlock"],
        [0, 1, 0xFFFF_FFFF, 0xFFDF_F000] as [UInt32])
    func wildListHeads(name: String, value: UInt32) {
        run(to: "1.9 #11")
        write(address(name), value)
        lookAround()
        _ = runOn()
        lookAround()
    }

    @Test(arguments: ["PsLoadedModuleList", "KdProviders", "PsActiveProcessHead"])
    func listsThatLoopPastTheirHead(name: String) {
        run(to: "1.9 #11")
        let first = machine.read32(linear: address(name))!
        write(first, first)
        lookAround()
        _ = runOn()
    }

    @Test func framesThatLoop() {
        run(to: "1.9 #11")
        let ebp = machine.registers.ebp
        write(ebp, ebp)
        #expect(session.execute("bt").output.utf8.count < 100_000)
        write(ebp, ebp + 4)
        write(ebp + 4, ebp)
        write(ebp + 8, 1)
        #expect(session.execute("bt").output.utf8.count < 100_000)
        for wild in [0xFFFF_FFFF, 0xFFFF_FFFC, 0x7FFF_FFFE, 1] as [UInt32] {
            machine.registers.ebp = wild
            lookAround()
        }
    }

    // MARK: Arguments of what is observed

    @Test(arguments: ["KdLogDbgPrint", "KdpSerialPrint", "KdbDebugPrint", "KdpDebugLogPrint", "KdpScreenInit", "KdbInitialize"])
    func wildArgumentsOfObservedRoutines(name: String) {
        run(to: "1.9 #11")
        let saved = machine.registers
        let text = address("KdpMessageBuffer")
        for value in [0, 4, 0xFFFF_FFFF, 0xFFFF_FFFC, 0x8040_0000, text] as [UInt32] {
            machine.registers = saved
            // A STRING of the greatest length over mapped memory, and one that leads nowhere.
            write(text, 0xFFFF_FFFF)
            write(text + 4, value)
            machine.registers.esp -= 0x20
            for slot in 0..<4 as Range<UInt32> { write(machine.registers.esp + 4 * slot, slot == 1 ? text : value) }
            machine.registers.eip = address(name)
            _ = runOn(300_000)
            if session.stop.isFinal { break }
        }
        lookAround()
    }

    // MARK: The processor

    @Test func unmappedInterruptTable() {
        run(to: "1.9 #11")
        machine.registers.idtr = DescriptorTable(base: 0x1000, limit: 0x7FF)
        write(machine.registers.esp, 0)
        machine.registers.eip = 0
        #expect(runOn() == .stopped(.dead(.shutdown), banner: ""))
        #expect(session.stop.isFinal)
        lookAround()
    }

    @Test(arguments: [0x1F, 0x20, 0x80, 0xFF] as [UInt32])
    func wildIrql(level: UInt32) {
        run(to: "1.9 #11")
        write(0xFFDF_F024, level)
        lookAround()
        _ = runOn()
    }

    @Test(arguments: [0, 8, 0x1000, 0x8000_0000, 0xFFFF_FFF0, 0xFFFF_FFFF] as [UInt32])
    func wildStack(esp: UInt32) {
        run(to: "1.9 #11")
        machine.registers.esp = esp
        lookAround()
        _ = session.run(.step(3), budget: 1000)
        _ = session.run(.next(3), budget: 1000)
        _ = runOn()
        lookAround()
    }

    // MARK: Services

    /// Stands at a VMCALL with a number in EAX and a frame of five arguments.
    private func serve(_ number: UInt32, frame: UInt32) {
        let code = address("KdpMessageBuffer") + 0x800
        _ = machine.writeBytes(linear: code, [0x0F, 0x01, 0xC1, 0xEB, 0xFE])
        machine.registers.eip = code
        machine.registers.eax = number
        machine.registers.ebp = frame
        _ = runOn(20)
    }

    @Test func vmcallsWithWildNumbersAndFrames() {
        run(to: "1.9 #11")
        let saved = machine.registers
        for number in [13, 64, 1000, 0x8000_0000, 0xFFFF_FFFF] as [UInt32] {
            for frame in [0, 0xFFFF_FFFF, 0xFFFF_FFF4, 0xFFFF_FFF8] as [UInt32] {
                machine.registers = saved
                serve(number, frame: frame)
                #expect(number < 100 || machine.registers.eax == 0xC000_001C)
            }
        }
    }

    @Test func everyServiceWithWildArguments() {
        let wild: [UInt32] = [
            0, 1, 0xFFF, 0x7FFF_FFFF, 0x8000_0000, 0xB024_0008, 0xC030_0000, 0xE100_0010, 0xFFFF_F000, 0xFFFF_FFF8, 0xFFFF_FFFF,
        ]
        run(to: "1.9 #11")
        let saved = machine.registers
        let text = address("KdpMessageBuffer") + 0x900
        _ = machine.writeBytes(linear: text, Array("%s%S%Z%wZ%*.*d%ws%n%.2000000000d%1999999999x%I64p".utf8) + [0])
        for number in 0..<12 as Range<UInt32> {
            for frame in [0, 0xFFFF_FFF8, 0xFFFF_FFFF] as [UInt32] {
                machine.registers = saved
                serve(number, frame: frame)
            }
            for seed in 0..<40 {
                machine.registers = saved
                let frame = saved.esp - 0x100
                for slot in 0..<7 {
                    let value = slot == 2 && seed % 3 == 0 ? text : wild[(seed * 7 + slot * (seed % 5 + 1)) % wild.count]
                    write(frame + 8 + 4 * UInt32(slot), value)
                }
                serve(number, frame: frame)
            }
        }
        lookAround()
    }

    @Test func poolWithOverwrittenHeaders() {
        run(to: "1.9 #11")
        let saved = machine.registers
        let pool = machine.read32(linear: address("MmNonPagedPoolStart"))!
        for value in [0, 0xFFFF_FFFF, 0x01FF_01FF, 0x0000_01FF, 0x01FF_0000, 0x03FF_03FF] as [UInt32] {
            for offset in stride(from: UInt32(0), to: 0x2000, by: 8) { _ = machine.write32(linear: pool + offset, value) }
            for name in ["NonPagedPoolDescriptor", "PoolBigPageTable", "MmFreePageListHead", "MmHighestPhysicalPage"] {
                for slot in 0..<64 as Range<UInt32> { write(address(name) + 4 * slot, value) }
            }
            for number in 0..<12 as Range<UInt32> {
                for argument in [pool + 8, pool + 0x100, pool + 0x1000, 1, 0x100_000] {
                    machine.registers = saved
                    let frame = saved.esp - 0x100
                    for slot in 0..<7 { write(frame + 8 + 4 * UInt32(slot), argument) }
                    serve(number, frame: frame)
                }
            }
        }
        for value in [0xFFFF_FFF0, 0x7FFF_F000, 0] as [UInt32] {
            write(address("MmNonPagedPoolStart"), value)
            write(address("MmSizeOfNonPagedPoolInBytes"), 0xFFFF_FFFF)
            for number in 0..<12 as Range<UInt32> {
                machine.registers = saved
                let frame = saved.esp - 0x100
                for slot in 0..<7 { write(frame + 8 + 4 * UInt32(slot), slot == 1 ? 0x2000 : value &+ 8) }
                serve(number, frame: frame)
            }
        }
    }
}
