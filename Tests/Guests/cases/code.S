/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code that changes itself, 16-bit code, prefixes, jumps at the edges of a segment. */
#include "cases.h"

        case    "the next instruction is changed behind a jump"
        run
        movb    $0x42, 1f                       /* incl %edx */
        jmp     1f
1:      incl    %ecx
        movb    $0x41, 1b
        finish

        case    "the very next instruction is changed"
        run
        movb    $0x42, 1f
1:      incl    %ecx
        movb    $0x41, 1b
        finish

        case    "an instruction changes its own immediate in a loop"
        run
        xorl    %eax, %eax
        movl    $4, %ecx
1:      addl    $1, %eax
        incb    1b + 2
        loop    1b
        movb    $1, 1b + 2
        finish

        case    "REP STOS overwrites the code behind it"
        run
        movl    $1f, %edi
        movl    $3, %ecx
        movb    $0x42, %al
        rep stosb
1:      incl    %ecx
        incl    %ecx
        incl    %ecx
        movl    $0x00414141, %eax
        movw    %ax, 1b
        movb    %al, 1b + 2
        finish

        case    "code written, run, written and run again"
        run
        movl    $2, %ecx
        movl    $0xC300B890, scratch            /* nop; movl $..., %eax; ret */
        movb    $0xB8, scratch
        movl    $0x11, scratch + 1
        movb    $0xC3, scratch + 5
1:      call    scratch_code
        addl    %eax, %edx
        addl    $0x100, scratch + 1
        loop    1b
        finish
scratch_code:
        jmp     scratch

        case    "code changed through an alias", PAGING
        movl    window_table + 8, %eax
        movl    %eax, window_table + 12
        run
        movl    $0xC340, WINDOW + 0x2000        /* incl %eax; ret */
        call    WINDOW + 0x2000
        movl    $0xC341, WINDOW + 0x3000
        call    WINDOW + 0x2000
        movl    $0xC342, frames + 0x2000
        call    WINDOW + 0x2000
        call    WINDOW + 0x3000
        finish

        case    "an instruction across two pages, second half changed", PAGING
        run
        movl    $0x1234B890, WINDOW + 0x1FFC    /* nop; movl $..., %eax */
        movl    $0x00C35678, WINDOW + 0x2000
        call    WINDOW + 0x1FFC
        movl    %eax, %ecx
        movb    $0x9A, WINDOW + 0x2001
        call    WINDOW + 0x1FFC
        finish

        case    "an instruction across two pages, second page mapped elsewhere", PAGING
        run
        movl    $0x1234B890, WINDOW + 0x1FFC
        movl    $0x00C35678, WINDOW + 0x2000
        movl    $0x00C3BCDE, WINDOW + 0x3000
        call    WINDOW + 0x1FFC
        movl    %eax, %ecx
        movl    window_table + 12, %eax
        movl    %eax, window_table + 8
        invlpg  WINDOW + 0x2000
        call    WINDOW + 0x1FFC
        finish

        case    "an instruction across two pages, second not present", PAGING | RING(3)
        andl    $~1, window_table + 8
        movl    $0x1234B890, frames + 0x1FFC
        run
        call    WINDOW + 0x1FFC
        finish

        case    "an instruction across two pages goes on when the page comes", PAGING | RING(3) | LOG_PAGES
        andl    $~1, window_table + 8
        movl    $0x1234B890, frames + 0x1FFC
        movl    $0x00C35678, frames + 0x2000
        run
        call    WINDOW + 0x1FFC
        finish

        case    "code behind the end of its segment"
        movl    $scratch, %ebx
        descriptor FREE(0), 0, 0x10, 0x409B
        movw    %bx, gdt + FREE(0) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(0) + 4
        movl    $0x90909090, scratch + 12
        movl    $0x40CD9090, scratch + 15       /* INT VECTOR_END for machines that do not look */
        run
        ljmp    $FREE(0), $14
        finish

        case    "an instruction across the end of its segment"
        movl    $scratch, %ebx
        descriptor FREE(0), 0, 0x10, 0x409B
        movw    %bx, gdt + FREE(0) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(0) + 4
        movl    $0x90B89090, scratch + 12
        movl    $0x40CD9090, scratch + 17
        run
        ljmp    $FREE(0), $12
        finish

        /* In a 16-bit segment that starts at the code. */
        .macro  short name
        case    "16-bit code: \name", CODE_16
        run
        .code16
        .endm

        .macro  done
        finish
        .code32
        .endm

        short   "operand prefix"
        movl    $0x12345678, %eax
        movw    $0x1234, %cx
        done

        short   "addresses wrap at 64 KiB"
        movw    $DATA_16_BIT, %ax
        movw    %ax, %ds
        movw    $0xFFFF, %bx
        movw    $0x0002, %si
        movb    $0x77, (%bx, %si)
        movb    1, %cl
        done

        short   "BP means SS"
        movw    $DATA_16_BIT, %ax
        movw    %ax, %ds
        movw    $0x10, %bp
        movb    $0x66, 0x10
        movb    %ds:(%bp), %cl
        done

        short   "LOOP counts in CX"
        movl    $0xABCD0002, %ecx
