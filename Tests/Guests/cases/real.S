/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real mode, entered from protected mode and left again for every case. Code at 0800:0000, data at 0A00, stack at 0900:1000. */
#include "cases.h"

        .macro  real name
        case    "\name", REAL
        run
        .code16
        .endm

        .macro  done
        finish
        .code32
        .endm

        .macro  single name, code:vararg
        real    "\name"
        \code
        done
        .endm

        single  "INT pushes FLAGS, CS, IP", int $0x41
        single  "INT3", int3
        single  "INTO without overflow", into
        single  "UD2", ud2
        single  "INT of any vector", int $0x42
        single  "BOUND outside", boundw %ax, 0
        single  "LLDT", lldt %ax
        single  "ARPL", arpl %ax, %cx
        single  "LAR", lar %ax, %cx
        single  "word at FFFFh", movw 0xFFFF, %ax
        single  "byte at FFFFh", movb 0xFFFF, %al
        single  "32-bit immediate", movl $0x12345678, %eax
        single  "LOCK on NOP", .byte 0xF0, 0x90

        real    "DIV by zero"
        xorw    %cx, %cx
        divw    %cx
        done

        real    "a segment is its selector times 16"
        movw    $0x0A01, %ax
        movw    %ax, %es
        movw    $0x1234, %es:0
        movw    0x10, %cx
        done

        real    "a segment keeps its value"
        movw    $0xFFFF, %ax
        movw    %ax, %fs
        movw    %fs, %cx
        done

        real    "PUSHF and POPF change all defined flags"
        pushl   $0x00007FD7 & ~0x300
        popfl
        pushfl
        popl    %eax
        pushl   $2
        popfl
        done

        real    "IF is cleared by INT"
        sti
        nop
        int     $0x43
        done

        real    "IRET"
        pushw   $0x00D7
        pushw   $0x0800
        pushw   $9
        iretw
        done

        real    "far CALL and RET"
        lcall   $0x0800, $9
        movb    $1, %bl
        jmp     1f
        movb    $2, %cl
        lretw
1:      done

        real    "SP wraps"
        movw    $2, %sp
        pushw   %ax
        pushw   %ax
        movw    %sp, %bx
        movw    $0x1000, %sp
        done

        real    "32-bit address above FFFFh"
        movl    $0x10000, %ebx
        movb    (%ebx), %al
        done

        real    "REP STOS with 16-bit count"
        movl    $0x00010003, %ecx
        movw    $0x100, %di
        rep stosb
        movw    0x100, %dx
        done

        real    "REP MOVSW at FFFFh"
        movw    $1, %cx
        movw    $0xFFFF, %si
        movw    $0x100, %di
        rep movsw
        done

        real    "SMSW shows PE off"
        smsw    %ax
        andw    $1, %ax
        done

        real    "protected mode and back, 4 GiB limits stay"
9:      pushw   %ds
        lgdtl   %cs:(2f - 9b)
        jmp     1f
2:      .word   255
        .long   gdt
1:      movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $DATA(0), %bx
        movw    %bx, %fs
        andb    $0xFE, %al
        movl    %eax, %cr0
        movl    $scratch, %ebx
        movl    $0x5555AAAA, %fs:(%ebx)
        movl    %fs:(%ebx), %ecx
        xorw    %bx, %bx
        movw    %bx, %fs
        popw    %ds
        done

        real    "a single step"
        pushw   $0x0102
        popfw
        nop
        nop
        done

        real    "INT behind the end of the IDT"
        movl    $0x00000000, 0x10
        movw    $0x00FF, 0x0E
        lidtl   0x0E
        int     $0x41
        done

        real    "LGDT takes 24 bits of base without operand prefix"
        movl    $0x12345678, 0x12
        movw    $0xFF, 0x10
        lgdtw   0x10
        sgdtl   0x20
        movl    0x22, %eax
        done

        real    "AAM, AAD, shifts of words"
        movb    $0x4D, %al
        aam
        movw    %ax, %cx
        aad
        rolw    $4, %dx
        done
