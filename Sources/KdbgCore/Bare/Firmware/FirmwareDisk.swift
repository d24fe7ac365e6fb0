// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What `transfer` does, in BL.
enum Transfer {
    static let read: UInt8 = 0
    static let write: UInt8 = 1
    static let verify: UInt8 = 2
}

/// INT 13h, and the driver of the ATA disk behind it: programmed I/O, one sector a command, the controller's interrupt off.
extension Firmware {
    private static let badParameter: UInt8 = 0x01
    private static let controllerFailed: UInt8 = 0x20

    mutating func writeDisk() {
        enter("disk")
        code.sti()
        code.mov(.al, caller(Frame.dl))
        code.alu(.cmp, .al, disk.drive)
        code.jcc(.notEqual, "disk.otherDrive")
        var functions: [(UInt8, String)] = [
            (0x00, "disk.done"), (0x01, "disk.status"), (0x02, "disk.read"), (0x03, "disk.write"), (0x04, "disk.verify"),
            (0x08, "disk.parameters"),
            (0x0C, "disk.done"), (0x0D, "disk.done"), (0x10, "disk.done"), (0x11, "disk.done"), (0x15, "disk.type"), (0x16, "disk.done"),
        ]
        if !disk.isDiskette {
            functions += [
                (0x41, "disk.extensions"), (0x42, "disk.extendedRead"), (0x43, "disk.extendedWrite"), (0x44, "disk.extendedVerify"),
                (0x47, "disk.done"), (0x48, "disk.extendedParameters"),
            ]
        }
        dispatch(functions)
        code.label("disk.bad")
        code.mov(.ah, Self.badParameter)
        code.label("disk.fail")
        code.mov(caller(Frame.ah), .ah)
        code.mov(data(0x74), .ah)
        leave(carry: true)
        code.label("disk.done")
        code.store(0, to: caller(Frame.ah))
        code.store(0, to: data(0x74))
        leave(carry: false)

        // Drives that are not there have no type and no parameters.
        code.label("disk.otherDrive")
        code.alu(.cmp, caller(Frame.ah), byte: 0x15)
        code.jcc(.notEqual, "disk.bad")
        code.jmp("disk.done")

        code.label("disk.status")
        code.mov(.al, data(0x74))
        code.mov(caller(Frame.ah), .al)
        code.alu(.cmp, .al, 0)
        code.jcc(.equal, "disk.done")
        leave(carry: true)
        writeClassicTransfers()
        writeParameters()
        writeTransfer()
    }

    /// Functions 2 to 4: AL sectors from cylinder CH and CL bits 6 and 7, head DH, sector CL (from 1), to or from ES:BX.
    private mutating func writeClassicTransfers() {
        for (label, kind) in [("disk.read", Transfer.read), ("disk.write", Transfer.write), ("disk.verify", Transfer.verify)] {
            code.label(label)
            code.mov(.ebx, UInt32(kind))
            if kind != Transfer.verify { code.jmp("disk.classic") }
        }
        code.label("disk.classic")
        code.movzxByte(.eax, caller(Frame.cl))
        code.mov(.ecx, .eax)
        code.alu(.and, .ecx, 0x3F)
        code.jcc(.equal, "disk.bad")
        code.alu(.cmp, .ecx, UInt32(disk.sectorsPerTrack))
        code.jcc(.above, "disk.bad")
        code.alu(.and, .eax, 0xC0)
        code.shift(.shl, .eax, by: 2)
        code.mov(.al, caller(Frame.ch))
        code.movzxByte(.edx, caller(Frame.dh))
        code.alu(.cmp, .edx, UInt32(disk.heads))
        code.jcc(.aboveOrEqual, "disk.bad")
        code.mov(.esi, UInt32(disk.heads))
        code.imul(.eax, .esi)
        code.alu(.add, .eax, .edx)
        code.mov(.esi, UInt32(disk.sectorsPerTrack))
        code.imul(.eax, .esi)
        code.alu(.add, .eax, .ecx)
        code.dec(.eax)
        code.movzxByte(.ecx, caller(Frame.al))
        code.alu(.cmp, .ecx, 0)
        code.jcc(.equal, "disk.bad")
        code.movzxWord(.edi, caller(Frame.bx))
        // ES is the caller's still.
        code.call("transfer")
        code.mov(caller(Frame.al), .dl)
        code.jcc(.below, "disk.fail")
        code.jmp("disk.done")
    }

    private mutating func writeParameters() {
        code.label("disk.parameters")
        let last = disk.cylinders - 1
        code.store(0, to: caller(Frame.al))
        code.store(disk.kind, to: caller(Frame.bl))
        code.store(UInt8(truncatingIfNeeded: last), to: caller(Frame.ch))
        code.store(UInt8((last >> 2) & 0xC0 | disk.sectorsPerTrack), to: caller(Frame.cl))
        code.store(UInt8(disk.heads - 1), to: caller(Frame.dh))
        code.store(1, to: caller(Frame.dl))
        if disk.isDiskette {
            code.store(UInt32(Self.segment), .word, to: caller(Frame.es))
            code.store(offsetOf: "diskParameters", to: caller(Frame.di))
        }
        code.jmp("disk.done")

        // A diskette without change line is type 1, a hard disk type 3 with its sectors in CX:DX.
        code.label("disk.type")
        if !disk.isDiskette {
            code.store(UInt32(disk.sectors >> 16 & 0xFFFF), .word, to: caller(Frame.cx))
            code.store(UInt32(disk.sectors & 0xFFFF), .word, to: caller(Frame.dx))
        }
        code.store(disk.isDiskette ? 1 : 3, to: caller(Frame.ah))
        leave(carry: false)

        // The table of INT 1Eh: times nobody uses, 512-byte sectors, sectors per track, gap lengths, fill byte, and times again.
        code.label("diskParameters")
        code.bytes([0xAF, 0x02, 0x25, 0x02, UInt8(disk.sectorsPerTrack), 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08])
    }

