// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// What KD shows the world and what it does beside printing: its data block, the time that passes inside it, the thread that looks for symbols, the images it announces.
struct KdKernelTests {
    private static let patience: UInt64 = 3_000_000_000

    // MARK: KdDebuggerDataBlock

    /// Cells whose variable has another name.
    private static let otherNames = [
        "BreakpointWithStatus": "DbgBreakPointWithStatus", "KiBugcheckData": "KiBugCheckData",
        "KeBugCheckCallbackListHead": "KeBugcheckCallbackListHead", "MmPagedPoolInformation": "MmPagedPoolInfo",
        "KdPrintCircularBuffer": "KdPrintDefaultCircularBuffer", "KdPrintCircularBufferPtr": "KdPrintCircularBuffer",
    ]

    /// Each cell with a variable of its name holds that variable's address, sign-extended; others hold none.
    @Test func dataBlockHoldsTheAddressesOfTheVariables() {
        let run = KernelRun()
        run.run(to: "KdpCheckEarlyBreakIn", limit: Self.patience)
        let block = run.address("KdDebuggerDataBlock")
        var filled: [String] = []
        for (name, field) in KDDEBUGGER_DATA64.fields where field.size == 4 && !["KernBase", "MmPageSize"].contains(name) {
            let symbol = run.guest.symbols.symbol(named: Self.otherNames[name] ?? name)
            let low = run.read(block + field.offset)
            let high = run.read(block + field.offset + 4)
            if name == "KdPrintCircularBufferEnd" {
                #expect(low == run.address("KdPrintDefaultCircularBuffer") + 0x8000)
            } else {
                #expect(low == symbol?.address ?? 0 && high == (symbol == nil ? 0 : 0xFFFF_FFFF), "\(name)")
            }
            if low != 0 { filled.append(name) }
        }
        // The ones that spec/boot.md sections 5.18 and 5.21 name.
        let named = [
            "BreakpointWithStatus", "PsLoadedModuleList", "PsActiveProcessHead", "PspCidTable", "IopErrorLogListHead",
            "ObpRootDirectoryObject", "ObpTypeObjectType", "MmPfnDatabase", "MmNonPagedPoolStart", "MmHighestUserAddress",
            "KdPrintCircularBuffer", "MmLoadedUserImageList", "KiProcessorBlock", "KeLoaderBlock", "IopNumTriageDumpDataBlocks",
        ]
        #expect(Set(named).subtracting(filled) == [])
        // Header and the number cells that a debugger needs to find the current process.
        #expect(run.read(block + 0x10) == 0x4742_444B && run.read(block + 0x14) == 0x318)
        #expect(run.word(block + 0x2A0) == 0x38 && run.word(block + 0x2A8) == EPROCESS.size && run.word(block + 0x2B4) == 4)
        #expect(run.read(block + 0x18) == run.variable("PsNtosImageBase"))
    }

    // MARK: Images

    /// Kernel and HAL are announced by KdInitSystem, the third image and what follows by ExpLoadBootSymbols.
    @Test func bootSymbolsBeginWithTheTransport() {
        let run = KernelRun()
        run.run(to: "ExpLoadBootSymbols", limit: Self.patience)
        run.run(to: "KdpNotifyImage", limit: Self.patience)
        #expect(run.string(run.argument(0) + 0x2C) == "kdcom.dll")
    }

    // MARK: Symbols

    /// Threads of the System process whose start routine is the symbol loader.
    private func loaders(_ run: KernelRun) -> Int {
        let process = run.variable("PsInitialSystemProcess")
        let threads = run.list(process + offset(of: \EPROCESS.ThreadListHead)).map { $0 - offset(of: \ETHREAD.ThreadListEntry) }
        return threads.count { run.read($0 + offset(of: \ETHREAD.StartAddress)) == run.address("KdbpSymLoaderThread") }
    }

