// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Firmware {
    /// From RESET to the boot sector: interrupt vectors, BIOS data area, devices, sector 0 to 0000:7C00.
    mutating func writeBoot() {
        code.label("reset")
        code.cli()
        code.cld()
        // RESET leaves the caches off.
        code.changeCR0(clear: 0x6000_0000)
        code.alu(.xor, .eax, .eax)
        code.mov(.ds, .eax)
        code.mov(.es, .eax)
        code.mov(.ss, .eax)
        code.mov(.esp, 0x7C00)
        writeVectors()
        writeDataArea()
        writeDevices()
        writeLoad()
    }

    /// Every vector leads to an IRET, but for those that have a service.
    private mutating func writeVectors() {
        code.label("setVectors")
        code.alu(.xor, .edi, .edi)
        code.mov(.ecx, 256)
        code.mov(.eax, UInt32(Self.segment) << 16, withOffsetOf: "ignore")
        code.repStosDword()
        for line in 8..<16 { vector(line, "ignoreMaster") }
        for line in 0x70..<0x78 { vector(line, "ignoreSlave") }
        for (number, label) in [
            (0x08, "timerInterrupt"), (0x09, "keyboardInterrupt"), (0x10, "video"), (0x11, "equipment"), (0x12, "memorySize"),
            (0x13, "disk"),
            (0x15, "system"), (0x16, "keyboard"), (0x18, "noBoot"), (0x19, "boot"), (0x1A, "clock"), (0x1E, "diskParameters"),
        ] {
            vector(number, label)
        }
    }

    private mutating func vector(_ number: Int, _ label: String) {
        code.store(offsetOf: label, to: Assembler.Memory(displacement: Int32(number * 4)))
    }

    private mutating func writeDataArea() {
        code.label("setDataArea")
        code.mov(.edi, 0x400)
        code.mov(.ecx, 64)
        code.alu(.xor, .eax, .eax)
        code.repStosDword()
        // COM1 and COM2; the extended data area; one diskette drive or none, 80x25 colour, two serial ports; KiB below it.
        code.store(0x02F8_03F8, .dword, to: data(0x00))
        code.store(0x9FC0, .word, to: data(0x0E))
        code.store(disk.isDiskette ? 0x0421 : 0x0420, .word, to: data(0x10))
        code.store(UInt32(MemoryMap.conventionalEnd >> 10), .word, to: data(0x13))
        code.mov(.eax, 0x9FC0)
        code.mov(.es, .eax)
        code.override(.es)
        code.store(1, to: Assembler.Memory(displacement: 0))
        // The keyboard's ring: head, tail, and where it lies.
        code.store(0x001E_001E, .dword, to: data(0x1A))
        code.store(0x003E_001E, .dword, to: data(0x80))
        // Mode 3, 80 columns, 4096 bytes a page, the CRTC's port, 25 rows.
        code.store(3, to: data(0x49))
        code.store(80, .word, to: data(0x4A))
        code.store(0x1000, .word, to: data(0x4C))
        code.store(0x0607, .word, to: data(0x60))
        code.store(0x3D4, .word, to: data(0x63))
        code.store(24, to: data(0x84))
        code.store(disk.isDiskette ? 0 : 1, to: data(0x75))
    }

    private mutating func writeDevices() {
        code.label("setDevices")
        // Interrupts 8 to 15 and 70h to 77h; timer, keyboard, cascade and diskette are let through.
        for (port, value) in [
            (0x20, 0x11), (0xA0, 0x11), (0x21, 0x08), (0xA1, 0x70), (0x21, 0x04), (0xA1, 0x02), (0x21, 0x01), (0xA1, 0x01), (0x21, 0xB8),
            (0xA1, 0xFF),
        ] {
            code.out(UInt8(port), UInt8(value))
        }
        // The timer ticks every 65536 of its clocks.
        for (port, value) in [(0x43, 0x34), (0x40, 0x00), (0x40, 0x00)] { code.out(UInt8(port), UInt8(value)) }
        // Keyboard: interrupt on, scan codes translated to set 1, keys are sent.
        for (port, value) in [(0x64, 0x60), (0x60, 0x61), (0x60, 0xF4)] {
            let wait = "setDevices.\(port)\(value)"
            code.label(wait)
            code.inAL(0x64)
            code.test(.al, 2)
            code.jcc(.notEqual, wait)
            code.out(UInt8(port), UInt8(value))
        }
        code.inAL(0x60)
        // A20 is on.
        code.inAL(0x92)
        code.alu(.or, .al, 2)
        code.alu(.and, .al, 0xFE)
        code.outAL(0x92)
        code.call("clearScreen")
    }

    private mutating func writeLoad() {
        code.label("boot")
        code.cli()
        code.alu(.xor, .eax, .eax)
        code.mov(.ds, .eax)
        code.mov(.es, .eax)
        code.mov(.ss, .eax)
        code.mov(.esp, 0x7C00)
        code.mov(.edi, 0x7C00)
        code.mov(.ecx, 1)
        code.mov(.ebx, UInt32(Transfer.read))
        code.call("transfer")
        code.jcc(.below, "noBoot")
        // The transfer has moved ES along.
        code.alu(.xor, .eax, .eax)
        code.mov(.es, .eax)
        code.mov(.edx, UInt32(disk.drive))
        for register in [Assembler.Register.eax, .ebx, .ecx, .esi, .edi, .ebp] { code.alu(.xor, register, register) }
        code.sti()
        code.jmpFar(0, 0x7C00)

        code.label("noBoot")
        code.mov(.esi, 0, withOffsetOf: "noBoot.text")
        code.label("noBoot.next")
        code.override(.cs)
        code.mov(.al, .at(.esi))
        code.inc(.esi)
        code.alu(.cmp, .al, 0)
        code.jcc(.equal, "noBoot.end")
        code.mov(.ah, 0x0E)
        code.int(0x10)
        code.jmp("noBoot.next")
        code.label("noBoot.end")
        code.cli()
        code.hlt()
        code.jmp("noBoot.end")
        code.label("noBoot.text")
        code.bytes(Array("The disk could not be booted.\r\n".utf8) + [0])
    }

    /// Interrupts that nobody has asked for.
    mutating func writeInterrupts() {
        code.label("ignoreSlave")
        code.push(.eax)
        code.out(0xA0, 0x20)
        code.out(0x20, 0x20)
        code.pop(.eax)
        code.iret()
        code.label("ignoreMaster")
        code.push(.eax)
        code.out(0x20, 0x20)
        code.pop(.eax)
        code.label("ignore")
        code.iret()
        writeLeave()
    }
}
