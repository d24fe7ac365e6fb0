// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Functions 6 and 7 of INT 10h.
extension Firmware {
    mutating func writeScrolling() {
        code.label("video.scroll")
        code.mov(.eax, caller(Frame.ax))
        code.mov(.ebx, caller(Frame.bx))
        code.mov(.ecx, caller(Frame.cx))
        code.mov(.edx, caller(Frame.dx))
        code.call("scrollWindow")
        code.jmp("leave")

        // Moves the window from row CH, column CL to row DH, column DL by AL rows, up when AH is 6, otherwise down; 0 rows clear it. New rows are blank,
        // with the attribute BH. ES is the display. Changes all registers but EBP.
        code.label("scrollWindow")
        code.push(.ebp)
        writeClipping()
        // EBP is the row to fill, from the window's far end on; AL how many rows away its source is.
        code.movzxByte(.ebp, .ch)
        code.alu(.cmp, .ah, 6)
        code.jcc(.equal, "scrollWindow.row")
        code.movzxByte(.ebp, .dh)
        code.label("scrollWindow.row")
        writeRow()
        code.alu(.cmp, .ah, 6)
        code.jcc(.equal, "scrollWindow.down")
        code.dec(.ebp)
        code.movzxByte(.esi, .ch)
        code.alu(.cmp, .ebp, .esi)
        code.jcc(.greaterOrEqual, "scrollWindow.row")
        code.jmp("scrollWindow.end")
        code.label("scrollWindow.down")
        code.inc(.ebp)
        code.movzxByte(.esi, .dh)
        code.alu(.cmp, .ebp, .esi)
        code.jcc(.lessOrEqual, "scrollWindow.row")
        code.label("scrollWindow.end")
        code.pop(.ebp)
        code.ret()
    }

    /// Keeps the window on the screen; does nothing when it is upside down; makes 0 rows all of them.
    private mutating func writeClipping() {
        for (register, last) in [(RealModeAssembler.Byte.dh, UInt8(24)), (.dl, 79)] {
            let label = "scrollWindow.clip\(register)"
            code.alu(.cmp, register, last)
            code.jcc(.belowOrEqual, label)
            code.mov(register, last)
            code.label(label)
        }
        code.alu(.cmp, .dh, .ch)
        code.jcc(.below, "scrollWindow.end")
        code.alu(.cmp, .dl, .cl)
        code.jcc(.below, "scrollWindow.end")
        code.alu(.cmp, .al, 0)
        code.jcc(.notEqual, "scrollWindow.counted")
        code.mov(.al, 25)
        code.label("scrollWindow.counted")
    }

    /// Fills row EBP of the window from its source row, or with blanks when that is outside.
    private mutating func writeRow() {
        code.pushad()
        // ESI: the source row.
        code.movzxByte(.esi, .al)
        code.alu(.cmp, .ah, 6)
        code.jcc(.equal, "scrollWindow.below")
        code.mov(.edi, .ebp)
        code.alu(.sub, .edi, .esi)
        code.mov(.esi, .edi)
        code.jmp("scrollWindow.source")
        code.label("scrollWindow.below")
        code.alu(.add, .esi, .ebp)
        code.label("scrollWindow.source")
        // EDI: the offset of the row's first cell. EAX: cells in a row.
        code.push(.ebx)
        code.movzxByte(.edi, .cl)
        code.mov(.ebx, 80)
        code.imul(.ebp, .ebx)
        code.alu(.add, .ebp, .edi)
        code.shift(.shl, .ebp, by: 1)
        code.movzxByte(.eax, .dl)
        code.alu(.sub, .eax, .edi)
        code.inc(.eax)
        code.movzxByte(.ebx, .ch)
        code.alu(.cmp, .esi, .ebx)
        code.jcc(.less, "scrollWindow.blank")
        code.movzxByte(.ebx, .dh)
        code.alu(.cmp, .esi, .ebx)
        code.jcc(.greater, "scrollWindow.blank")
        code.mov(.ebx, 80)
        code.imul(.esi, .ebx)
        code.alu(.add, .esi, .edi)
        code.shift(.shl, .esi, by: 1)
        code.mov(.edi, .ebp)
        code.mov(.ecx, .eax)
        code.pop(.ebx)
        code.push(.ds)
        code.mov(.eax, .es)
        code.mov(.ds, .eax)
        code.repMovsWord()
        code.pop(.ds)
        code.jmp("scrollWindow.filled")
        code.label("scrollWindow.blank")
        code.pop(.ebx)
        code.mov(.ecx, .eax)
        code.mov(.edi, .ebp)
        code.mov(.al, 0x20)
        code.mov(.ah, .bh)
        code.repStosWord()
        code.label("scrollWindow.filled")
        code.popad()
    }
}