    /// With 96 MB or more a thread has looked for the files of every image that was there, and of those that came later; with less there is none.
    @Test(arguments: [(64, false), (128, true)])
    func symbolsAreLoadedWithEnoughMemory(memory: Int, wanted: Bool) {
        let run = KernelRun(memoryMiB: memory)
        run.run(to: "KdpDriverReinit", limit: Self.patience)
        #expect(run.variable("KdbpLoadSymbols") == (wanted ? 1 : 0))
        #expect(loaders(run) == (wanted ? 1 : 0))
        run.run(to: "ExpFinishPhase1", limit: Self.patience)
        let modules = UInt32(run.list(run.address("PsLoadedModuleList")).count)
        let searched = run.variable("KdbpSymFilesSearched")
        #expect(wanted ? searched >= modules : searched == 0)
        #expect(run.list(run.address("SymbolsToLoad")) == [])
    }

    // MARK: Time

    /// The counter's frequency is its own: a second of the clock is 1,193,182 clocks, whether ticks were taken in between or not.
    @Test func performanceCounterAgreesWithItsFrequency() {
        let run = KernelRun()
        run.run(to: "KeInitSystem", limit: Self.patience)
        let rate = run.scratch(8)
        func look() -> (counter: UInt32, instructions: UInt64) {
            (run.invoke("KeQueryPerformanceCounter", rate) ?? 0, run.machine.instructionCount)
        }
        var last = look()
        #expect(run.read(rate) == 1_193_182 && run.read(rate + 4) == 0)
        #expect(run.variable("KdPerformanceCounterRate") == 0)
        for place in ["ExpNotifyKernelDebugger", "IoInitSystem", "IopFinishBootDrivers", "ExpFinishPhase1"] {
            run.run(to: place, limit: Self.patience)
            let now = look()
            let expected = Double(now.instructions - last.instructions) / 100_000_000 * 1_193_182
            // Calls and the tick's roundness, 11931 of 11931.82 clocks.
            #expect(abs(Double(now.counter - last.counter) - expected) < expected / 1000 + 100, "\(place)")
            last = now
        }
        #expect(run.variable("KdPerformanceCounterRate") == 1_193_182)
    }

    /// From step 1.8 #27 on, leaving KD has the clock set by the CMOS clock, once in three minutes.
    @Test func leavingTheDebuggerCorrectsTheClock() {
        let run = KernelRun()
        #expect(run.run(to: "KdpTimeSlipDpcRoutine", "ExpAllowTimeSlip", limit: Self.patience) == "ExpAllowTimeSlip")
        #expect(run.variable("KdpTimeSlipPending") > 1)
        #expect(run.run(to: "KdpTimeSlipDpcRoutine", limit: Self.patience) == "KdpTimeSlipDpcRoutine")
        #expect(run.variable("KdpTimeSlipPending") == 2)
        #expect(run.run(to: "KdpTimeSlipWork", limit: Self.patience) == "KdpTimeSlipWork")
        #expect(run.variable("KdpTimeSlipPending") > 0)
        // A clock that is a day behind.
        let low = run.variable("KeBootTime")
        let high = run.read(run.address("KeBootTime") + 4)
        run.write(run.address("KeBootTime") + 4, high - 201)
        _ = run.runToReturn()
        #expect(run.read(run.address("KeBootTime") + 4) == high)
        #expect(low &- run.variable("KeBootTime") <= 10_000_000 || run.variable("KeBootTime") &- low <= 10_000_000)
        // Header.Inserted, and the DPC.
        let timer = run.address("KdpTimeSlipTimer")
        #expect(run.byte(timer + 3) == 1)
        #expect(run.read(timer + offset(of: \KTIMER.Dpc)) == run.address("KdpTimeSlipDpc"))
    }

    /// The time outside the debugger is kept when it is entered: a breakpoint in a thread with interrupts on.
    @Test func enteringTheDebuggerKeepsTheTime() {
        let run = KernelRun()
        run.run(to: "IoInitSystem", limit: Self.patience)
        run.run(to: "KdExitDebugger", limit: Self.patience)
        let stop = run.variable("KdTimerStop")
        _ = run.runToReturn()
        let start = run.variable("KdTimerStart")
        #expect(stop != 0 && start > stop)
        run.run(to: "KdExitDebugger", limit: Self.patience)
        #expect(run.variable("KdTimerDifference") == run.variable("KdTimerStop") - start)
    }
}
