/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug registers and traps: code, data and port breakpoints, single steps, RF, GD, ICEBP, what DR6 says. */
#include "cases.h"

        /* DR7 for breakpoint n: enabled for every task; kind 0 code, 1 writes, 2 ports, 3 reads and writes; length 0, 1, 3 for 1, 2, 4 bytes. */
        .set    CODE, 0
        .set    WRITES, 1
        .set    PORTS, 2
        .set    ACCESSES, 3

        .macro  breakpoint number, address, kind=CODE, length=0
        movl    $(\address), %eax
        movl    %eax, %db\number
        movl    %db7, %eax
        orl     $((2 << (2 * \number)) | ((\kind) << (16 + 4 * \number)) | ((\length) << (18 + 4 * \number))), %eax
        movl    %eax, %db7
        .endm

        case    "code breakpoint"
        breakpoint 0, 1f
        run
        nop
1:      nop
        finish

        case    "code breakpoint in ring 3", RING(3)
        breakpoint 3, 1f
        run
        nop
1:      nop
        finish

        case    "code breakpoint, RF lets the instruction pass", LOG_DEBUG
        breakpoint 1, 1f
        run
        nop
1:      incl    %eax
        incl    %eax
        finish

        case    "code breakpoint in a loop stops every time", LOG_DEBUG
        breakpoint 0, 1f
        run
        movl    $3, %ecx
1:      decl    %ecx
        jnz     1b
        finish

        case    "code breakpoint in the middle of an instruction does nothing", LOG_DEBUG
        breakpoint 0, 1f + 1
        run
1:      movl    $1, %eax
        finish

        case    "two code breakpoints on one instruction"
        breakpoint 0, 1f
        breakpoint 2, 1f
        run
1:      nop
        finish

        case    "code breakpoint on an instruction that faults"
        breakpoint 0, 1f
        run
1:      ud2
        finish

        case    "code breakpoint goes first, then the fault", LOG_DEBUG
        breakpoint 0, 1f
        run
1:      ud2
        finish

        case    "code breakpoint that is not enabled"
        breakpoint 0, 1f
        movl    $0x400, %eax
        movl    %eax, %db7
        run
1:      nop
        finish

        case    "locally enabled code breakpoint"
        breakpoint 0, 1f
        movl    $0x401, %eax
        movl    %eax, %db7
        run
1:      nop
        finish

        .macro  watch name, address, kind, length, code:vararg
        case    "\name", LOG_DEBUG
        breakpoint 0, \address, \kind, \length
        run
        \code
        nop
        finish
        .endm

        watch   "write of a watched byte", scratch, WRITES, 0, movb $1, scratch
        watch   "read of a byte watched for writes", scratch, WRITES, 0, movb scratch, %al
        watch   "read of a watched byte", scratch, ACCESSES, 0, movb scratch, %al
        watch   "write of a byte watched for both", scratch, ACCESSES, 0, movb %al, scratch
        watch   "doubleword that covers a watched byte", scratch + 3, WRITES, 0, movl %eax, scratch
        watch   "doubleword in front of a watched byte", scratch + 4, WRITES, 0, movl %eax, scratch
        watch   "byte at the end of a watched doubleword", scratch + 4, WRITES, 3, movb %al, scratch + 7
        watch   "byte behind a watched doubleword", scratch + 4, WRITES, 3, movb %al, scratch + 8
        watch   "a watched word is aligned down", scratch + 5, WRITES, 1, movb %al, scratch + 4
        watch   "unaligned write into a watched word", scratch + 6, WRITES, 1, movl %eax, scratch + 3
        watch   "PUSH to a watched place", ring_stacks+4096-256-4, WRITES, 3, pushl %eax
        watch   "read and write count once", scratch, ACCESSES, 3, incl scratch
        watch   "code fetch is no read", 1f, ACCESSES, 0, 1: nop

        case    "REP STOS over a watched doubleword", LOG_DEBUG
        breakpoint 2, scratch + 8, WRITES, 3
        run
        movl    $scratch, %edi
        movl    $6, %ecx
        rep stosl
        finish

        case    "REP MOVS writes a watched byte", LOG_DEBUG
        breakpoint 2, scratch + 0x102, WRITES, 0
        run
        movl    $scratch, %esi
        movl    $scratch + 0x100, %edi
        movl    $6, %ecx
        rep movsb
        observe %ecx
        finish

        case    "a watched write that faults in another page", PAGING
        breakpoint 0, WINDOW + 0x1FFC, WRITES, 3
        andl    $~1, window_table + 8
        run
        movl    %eax, WINDOW + 0x1FFE
        finish

        case    "two watched places in one instruction", LOG_DEBUG
        breakpoint 0, scratch, WRITES, 3
        breakpoint 1, scratch + 4, WRITES, 3
        run
        movl    %eax, scratch + 2
        nop
        finish

        case    "DR6 shows breakpoints that match but are not enabled", LOG_DEBUG
        breakpoint 0, scratch, WRITES, 3
        movl    $scratch, %eax
        movl    %eax, %db1
        movl    %db7, %eax
        orl     $0x00D00000, %eax
        movl    %eax, %db7
        run
        movl    %eax, scratch
        nop
        finish

        case    "port breakpoint", LOG_DEBUG
        movl    $8, %eax
        movl    %eax, %cr4
        breakpoint 0, 0xED, PORTS, 0
        run
        outb    %al, $0xED
        nop
        finish

        case    "port breakpoint on IN", LOG_DEBUG, 0
        movl    $8, %eax
        movl    %eax, %cr4
        breakpoint 1, 0x61, PORTS, 0
        run
        inb     $0x61, %al
        movl    $INITIAL_EAX, %eax
        finish

        case    "single step", LOG_DEBUG | MODE_TRACE
        run
        nop
        movl    $5, %eax
        addl    %eax, %eax
        pushfl
        andl    $~0x100, (%esp)
        popfl
        nop
        finish

        case    "single step in ring 3", LOG_DEBUG | MODE_TRACE | RING(3)
        run
        nop
        nop
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish

        case    "POPF that sets TF traps behind the next instruction", LOG_DEBUG
        run
        pushfl
        orl     $0x100, (%esp)
        popfl
        nop
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish

        case    "single step of REP STOS stops after each doubleword", LOG_DEBUG | MODE_TRACE
        run
        movl    $scratch, %edi
        movl    $3, %ecx
        rep stosl
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish

        case    "single step over INT: the handler runs without TF", LOG_DEBUG | MODE_TRACE
        gate    idt, 0x41, CODE(0), 1f, 0xEE
        run
        int     $0x41
        nop
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish
1:      observe_flags
        iretl

        case    "single step of an instruction that faults", MODE_TRACE
        run
        ud2
        finish

        case    "single step onto a code breakpoint", LOG_DEBUG | MODE_TRACE
        breakpoint 0, 1f
        run
        nop
