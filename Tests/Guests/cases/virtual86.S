/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Virtual-8086 mode: what IOPL allows, ways in and out, addresses. Code at 0800:0000, data at 0A00, stack at 0900:1000. */
#include "cases.h"

        .macro  virtual name, level
        case    "\name, IOPL \level", RING(3) | VIRTUAL_86 | IOPL(\level)
        run
        .code16
        .endm

        .macro  done
        finish
        .code32
        .endm

        /* One instruction. */
        .macro  single name, level, code:vararg
        virtual "\name", \level
        \code
        done
        .endm

        .irp    level, 0, 3
        single  "CLI", \level, cli
        single  "STI", \level, sti
        single  "PUSHF", \level, pushf
        single  "POPF", \level, popf
        single  "INT", \level, int $0x41
        single  "INT of a gate of ring 0", \level, int $0x42
        virtual "IRET", \level
        pushw   $0x0246
        pushw   $0x0800
        pushw   $9                              /* behind the IRET */
        iret
        done

        single  "INT3", \level, int3
        single  "HLT", \level, hlt
        single  "OUT", \level, outb %al, $0xED
        single  "LGDT", \level, lgdt 0
        single  "MOV from CR0", \level, movl %cr0, %eax
        virtual "SMSW", \level
        smsw    %ax
        andw    $1, %ax
        done

        single  "LAR", \level, lar %ax, %cx
        single  "SLDT", \level, sldt %ax
        single  "ARPL", \level, arpl %ax, %cx
        single  "UD2", \level, ud2
        virtual "DIV by zero", \level
        xorw    %cx, %cx
        divw    %cx
        done

        virtual "LOCK on MOV", \level
        .byte   0xF0
        movw    %ax, 0
        done
        .endr

        virtual "PUSHF shows IOPL 3 and VM never", 3
        pushfl
        popl    %eax
        done

        virtual "POPF cannot change IOPL or VM", 3
        pushl   $0x20FD7 - 0x100
        popfl
        done

        virtual "POPF changes the defined flags", 3
        pushw   $0x8D5
        popfw
        done

        single  "read at FFFFh", 3, movb 0xFFFF, %al
        single  "word at FFFFh", 3, movw 0xFFFF, %ax
        single  "doubleword at FFFDh", 3, movl 0xFFFD, %eax
        virtual "32-bit address above FFFFh", 3
        movl    $0x10000, %ebx
        movb    (%ebx), %al
        done

        virtual "32-bit address up to FFFFh", 3
        movl    $0xFFFF, %ebx
        movb    %al, (%ebx)
        done

        virtual "segment loads take any value", 3
        movw    $0x1234, %ax
        movw    %ax, %fs
        movw    $0xFFFF, %ax
        movw    %ax, %gs
        movw    %fs, %cx
        done

        virtual "address above 1 MiB", 3
        movw    $0xFFFF, %ax
        movw    %ax, %es
        movl    $0x10, %ebx
        movb    %es:(%bx), %cl
        movb    $0, %cl
        done

        virtual "stack wraps", 3
        movl    $2, %esp
        pushw   %ax
        pushw   %ax
        movw    %sp, %bx
        movw    $0x1000, %sp
        done

        virtual "PUSH SP", 3
        pushw   %sp
        popw    %ax
        done

        virtual "PUSHA and POPA", 3
        pushaw
        popaw
        done

        single  "far JMP", 3, ljmp $0x800, $5
        virtual "far CALL and its return", 3
        lcall   $0x800, $7
        int     $VECTOR_END
        popw    %ax
        popw    %cx
        done

        virtual "LES", 3
        movw    $0x55AA, 2
        lesw    0, %bx
        done

        case    "OUT to an allowed port, IOPL 0", RING(3) | VIRTUAL_86
        andb    $0xDF, task_1 + 104 + 0xED / 8
        run
        .code16
        outb    %al, $0xED
        hlt
        finish
        .code32

        case    "INT pushes the segments and clears them", RING(3) | VIRTUAL_86 | IOPL(3)
        gate    idt, 0x41, CODE(0), 1f, 0xEE
        run
        .code16
        movw    $0x1111, %ax
        movw    %ax, %gs
        movw    $0x2222, %ax
        movw    %ax, %fs
        int     $0x41
        finish
        .code32
1:      movl    %ds, %ecx
        movl    %gs, %edx
        movl    $DATA(0), %eax
        movl    %eax, %ds
        .irp    at, 0, 4, 8, 12, 16, 20, 24, 28, 32
        observe_memory \at(%esp)
        .endr
        observe_flags
        iretl

        case    "a trap gate of conforming code", RING(3) | VIRTUAL_86 | IOPL(3)
        gate    idt, 0x41, CONFORMING, 1f, 0xEF
        run
        .code16
        int     $0x41
        finish
        .code32
1:      stop

        case    "a gate into ring 1", RING(3) | VIRTUAL_86 | IOPL(3)
        gate    idt, 0x41, CODE(1), 1f, 0xEE
        run
        .code16
        int     $0x41
        finish
        .code32
1:      stop

        case    "a task gate", RING(3) | VIRTUAL_86 | IOPL(3)
        gate    idt, 0x41, TASK_2, 0, 0xE5
        movl    $1f, task_2 + 32
        run
        .code16
        int     $0x41
        finish
        .code32
1:      observe_memory task_1 + 36
        observe_memory task_1 + 76
        observe_memory task_1 + 84
        iretl

        case    "page faults carry U", RING(3) | VIRTUAL_86 | IOPL(3) | PAGING
        movl    page_directory, %eax
        andl    $0xFFFFF000, %eax
        andl    $~5, 40(%eax)
        run
        .code16
        movw    %ax, 0x10
        finish
        .code32

        case    "single step", RING(3) | VIRTUAL_86 | IOPL(3) | LOG_DEBUG | MODE_TRACE
        run
        .code16
        nop
        movw    $0, %ax
        pushw   $0
        popfw
        nop
        finish
        .code32
