// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// Boot drivers move to system PTE space, and the debugger goes along.
@Suite struct ImageMoveTests {
    private let session = Session(BootConfiguration())

    /// Runs on and yields the banner of the next stop.
    private func go(_ goal: RunGoal = .go) -> String {
        while true {
            if case .stopped(_, let banner) = session.run(goal, budget: 10_000_000) { return banner }
        }
    }

    private func execute(_ line: String) -> String { session.execute(line).output }

    private func address(_ name: String) -> UInt32 { session.debugger.target.symbols.symbol(named: name)?.address ?? 0 }

    @Test("a breakpoint set at the first prompt stops where the driver is by then")
    func breakpointByName() {
        let before = address("fastfat!FatMount")
        #expect(before >> 28 == 8)
        #expect(execute("bpx fastfat!FatMount").hasSuffix("Breakpoint 0 enabled.\n"))
        let banner = go()
        let after = address("fastfat!FatMount")
        #expect(after >> 28 == 0xF)
        #expect(banner == "\nEntered debugger on breakpoint #0: EXEC 0x0008:0x\(after.pointer)\n")
        #expect(execute("bl").contains("000  BPX  0x\(after.hex(8))  global"))
        #expect(execute("ln eip").hasPrefix("(\(after.pointer))   fastfat!FatMount  FATMount.swift:"))
        #expect(execute("bt").contains("<fastfat.sys:"))
        #expect(execute("mod eip").contains("fastfat.sys"))
        // The address before is nothing any more.
        #expect(session.debugger.target.symbols.symbol(containing: before) == nil)
    }

    @Test("data breakpoints, conditions and temporary ones go along as well")
    func otherBreakpoints() {
        _ = execute("bpm w dword disk!DiskDriverObject")
        _ = execute("tbp disk!DiskAddDevice IF [disk!DiskDriverObject] == [esp+4]")
        let banner = go()
        let variable = address("disk!DiskDriverObject")
        #expect(banner == "\nEntered debugger on breakpoint #0: WRITE 0x\(variable.hex(8))\n")
        #expect(go().contains("breakpoint #1"))
        #expect(session.debugger.registers.eip == address("disk!DiskAddDevice"))
        #expect(execute("bl").contains("BPM  0x\(variable.hex(8))  write dword  DR0"))
    }

    @Test func until() {
        let before = address("disk!DriverEntry")
        let banner = go(.until(before))
        #expect(session.debugger.registers.eip == address("disk!DriverEntry"))
        #expect(address("disk!DriverEntry") != before)
        #expect(banner.contains("<disk.sys:"))
    }

    @Test("after a reboot a breakpoint is where the loader has put the driver, and moves again")
    func reboot() {
        _ = execute("bpx fastfat!FatMount")
        let first = go()
        #expect(session.execute("reboot", from: .scripted).resume == .reset)
        _ = go(.reset)
        session.restart()
        #expect(execute("bl").contains("BPX  0x8"))
        #expect(go() == first)
    }

    @Test("a breakpoint in a driver that is loaded from a file waits for it, also after a reboot")
    func waitsForADriver() {
        #expect(session.debugger.target.symbols.symbol(named: "beep!DriverEntry") == nil)
        #expect(execute("bpx beep!DriverEntry") == "Breakpoint 0 inserted.\nBreakpoint 0 enabled.\nIt waits until beep is loaded.\n")
        #expect(execute("bl").contains("000  BPX  beep+0x"))
        #expect(execute("bl").contains("  not loaded"))
        #expect(execute("bd 0") + execute("be 0") == "Breakpoint 0 disabled.\nBreakpoint 0 enabled.\n")
        let banner = go()
        #expect(banner.contains("breakpoint #0"))
        #expect(session.debugger.registers.eip == address("beep!DriverEntry"))
        #expect(execute("ln eip").contains("beep!DriverEntry"))
        #expect(!execute("bl").contains("not loaded"))
        #expect(session.execute("reboot", from: .scripted).resume == .reset)
        _ = go(.reset)
        session.restart()
        #expect(execute("bl").contains("000  BPX  beep+0x"))
        #expect(go() == banner)
    }

    @Test("what is moved is the same pages, relocated for the new place, with flag, size and entry point in both lists")
    func pagesAndEntries() throws {
        let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1")
        let machine = guest.machine
        let old = guest.placedImages.compactMap(\.base).filter { $0 >= 0x8000_0000 }
        let runner = Runner(guest)
        // Behind the step that makes the kernel's list.
        while guest.kernelSymbol("MmNonPagedPoolStart") != nil {
            if case .stopped(.bootStep, _) = runner.run(.bootStep(StepNumber("1.6 #14")!), budget: 100_000_000) { break }
        }
        for (index, placed) in guest.placedImages.prefix(old.count).enumerated() {
            let base = try #require(placed.base)
            if index < 4 {
                #expect(base == old[index])
                continue
            }
            #expect(base >= 0xEB00_0000)
            #expect(base & 0xFFF == 0)
            for page in stride(from: 0, to: placed.image.size, by: 0x1000) {
                let (now, then) = (0xC000_0000 + (base + page) >> 12 * 4, 0xC000_0000 + (old[index] + page) >> 12 * 4)
                #expect((machine.read32(linear: now) ?? 0) >> 12 == (old[index] & 0x7FFF_FFFF + page) >> 12)
                #expect(machine.read32(linear: then) == 0)
            }
            for field in placed.image.relocations {
                let value = try #require(machine.read32(linear: base + field))
                #expect(value - base < placed.image.size)
            }
        }
        let modules = ModuleList.modules(in: MachineTarget(guest))
        #expect(modules.map(\.base) == guest.placedImages.compactMap(\.base).filter { $0 >= 0x8000_0000 })
        // Imports of everybody lead to where the exporter is.
        for placed in guest.placedImages.prefix(old.count) {
            for entry in placed.image.imports {
                let exporter = try #require(guest.placedImages.first { $0.image.module.name == entry.module })
                for (position, name) in entry.names.enumerated() {
                    let export = try #require(exporter.image.exports.first { $0.name == name.name })
                    let cell = placed.base! + entry.cells + 4 * UInt32(position)
                    #expect(machine.read32(linear: cell) == exporter.base! + export.rva, "\(placed.image.module.name) \(name.name)")
                }
            }
        }
    }

    @Test("a list that the guest has broken changes nothing")
    func brokenList() throws {
        let guest = Guest.boot(options: "DEBUG DEBUGPORT=COM1")
        let observer = ModuleObserver(guest)
        // The loader's list leads nowhere, in a circle without its head, and to itself.
        let head = try #require(guest.kernelSymbol("PsLoadedModuleList")?.address)
        for links in [[0x10 as UInt32], [head + 0x100], [0xFFFF_FFF0]] {
            _ = guest.machine.write32(linear: head, links[0])
            #expect(!observer.refresh())
        }
        #expect(guest.symbols.symbol(named: "fastfat!FatMount") != nil)
    }
}