1:      nop
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish

        case    "single step of a watched write: both bits", MODE_TRACE
        breakpoint 0, scratch, WRITES, 3
        run
        movl    %eax, scratch
        finish

        case    "POP SS holds off a trap", LOG_DEBUG | MODE_TRACE
        run
        pushl   %ss
        popl    %ss
        nop
        nop
        pushfl
        andl    $~0x100, (%esp)
        popfl
        finish

        case    "MOV SS holds off a watched read", LOG_DEBUG
        movl    $DATA(0), scratch
        breakpoint 0, scratch, ACCESSES, 1
        run
        movw    scratch, %ss
        nop
        nop
        finish

        case    "ICEBP"
        run
        .byte   0xF1
        finish

        case    "ICEBP in ring 3", RING(3)
        run
        .byte   0xF1
        finish

        case    "GD: MOV to a debug register"
        movl    $0x2400, %eax
        movl    %eax, %db7
        run
        movl    %eax, %db0
        finish

        case    "GD: MOV from a debug register"
        movl    $0x2400, %eax
        movl    %eax, %db7
        run
        movl    %db3, %eax
        finish

        case    "GD is off in the handler"
        movl    $0x2400, %eax
        movl    %eax, %db7
        gate    idt, 1, CODE(0), 1f, 0x8E
        run
        movl    %db3, %eax
        finish
1:      movl    %db7, %eax
        movl    %db6, %ecx
        stop

        case    "fixed bits of DR6 and DR7"
        run
        xorl    %eax, %eax
        movl    %eax, %db6
        movl    %eax, %db7
        movl    %db6, %ecx
        movl    %db7, %edx
        movl    $0xFFFF0FFF, %eax
        movl    %eax, %db6
        movl    %db6, %ebx
        finish

        case    "DR4 and DR5 are DR6 and DR7"
        run
        movl    %db4, %ecx
        movl    %db5, %edx
        finish

        case    "DR4 with CR4.DE"
        movl    $8, %eax
        movl    %eax, %cr4
        run
        movl    %db4, %ecx
        finish

        case    "IRET sets RF for one instruction", LOG_DEBUG
        breakpoint 0, 1f
        run
        pushl   $0x10002
        pushl   $CODE(0)
        pushl   $1f
        iretl
1:      nop
        jmp     2f
2:      jmp     3f
3:      finish

        case    "POPF cannot set RF", LOG_DEBUG
        breakpoint 0, 1f
        run
        pushl   $0x10002
        popfl
1:      nop
        finish

        case    "a code breakpoint behind MOV SS waits"
        breakpoint 0, 1f
        run
        movl    %ss, %eax
        movl    %eax, %ss
1:      nop
        finish
