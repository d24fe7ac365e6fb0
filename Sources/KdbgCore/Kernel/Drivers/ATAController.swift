// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The task file of the primary ATA channel, polled (ATA-4, sections 7 and 9).
enum ATAController {
    static let readSectors: UInt32 = 0x20
    static let writeSectors: UInt32 = 0x30
    static let identify: UInt32 = 0xEC
    /// Polls of the status register until a command counts as lost.
    private static let patience: UInt32 = 1_000_000

    /// `AtaTransfer(Command, Sector, Count, Buffer) -> status`: 1 to 256 sectors from or to kernel memory. 0xC000000E: no disk; 0xC0000185: error or
    /// time-out.
    static let transfer: Routine = .init("AtaTransfer", ["Command", "Sector", "Count", "Buffer"], module: DiskDriver.module) { f in
        let command = f.argument(0)
        let sector = f.argument(1)
        let port = Value(0x1F0)
        let status = f.local(f.input(port + 7))
        f.if(status == 0 || status == 0xFF) { f.return(Status.noSuchDevice) }
        f.if(f.call(wait, 0) == 0) { f.return(Status.ioDeviceError) }
        // Bit 1: no interrupts; the status register is polled.
        f.output(Value(0x3F6), 2)
        f.output(port + 6, (sector >> 24) & 0x0F | 0xE0)
        f.output(port + 2, f.argument(2))
        f.output(port + 3, sector)
        f.output(port + 4, sector >> 8)
        f.output(port + 5, sector >> 16)
        f.output(port + 7, command)
        f.if(f.call(wait, 8) == 0) { f.return(Status.ioDeviceError) }
        let result = f.call(moveSectors, f.argument(2), f.argument(3), command == Value(writeSectors))
        f.if(result == 0) { f.return(Status.ioDeviceError) }
        f.return(Status.success)
    }

    /// `AtaWait(Wanted) -> BOOLEAN`: until BSY is clear and the wanted bits are set; FALSE on an error.
    private static let wait: Routine = .init("AtaWait", ["Wanted"], module: DiskDriver.module) { f in
        let left = f.local(patience)
        f.while(left != 0) {
            let status = f.local(f.input(Value(0x1F7)))
            f.if((status & 0x80) == 0) {
                f.if((status & 0x21) != 0 && f.argument(0) != 0) { f.return(0) }
                f.if((status & f.argument(0)) == f.argument(0)) { f.return(1) }
            }
            f.set(left, left - 1)
        }
        f.return(0)
    }

    /// `AtaMoveSectors(Count, Buffer, IsWrite) -> BOOLEAN`: moves the sectors as the disk asks for them, a few instructions each.
    private static let moveSectors: Routine = .init("AtaMoveSectors", ["Count", "Buffer", "IsWrite"], module: DiskDriver.module) { f in
        f.asm(savesRegisters: true) { a in
            let next = a.newLabel()
            let poll = a.newLabel()
            let write = a.newLabel()
            let moved = a.newLabel()
            let failed = a.newLabel()
            let last = a.newLabel()
            let end = a.newLabel()
            a.cld()
            a.mov(.ebx, .at(.ebp, 8))
            a.mov(.esi, .at(.ebp, 12))
            a.mov(.edi, .esi)
            a.bind(next)
            a.mov(.ecx, patience)
            a.mov(.edx, 0x1F7)
            a.bind(poll)
            a.dec(.ecx)
            a.jcc(.equal, failed)
            a.inDX(width: .byte)
            a.test(.eax, 0x80)
            a.jcc(.notEqual, poll)
            a.test(.eax, 0x21)
            a.jcc(.notEqual, failed)
            a.test(.eax, 8)
            a.jcc(.equal, poll)
            a.mov(.edx, 0x1F0)
            a.mov(.ecx, 256)
            a.alu(.cmp, .at(.ebp, 16), 0)
            a.jcc(.notEqual, write)
            a.repIns(width: .word)
            a.jmp(moved)
            a.bind(write)
            a.repOuts(width: .word)
            a.bind(moved)
            a.dec(.ebx)
            a.jcc(.notEqual, next)
            // The last sector of a write is on the disk when BSY is clear without an error.
            a.mov(.edx, 0x1F7)
            a.bind(last)
            a.inDX(width: .byte)
            a.test(.eax, 0x80)
            a.jcc(.notEqual, last)
            a.test(.eax, 0x21)
            a.jcc(.notEqual, failed)
            a.mov(.eax, 1)
            a.jmp(end)
            a.bind(failed)
            a.alu(.xor, .eax, .eax)
            a.bind(end)
        }
        f.return()
    }
}
