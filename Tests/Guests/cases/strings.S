/* SPDX-License-Identifier: GPL-3.0-or-later */
/* String instructions: counts, directions, sizes, segments, wrap-around. */
#include "cases.h"

        .macro  text
        .irp    at, 0, 4, 8, 12, 16, 20, 24, 28
        movl    $0x03020100 + \at * 0x01010101, scratch + \at
        .endr
        .endm

        .macro  pointers from, to, count
        movl    $scratch + \from, %esi
        movl    $scratch + \to, %edi
        movl    $\count, %ecx
        .endm

        .macro  observe_text
        observe_memory scratch + 0x100
        observe_memory scratch + 0x104
        observe_memory scratch + 0x108
        subl    $scratch, %esi
        subl    $scratch, %edi
        .endm

        .macro  string name, from, to, count, code:vararg
        case    "\name"
        text
        run
        pointers \from, \to, \count
        \code
        observe_text
        finish
        .endm

        string  "MOVSB", 0, 0x100, 5, movsb
        string  "MOVSW", 0, 0x100, 5, movsw
        string  "MOVSL", 0, 0x100, 5, movsl
        string  "REP MOVSB", 0, 0x100, 5, rep movsb
        string  "REP MOVSW", 0, 0x100, 5, rep movsw
        string  "REP MOVSL", 0, 0x100, 2, rep movsl
        string  "REP MOVSB with count 0", 0, 0x100, 0, rep movsb
        string  "REPNE MOVSB repeats too", 0, 0x100, 5, repne movsb
        string  "REP MOVSB onto itself, one further", 0x10, 0x11, 5, rep movsb
        string  "REP MOVSL onto itself, one byte further", 0, 1, 4, rep movsl
        string  "STOSB", 0, 0x100, 5, stosb
        string  "REP STOSW", 0, 0x101, 3, rep stosw
        string  "REP STOSL", 0, 0x100, 3, rep stosl
        string  "LODSB", 3, 0x100, 3, lodsb
        string  "REP LODSW leaves the last", 0, 0x100, 3, rep lodsw
        string  "REP LODSL with count 0", 0, 0x100, 0, rep lodsl
        string  "CMPSB equal", 3, 3, 5, cmpsb
        string  "CMPSW different", 3, 4, 5, cmpsw
        string  "REPE CMPSB all equal", 4, 4, 8, repe cmpsb
        string  "REPE CMPSB at once different", 4, 5, 8, repe cmpsb
        string  "REPNE CMPSB never equal", 4, 5, 8, repne cmpsb
        string  "REPE CMPSL with count 0 leaves the flags", 4, 5, 0, repe cmpsl
        string  "SCASB", 4, 5, 1, scasb

        .macro  scan name, value, count, code:vararg
        case    "\name"
        text
        run
        pointers 0, 0, \count
        movl    $\value, %eax
        \code
        observe_text
        finish
        .endm

        scan    "REPNE SCASB finds", 5, 16, repne scasb
        scan    "REPNE SCASB does not find", 0x55, 16, repne scasb
        scan    "REPNE SCASB finds the last", 15, 16, repne scasb
        scan    "REPE SCASW", 0x0100, 8, repe scasw
        scan    "REPNE SCASL finds", 0x0B0A0908, 8, repne scasl
        scan    "REPNE SCASB with count 0", 0, 0, repne scasb

        .macro  downwards name, from, to, count, code:vararg
        case    "\name downwards"
        text
        run
        std
        pointers \from, \to, \count
        \code
        cld
        observe_text
        finish
        .endm

        downwards "REP MOVSB", 7, 0x107, 5, rep movsb
        downwards "REP MOVSL", 8, 0x108, 3, rep movsl
        downwards "REP MOVSB onto itself", 0x14, 0x15, 5, rep movsb
        downwards "REP STOSW", 7, 0x107, 3, rep stosw
        downwards "REPNE SCASB", 7, 0x1F, 16, repne scasb
        downwards "REPE CMPSB", 7, 7, 8, repe cmpsb
        downwards "LODSL", 8, 8, 1, lodsl

        case    "a segment prefix moves the source only"
        movl    $0x11223344, scratch + 0x40
        movl    $DATA_16_BIT, %eax
        run
        movl    $DATA_16_BIT, %eax
        movl    %eax, %fs
        movl    $0x40, %esi
        movl    $scratch + 0x80, %edi
        movsl   %fs:(%esi), %es:(%edi)
        observe_memory scratch + 0x80
        finish

        case    "16-bit addresses count in CX and wrap SI"
        movl    $DATA_16_BIT, %eax
        movb    $0xAB, scratch + 0xFFFF
        movb    $0xCD, scratch
        run
        movl    $DATA_16_BIT, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    $0xAAAAFFFF, %esi
        movl    $0xBBBB0100, %edi
        movl    $0xCCCC0002, %ecx
        addr16 rep movsb
        movl    $DATA(0), %eax
        movl    %eax, %ds
        observe_memory scratch + 0x100
        finish

        case    "16-bit addresses with CX 0 do nothing"
        run
        movl    $0xCCCC0000, %ecx
        addr16 rep stosb
        finish

        case    "INS and OUTS need their permissions", RING(3)
        run
        movw    $0xED, %dx
        movl    $scratch, %esi
        movl    $2, %ecx
        rep outsb
        finish

        case    "OUTS with count 0"
        run
        movw    $0xED, %dx
        movl    $scratch, %esi
        xorl    %ecx, %ecx
        rep outsb
        finish

        case    "OUTS of three bytes to the unused port"
        run
        movw    $0xED, %dx
        movl    $scratch, %esi
        movl    $3, %ecx
        rep outsb
        subl    $scratch, %esi
        finish

        case    "REP MOVS beyond the limit of its source stops there"
        movl    $scratch, %ebx
        descriptor FREE(0), 0, 0xFFF, 0x4093
        movw    %bx, gdt + FREE(0) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(0) + 4
        run
        movl    $FREE(0), %eax
        movl    %eax, %fs
        movl    $0xFF8, %esi
        movl    $scratch + 0x2000, %edi
        movl    $4, %ecx
        rep movsl %fs:(%esi), %es:(%edi)
        finish
