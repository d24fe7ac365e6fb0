/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a ring may do: flags, instructions of ring 0, ports, segments; LDT and TR. */
#include "cases.h"

        case    "IRET in ring 3 leaves IOPL and IF", RING(3)
        run
        pushl   $0x3A02 | 0x4D5
        pushl   $CODE(3) | 3
        pushl   $1f
        iretl
1:      finish

        case    "IRET in ring 3 with IOPL 3 changes IF", RING(3) | IOPL(3)
        run
        pushl   $0x202
        pushl   $CODE(3) | 3
        pushl   $1f
        iretl
1:      finish

        case    "POPF in ring 3 leaves IOPL and IF", RING(3)
        run
        pushl   $0x3FD7 & ~0x100 & ~0x4000
        popfl
        finish

        case    "POPF in ring 0 changes IOPL"
        run
        pushl   $0x3002
        popfl
        finish

        case    "POPF in ring 1 with IOPL 1 leaves IOPL", RING(1) | IOPL(1)
        run
        pushl   $0x2002
        popfl
        finish

        .macro  ring_0_only name, text:vararg
        case    "\name in ring 3", RING(3)
        run
        \text
        finish
        .endm

        ring_0_only "LGDT", lgdt scratch
        ring_0_only "LIDT", lidt scratch
        ring_0_only "LLDT", lldt %ax
        ring_0_only "LTR", ltr %ax
        ring_0_only "LMSW", lmsw %ax
        ring_0_only "CLTS", clts
        ring_0_only "MOV to CR0", movl %eax, %cr0
        ring_0_only "MOV from CR3", movl %cr3, %eax
        ring_0_only "MOV to DR0", movl %eax, %db0
        ring_0_only "MOV from DR7", movl %db7, %eax
        ring_0_only "INVLPG", invlpg scratch
        ring_0_only "WBINVD", wbinvd
        ring_0_only "RDMSR", rdmsr
        ring_0_only "CLI", cli
        ring_0_only "STI", sti
        ring_0_only "IN", inb $0x80, %al
        ring_0_only "OUTSB", outsb
        ring_0_only "SLDT", sldt %eax
        ring_0_only "STR", str %eax

        case    "CLI in ring 2 with IOPL 2", RING(2) | IOPL(2)
        run
        cli
        finish

        case    "CLI in ring 3 with IOPL 2", RING(3) | IOPL(2)
        run
        cli
        finish

        case    "OUT in ring 3 with IOPL 3", RING(3) | IOPL(3)
        run
        outb    %al, $0xED
        finish

        case    "OUT to an allowed port", RING(3)
        andb    $0xDF, task_1 + 104 + 0xED / 8
        run
        outb    %al, $0xED
        finish

        case    "OUT of two bytes, one allowed", RING(3)
        andb    $0xDF, task_1 + 104 + 0xED / 8
        run
        outw    %ax, $0xED
        finish

        case    "OUT of four bytes, all allowed", RING(3)
        movb    $0x0F, task_1 + 104 + 0xEC / 8
        movb    $0x00, task_1 + 104 + 0xF0 / 8
        run
        outl    %eax, $0xEC
        finish

        case    "OUT behind the end of the permissions", RING(3)
        run
        movw    $0x108, %dx
        outb    %al, %dx
        finish

        case    "OUT with the last permission byte behind the limit", RING(3)
        movb    $0, task_1 + 104 + 31
        movw    $104 + 31, gdt + TASK
        andb    $0xFD, gdt + TASK + 5
        movl    $TASK, %eax
        ltr     %ax
        run
        outb    %al, $0xFE
        finish

        case    "OUT with permissions that start behind the TSS", RING(3)
        movw    $0xFFFF, task_1 + 102
        run
        outb    %al, $0xED
        finish

        case    "LOADALL of selectors: DS gets code that cannot be read"
        descriptor FREE(5), 0, 0xFFFFF, 0xC098
        run
        movl    $FREE(5), %eax
        movl    %eax, %ds
        finish

        case    "DS of ring 0 in ring 3", RING(3)
        run
        movl    $DATA(0) | 3, %eax
        movl    %eax, %ds
        finish

        case    "DS with an RPL below its DPL", RING(0)
        run
        movl    $DATA(1) | 2, %eax
        movl    %eax, %ds
        finish

        case    "DS gets conforming code of ring 0 in ring 3", RING(3)
        run
        movl    $CONFORMING | 3, %eax
        movl    %eax, %ds
        movl    %ds, %ecx
        finish

        case    "DS not present"
        descriptor FREE(5), 0, 0xFFFFF, 0xC013
        run
        movl    $FREE(5), %eax
        movl    %eax, %ds
        finish

        case    "SS not present"
        descriptor FREE(5), 0, 0xFFFFF, 0xC013
        run
        movl    $FREE(5), %eax
        movl    %eax, %ss
        finish

        case    "SS null"
        run
        xorl    %eax, %eax
        movl    %eax, %ss
        finish

        case    "SS of another ring", RING(3)
        run
        movl    $DATA(2) | 3, %eax
        movl    %eax, %ss
        finish

        case    "SS is code"
        run
        movl    $CODE(0), %eax
        movl    %eax, %ss
        finish

        case    "LSS with a selector out of the GDT"
        movl    $0x1000, scratch
        movw    $0x2000, scratch + 4
        run
        lss     scratch, %esp
        finish

        case    "a selector of the LDT without LDT"
        run
        movl    $4, %eax
        movl    %eax, %es
        finish

        case    "a selector of the LDT"
        movl    gdt + DATA(0), %eax
        movl    %eax, local_table + 8
        movl    gdt + DATA(0) + 4, %eax
        movl    %eax, local_table + 12
        movl    $LOCAL_TABLE, %eax
        lldt    %ax
        run
        movl    $8 | 4, %eax
        movl    %eax, %es
        movl    $0x1234, %es:scratch
        observe_memory scratch
        sldt    %eax
        finish

        case    "LLDT with what is no LDT"
        run
        movl    $DATA(0), %eax
        lldt    %ax
        finish

        case    "LLDT not present"
        andb    $0x7F, gdt + LOCAL_TABLE + 5
        run
        movl    $LOCAL_TABLE, %eax
        lldt    %ax
        finish

        case    "LTR of a busy TSS"
        run
        movl    $TASK, %eax
        ltr     %ax
        finish

        case    "LTR marks the TSS busy"
        run
        movl    $TASK_2, %eax
        ltr     %ax
        observe_memory gdt + TASK_2 + 4
        str     %eax
        finish

        case    "LTR with the null selector"
        run
        xorl    %eax, %eax
        ltr     %ax
        finish