1:      loop    1b
        done

        short   "LOOP with address prefix counts in ECX"
        movl    $0x00010001, %ecx
1:      addr32 loop 2f
2:      nop
        done

        short   "JCXZ"
        movl    $0x00010000, %ecx
        jcxz    1f
        movb    $1, %al
1:      done

        short   "CALL and RET with operand prefix"
        calll   1f
1:      popl    %ecx
        done

        short   "32-bit stack pointer under 16-bit PUSH"
        pushw   %ax
        pushl   %eax
        popw    %cx
        popl    %edx
        done

        short   "MOVZX and MOVSX"
        movb    $0x80, %al
        movsbl  %al, %ecx
        movzbw  %al, %dx
        movsbw  %al, %bx
        done

        case    "prefixes: the last segment wins"
        movl    $0x11223344, scratch
        run
        movl    $DATA_16_BIT, %eax
        movl    %eax, %fs
        .byte   0x3E, 0x64, 0xA1
        .long   0
        finish

        case    "operand prefix twice"
        run
        .byte   0x66, 0x66, 0xB8, 0x34, 0x12
        finish

        case    "16-bit address in 32-bit code"
        movb    $0x5A, scratch + 0x1234
        run
        movl    $DATA_16_BIT, %eax
        movl    %eax, %fs
        movl    $0xFFFF1200, %ebx
        movl    $0xFFFF0034, %esi
        addr16 movb %fs:(%bx, %si), %cl
        finish

        case    "SIB without base and with ESP"
        movl    $0x99, scratch + 8
        run
        movl    $2, %eax
        movl    scratch(, %eax, 4), %ecx
        pushl   $0x77
        movl    (%esp), %edx
        popl    %ebx
        finish

        case    "JMP with an operand prefix cuts EIP"
        movl    $1f, %eax
        andl    $0xFFFF, %eax
        movw    $0x40CD, (%eax)                 /* INT VECTOR_END */
        run
        .byte   0x66, 0xE9
        .word   0
1:      finish

        case    "REPNE and REPE on what is no string instruction"
        run
        .byte   0xF2, 0x40
        .byte   0xF3, 0x41
        finish

        case    "PAUSE, multi-byte NOP, UD1 is none"
        run
        pause
        nopl    0(%eax, %eax, 1)
        .byte   0x0F, 0xB9, 0xC0
        finish

        case    "PUSH of an immediate byte extends its sign"
        run
        pushl   $-2
        popl    %eax
        pushw   $-3
        popw    %cx
        finish

        case    "XLAT"
        movb    $0xC3, scratch + 0xA3
        run
        movl    $scratch, %ebx
        xlat
        finish

        case    "XCHG with itself and NOP"
        run
        xchgl   %eax, %eax
        xchgb   %al, %ah
        finish

        case    "POP (ESP) takes ESP behind the pop"
        run
        pushl   $0x11
        pushl   $0x22
        popl    (%esp)
        popl    %eax
        finish

        case    "PUSH ESP pushes the old one"
        run
        movl    %esp, %eax
        pushl   %esp
        popl    %ecx
        subl    %ecx, %eax
        finish

        case    "POP ESP"
        run
        movl    %esp, %eax
        pushl   $0x1000
        popl    %esp
        movl    %esp, %ecx
        movl    %eax, %esp
        finish

        case    "RET with bytes to release"
        run
        pushl   $1
        pushl   $2
        call    1f
        finish
1:      ret     $8

        case    "ENTER with nesting level 3"
        run
        movl    %esp, %ebp
        enter   $8, $3
        subl    %esp, %ebp
        movl    %ebp, %eax
        addl    %esp, %ebp
        leave
        xorl    %ebp, %ebp
        finish

        case    "CMPXCHG equal and different"
        movl    $5, scratch
        run
        movl    $5, %eax
        cmpxchgl %ecx, scratch
        observe_flags
        cmpxchgl %edx, scratch
        observe_memory scratch
        finish

        case    "CMPXCHG8B equal and different"
        movl    $1, scratch
        movl    $2, scratch + 4
        run
        movl    $1, %eax
        movl    $2, %edx
        cmpxchg8b scratch
        observe_memory scratch
        observe_memory scratch + 4
        cmpxchg8b scratch
        finish

        case    "CMPXCHG8B with a register"
        run
        .byte   0x0F, 0xC7, 0xC8
        finish

        case    "XADD and BSWAP"
        movl    $7, scratch
        run
        xaddl   %eax, scratch
        observe_memory scratch
        bswapl  %ecx
        finish

        case    "CMOV reads its source even when it does not move", PAGING | RING(3)
        andl    $~1, window_table + 8
        run
        xorl    %edx, %edx
        cmovnzl WINDOW + 0x2000, %eax
        finish

        case    "SETcc"
        run
        movb    $0x7F, %al
        addb    $1, %al
        seto    %cl
        sets    %ch
        setp    %dl
        setg    %dh
        setl    %bl
        setbe   %bh
        finish