    /// ECX sectors from sector EAX on, to or from ES:EDI as BL says. Answers with carry and the error in AH, or with carry clear; DL is the number of
    /// sectors done. Changes all registers but EBP, and ES.
    private mutating func writeTransfer() {
        code.label("transfer")
        code.push(.ebp)
        code.mov(.esi, .eax)
        code.mov(.ebp, .ecx)
        code.push(.ecx)
        code.alu(.add, .eax, .ecx)
        code.jcc(.below, "transfer.bad")
        code.alu(.cmp, .eax, UInt32(disk.sectors))
        code.jcc(.above, "transfer.bad")
        // A buffer may cross a 64 KiB boundary of its segment.
        code.mov(.eax, .edi)
        code.shift(.shr, .eax, by: 4)
        code.mov(.edx, .es)
        code.alu(.add, .eax, .edx)
        code.mov(.es, .eax)
        code.alu(.and, .edi, 0xF)
        control(interruptOff: true)

        code.label("transfer.next")
        waitWhileBusy("transfer.ready")
        command()
        waitWhileBusy("transfer.answered")
        code.test(.al, 0x21)
        code.jcc(.notEqual, "transfer.failed")
        code.alu(.cmp, .bl, Transfer.verify)
        code.jcc(.equal, "transfer.count")
        code.test(.al, 8)
        code.jcc(.equal, "transfer.failed")
        writeData()
        code.label("transfer.count")
        code.mov(.edx, .es)
        code.alu(.add, .edx, 0x20)
        code.mov(.es, .edx)
        code.inc(.esi)
        code.dec(.ebp)
        code.jcc(.notEqual, "transfer.next")
        code.alu(.xor, .eax, .eax)
        code.jmp("transfer.end")
        code.label("transfer.bad")
        code.mov(.eax, UInt32(Self.badParameter) << 8)
        code.jmp("transfer.end")
        code.label("transfer.failed")
        code.mov(.eax, UInt32(Self.controllerFailed) << 8)
        code.label("transfer.end")
        code.push(.eax)
        control(interruptOff: false)
        code.pop(.eax)
        code.pop(.edx)
        code.alu(.sub, .edx, .ebp)
        code.pop(.ebp)
        // Carry for everything but 0.
        code.alu(.cmp, .ah, 1)
        code.byte(0xF5)
        code.ret()
    }

    /// The device control register: interrupts of the disk off or on.
    private mutating func control(interruptOff: Bool) {
        code.mov(.edx, 0x3F6)
        code.mov(.al, interruptOff ? 0x0A : 0x08)
        code.outDXAL()
    }

    /// Reads the status into AL until BSY is clear.
    private mutating func waitWhileBusy(_ label: String) {
        code.mov(.edx, 0x1F7)
        code.label(label)
        code.inALDX()
        code.test(.al, 0x80)
        code.jcc(.notEqual, label)
    }

    /// One sector: count, 28 bits of LBA in ESI, and the command for BL.
    private mutating func command() {
        code.mov(.edx, 0x1F2)
        code.mov(.al, 1)
        code.outDXAL()
        code.mov(.eax, .esi)
        for _ in 0..<3 {
            code.inc(.edx)
            code.outDXAL()
            code.shift(.shr, .eax, by: 8)
        }
        code.inc(.edx)
        code.alu(.or, .al, 0xE0)
        code.outDXAL()
        code.inc(.edx)
        // READ SECTORS, WRITE SECTORS or READ VERIFY SECTORS.
        code.mov(.al, 0x20)
        code.alu(.cmp, .bl, Transfer.write)
        code.jcc(.below, "transfer.command")
        code.mov(.al, 0x30)
        code.jcc(.equal, "transfer.command")
        code.mov(.al, 0x40)
        code.label("transfer.command")
        code.outDXAL()
    }

    /// The 256 words of the sector.
    private mutating func writeData() {
        code.mov(.edx, 0x1F0)
        code.mov(.ecx, 256)
        code.alu(.cmp, .bl, Transfer.write)
        code.jcc(.equal, "transfer.write")
        code.push(.edi)
        code.repInsWord()
        code.pop(.edi)
        code.jmp("transfer.count")
        code.label("transfer.write")
        code.push(.esi)
        code.push(.ds)
        code.mov(.eax, .es)
        code.mov(.ds, .eax)
        code.mov(.esi, .edi)
        code.repOutsWord()
        code.pop(.ds)
        code.pop(.esi)
        waitWhileBusy("transfer.written")
        code.test(.al, 0x21)
        code.jcc(.notEqual, "transfer.failed")
    }
}
