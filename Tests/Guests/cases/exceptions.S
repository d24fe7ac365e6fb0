/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults and traps: which vector, which error code, which place, what was changed before. */
#include "cases.h"

        case    "nothing"
        run
        finish

        case    "nothing in ring 3", RING(3)
        run
        finish

        case    "nothing in virtual-8086 mode", RING(3) | VIRTUAL_86 | IOPL(3)
        run
        .code16
        finish
        .code32

        case    "nothing in 16-bit code", CODE_16
        run
        .code16
        finish
        .code32

        case    "nothing in real mode", REAL
        run
        .code16
        finish
        .code32

        case    "DIV by zero"
        run
        xorl    %ecx, %ecx
        divl    %ecx
        finish

        case    "DIV by zero in ring 1", RING(1)
        run
        xorl    %ecx, %ecx
        divl    %ecx
        finish

        case    "IDIV of the smallest number by minus one"
        run
        movl    $0x80000000, %eax
        cdq
        movl    $-1, %ecx
        idivl   %ecx
        finish

        case    "DIV with a quotient of 2^32"
        run
        xorl    %eax, %eax
        movl    $7, %edx
        movl    $7, %ecx
        divl    %ecx
        finish

        case    "AAM 0", 0, 0xFFF
        run
        aam     $0
        finish

        case    "INT3 in ring 0"
        run
        int3
        finish

        case    "INT3 in ring 3 through a gate of ring 0", RING(3)
        run
        int3
        finish

        case    "INT 3 with two bytes"
        run
        .byte   0xCD, 3
        finish

        case    "INTO without overflow"
        run
        into
        finish

        case    "INTO with overflow"
        run
        movb    $0x7F, %al
        incb    %al
        into
        finish

        case    "INT 41h in ring 2", RING(2)
        run
        int     $VECTOR_USER
        finish

        case    "INT 42h in ring 3, gate of ring 0", RING(3)
        run
        int     $0x42
        finish

        case    "INT FFh in ring 3, IDT ends before", RING(3)
        movw    $0x7F7, short_idt
        movl    $idt, short_idt + 2
        lidt    short_idt
        run
        int     $0xFF
        finish

        case    "BOUND inside"
        movl    $-5, scratch
        movl    $5, scratch + 4
        run
        movl    $5, %eax
        boundl  %eax, scratch
        finish

        case    "BOUND outside"
        movl    $-5, scratch
        movl    $5, scratch + 4
        run
        movl    $-6, %eax
        boundl  %eax, scratch
        finish

        case    "UD2"
        run
        ud2
        finish

        case    "UD2 in ring 3 pushes RF", RING(3) | SHOW_RF
        run
        ud2
        finish

        case    "BOUND with a register"
        run
        .byte   0x62, 0xC0
        finish

        case    "LEA with a register"
        run
        .byte   0x8D, 0xC0
        finish

        case    "MOV to CS"
        run
        movl    $CODE(0), %eax
        .byte   0x8E, 0xC8
        finish

        case    "MOV from a seventh segment"
        run
        .byte   0x8C, 0xF0
        finish

        case    "MOV from CR1"
        run
        .byte   0x0F, 0x20, 0xC8
        finish

        case    "FFh with reg 7"
        run
        .byte   0xFF, 0xF8
        finish

        case    "FEh with reg 2"
        run
        .byte   0xFE, 0xD0
        finish

        case    "far JMP through a register"
        run
        .byte   0xFF, 0xE8
        finish

        case    "LES with a register"
        run
        .byte   0xC4, 0xC0
        finish

        case    "LOCK on a register"
        run
        .byte   0xF0, 0x01, 0xC0
        finish

        case    "LOCK on MOV"
        run
        .byte   0xF0
        movl    %eax, scratch
        finish

        case    "LOCK on CMP with memory"
        run
        .byte   0xF0
        cmpl    %eax, scratch
        finish

        case    "LOCK on NOP"
        run
        .byte   0xF0, 0x90
        finish

        case    "LOCK on ADD to memory"
        run
        lock addl $5, scratch
        observe_memory scratch
        finish

        case    "LOCK on BTS with memory"
        run
        lock btsl $5, scratch
        observe_memory scratch
        finish

        case    "LOCK on BT"
        run
        .byte   0xF0
        btl     $5, scratch
        finish

        case    "HLT in ring 3", RING(3)
        run
        hlt
        finish

        case    "15 bytes are an instruction"
        run
        .fill   14, 1, 0x3E
        nop
        finish

        case    "16 bytes are none"
        run
        .fill   15, 1, 0x3E
        nop
        finish

        case    "FNINIT with EM", 0, 0
        movl    %cr0, %eax
        orl     $4, %eax
        movl    %eax, %cr0
        run
        fninit
        finish

        case    "FNINIT with TS"
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        run
        fninit
        finish

        case    "WAIT with TS"
        movl    %cr0, %eax
        orl     $8, %eax
        movl    %eax, %cr0
        run
        fwait
        finish

        case    "WAIT with TS and MP"
        movl    %cr0, %eax
        orl     $10, %eax
        movl    %eax, %cr0
        run
        fwait
        finish

        case    "a fault whose gate is not present"
        movb    $0x0E, idt + 6 * 8 + 5
        run
        ud2
        finish

        case    "INT whose gate is not present"
        movb    $0x0E, idt + 0x42 * 8 + 5
        run
        int     $0x42
        finish

        case    "INT whose gate is no gate"
        movb    $0x82, idt + 0x42 * 8 + 5
        run
        int     $0x42
        finish

        case    "INT whose gate has the null selector"
        movw    $0, idt + 0x42 * 8 + 2
        run
        int     $0x42
        finish

        case    "INT whose gate leads into data"
        movw    $DATA(0), idt + 0x42 * 8 + 2
        run
        int     $0x42
        finish

        case    "INT whose gate leads out of the GDT"
        movw    $0x0FF8, idt + 0x42 * 8 + 2
        run
        int     $0x42
        finish

        case    "INT in ring 0 whose gate leads into ring 3"
        movw    $CODE(3) | 3, idt + 0x42 * 8 + 2
        run
        int     $0x42
        finish

        case    "INT whose handler is not present"
        descriptor FREE(0), 0, 0xFFFFF, 0xC01B
        movw    $FREE(0), idt + 0x42 * 8 + 2
        run
        int     $0x42
        finish

        case    "a fault whose handler lies behind the limit"
        descriptor FREE(0), 0, 0x10, 0x409B
        movw    $FREE(0), idt + 6 * 8 + 2
        run
        ud2
        finish

        case    "a protection fault whose gate is not present is a double fault"
        movb    $0x0E, idt + 13 * 8 + 5
        run
        movl    $0x0FF8, %eax
        movl    %eax, %ds
        finish

        case    "a page fault whose gate is not present is a double fault", PAGING
        movb    $0x0E, idt + 14 * 8 + 5
        run
        movl    WINDOW + 0x9000, %eax
        finish

        case    "a trap gate leaves IF", RING(0) | IOPL(0)
        movb    $0xEF, idt + 8 * VECTOR_END + 5
        run
        pushfl
        orl     $0x200, (%esp)
        popfl
        nop
        finish

        case    "a 16-bit interrupt gate"
        movl    $1f, %ebx
        descriptor FREE(1), 0, 0xFFFF, 0x9B
        movw    %bx, gdt + FREE(1) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(1) + 4
        gate    idt, 6, FREE(1), 0, 0x86
        run
        ud2
        finish
        .code16
1:      movw    (%esp), %ax
        movw    2(%esp), %cx
        movw    4(%esp), %dx
        stop
        .code32

        .data
short_idt:
        .skip   8
        .text
