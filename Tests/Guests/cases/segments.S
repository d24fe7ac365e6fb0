/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Segments: limits, expand-down, granularity, rights, LAR and its family. */
#include "cases.h"

        /* A data segment at scratch in FREE(0), loaded into ES. */
        .macro  segment limit, rights
        movl    $scratch, %ebx
        descriptor FREE(0), 0, \limit, \rights
        movw    %bx, gdt + FREE(0) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(0) + 4
        .endm

        .macro  load_es
        movl    $FREE(0), %eax
        movl    %eax, %es
        .endm

        .macro  access name, limit, rights, code:vararg
        case    "\name"
        segment \limit, \rights
        run
        load_es
        \code
        finish
        .endm

        access "byte at the limit", 0xFFF, 0x4093, movb $1, %es:0xFFF
        access "byte behind the limit", 0xFFF, 0x4093, movb $1, %es:0x1000
        access "doubleword across the limit", 0xFFF, 0x4093, movl $1, %es:0xFFD
        access "doubleword up to the limit", 0xFFF, 0x4093, movl $1, %es:0xFFC
        access "doubleword that wraps at 4 GiB", 0xFFFFF, 0xC093, movl %es:0xFFFFFFFE, %eax
        access "page granularity reaches FFFh further", 0, 0xC093, movb $1, %es:0xFFF
        access "page granularity, behind the limit", 0, 0xC093, movb $1, %es:0x1000
        access "expand-down: at the limit", 0xFFF, 0x4097, movb $1, %es:0xFFF
        access "expand-down: above the limit", 0xFFF, 0x4097, movb $1, %es:0x1000
        access "16-bit expand-down: at FFFFh", 0xFFF, 0x0097, movb $1, %es:0xFFFF
        access "16-bit expand-down: above FFFFh", 0xFFF, 0x0097, movb $1, %es:0x10000
        access "write to read-only data", 0xFFFF, 0x4091, movb $1, %es:0
        access "read of read-only data", 0xFFFF, 0x4091, movb %es:0, %al
        access "write to code", 0xFFFF, 0x409B, movb $1, %es:0
        access "read of readable code", 0xFFFF, 0x409B, movb %es:0, %al
        access "XCHG with read-only data", 0xFFFF, 0x4091, xchgl %ecx, %es:0
        access "CMPXCHG that fails on read-only data", 0xFFFF, 0x4091, cmpxchgl %ecx, %es:0

        case    "null selector: loading is allowed, reading is not"
        run
        xorl    %eax, %eax
        movl    %eax, %fs
        movl    %fs:scratch, %eax
        finish

        case    "loading sets the accessed bit"
        segment 0xFFFF, 0x4092
        run
        load_es
        observe_memory gdt + FREE(0) + 4
        finish

        case    "stack behind its limit", RING(1)
        segment 0xFFF, 0x40B3
        run
        movl    $FREE(0) | 1, %eax
        movl    %esp, %ebx
        movl    %ss, %ecx
        movl    %eax, %ss
        movl    $0x1003, %esp
        pushl   %eax
        finish

        case    "a 16-bit stack wraps"
        run
        movl    %esp, %ebx
        movl    %ss, %ecx
        movl    $DATA_16_BIT, %eax
        movl    %eax, %ss
        movl    $0xABCD0002, %esp
        pushw   %ax
        pushw   %ax
        movl    %esp, %edx
        movl    %ecx, %ss
        movl    %ebx, %esp
        observe_memory scratch + 0xFFFE
        finish

        case    "ENTER on a 16-bit stack"
        run
        movl    %esp, %edi
        movl    $DATA_16_BIT, %eax
        movl    %eax, %ss
        movl    $0x12341000, %esp
        movl    $0x56780800, %ebp
        enter   $0x20, $2
        movl    %esp, %edx
        movl    $DATA(0), %eax
        movl    %eax, %ss
        movl    %edi, %esp
        finish

        .macro  query name, instruction, selector, prepare:vararg
        case    "\instruction \name"
        segment 0x12345, 0xC093
        \prepare
        run
        movl    $\selector, %eax
        \instruction %eax, %ecx
        .ifc    \instruction, lar               /* bits 16 to 19 are undefined */
        pushfl
        andl    $0xFFF0FFFF, %ecx
        popfl
        .endif
        finish
        .endm

        .irp    instruction, lar, lsl
        query "of data", \instruction, FREE(0)
        query "of a 16-bit segment", \instruction, CODE_16_BIT
        query "of the null selector", \instruction, 0
        query "behind the GDT", \instruction, 0x1000
        query "of a TSS", \instruction, TASK
        query "of an LDT", \instruction, LOCAL_TABLE
        query "of a selector with a high RPL", \instruction, DATA(0) | 3
        query "of conforming code with a high RPL", \instruction, CONFORMING | 3
        query "of a segment that is not present", \instruction, FREE(0), andb $0x7F, gdt + FREE(0) + 5
        query "of a call gate", \instruction, FREE(0), movb $0x8C, gdt + FREE(0) + 5
        query "of an interrupt gate", \instruction, FREE(0), movb $0x8E, gdt + FREE(0) + 5
        query "of a task gate", \instruction, FREE(0), movb $0x85, gdt + FREE(0) + 5
        query "of type 0", \instruction, FREE(0), movb $0x80, gdt + FREE(0) + 5
        .endr

        .macro  verify name, instruction, selector, rights
        case    "\instruction of \name"
        segment 0xFFFF, \rights
        run
        movl    $\selector, %eax
        \instruction %ax
        finish
        .endm

        .irp    instruction, verr, verw
        verify "data", \instruction, FREE(0), 0x4093
        verify "read-only data", \instruction, FREE(0), 0x4091
        verify "code", \instruction, FREE(0), 0x409B
        verify "execute-only code", \instruction, FREE(0), 0x4099
        verify "a system segment", \instruction, TASK, 0x4093
        verify "the null selector", \instruction, 0, 0x4093
        verify "data of ring 0 with RPL 3", \instruction, FREE(0) | 3, 0x4093
        verify "conforming code with RPL 3", \instruction, FREE(0) | 3, 0x409F
        .endr

        case    "ARPL raises"
        run
        movl    $0x10, %eax
        movl    $0x23, %ecx
        arpl    %cx, %ax
        finish

        case    "ARPL leaves"
        run
        movl    $0x13, %eax
        movl    $0x21, %ecx
        arpl    %cx, %ax
        finish

        case    "MOV SS holds off a trap for one instruction", LOG_DEBUG
        run
        pushfl
        orl     $0x100, (%esp)
        movl    %ss, %eax
        popfl
        movl    %eax, %ss
        nop
        nop
        finish

        case    "LDS takes offset and selector"
        movl    $0x12345678, scratch
        movw    $DATA(0), scratch + 4
        run
        lds     scratch, %eax
        finish

        case    "PUSH and POP of segments move the stack by four"
        run
        pushl   %fs
        pushl   %gs
        popl    %es
        observe %esp
        popl    %fs
        finish

        case    "MOV from a segment fills the register with zeros"
        run
        movl    %ds, %eax
        finish

        case    "SGDT and SIDT"
        run
        sgdt    scratch
        sidt    scratch + 8
        movzwl  scratch, %eax
        movl    scratch + 2, %ecx
        subl    $gdt, %ecx
        movzwl  scratch + 8, %edx
        movl    scratch + 10, %ebx
        subl    $idt, %ebx
        finish
