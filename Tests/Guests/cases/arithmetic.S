/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results and flags. Flags that the manual leaves undefined are hidden. */
#include "cases.h"

        .set    CF, 0x001
        .set    PF, 0x004
        .set    AF, 0x010
        .set    ZF, 0x040
        .set    SF, 0x080
        .set    OF, 0x800
        .set    DIVIDED, CF | PF | AF | ZF | SF | OF    /* all undefined */

        /* The flags behind one operation, with EAX and ECX and the carry set before. */
        .macro  operate hidden, left, right, carry, code:vararg
        case    "\code, eax \left, ecx \right, CF \carry", 0, \hidden
        run
        movl    $\left, %eax
        movl    $\right, %ecx
        .if     \carry
        stc
        .endif
        \code
        finish
        .endm

        .irp    values, 0x00000000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x12345678
        .irp    other, 0x00000001, 0xFFFFFFFF, 0x80000000, 0x0F0F0F0F
        operate 0, \values, \other, 0, addl %ecx, %eax
        operate 0, \values, \other, 1, adcl %ecx, %eax
        operate 0, \values, \other, 0, subl %ecx, %eax
        operate 0, \values, \other, 1, sbbl %ecx, %eax
        operate 0, \values, \other, 0, cmpl %ecx, %eax
        operate AF, \values, \other, 1, andl %ecx, %eax
        operate AF, \values, \other, 1, orl %ecx, %eax
        operate AF, \values, \other, 1, xorl %ecx, %eax
        operate AF, \values, \other, 1, testl %ecx, %eax
        operate SF | ZF | AF | PF, \values, \other, 0, mull %ecx
        operate SF | ZF | AF | PF, \values, \other, 0, imull %ecx
        operate SF | ZF | AF | PF, \values, \other, 0, imull %ecx, %eax
        operate 0, \values, \other, 0, addb %ch, %al
        operate 0, \values, \other, 1, sbbw %cx, %ax
        .endr
        operate 0, \values, 0, 1, incl %eax
        operate 0, \values, 0, 1, decl %eax
        operate 0, \values, 0, 0, negl %eax
        operate 0, \values, 0, 0, notl %eax
        operate 0, \values, 0, 0, incw %ax
        operate 0, \values, 0, 0, negb %al
        .endr

        .irp    value, 0x00000000, 0x80000001, 0x7FFFFFFF, 0x89ABCDEF
        .irp    count, 0, 1, 5, 31, 32, 33
        .irp    operation, shll, shrl, sarl
        .if     \count & 31 > 1
        operate AF | OF, \value, \count, 1, \operation %cl, %eax
        .else
        operate AF, \value, \count, 1, \operation %cl, %eax
        .endif
        .endr
        .irp    operation, roll, rorl, rcll, rcrl
        .if     (\count & 31) > 1
        operate OF, \value, \count, 1, \operation %cl, %eax
        .else
        operate 0, \value, \count, 1, \operation %cl, %eax
        .endif
        .endr
        .endr
        .irp    count, 1, 9, 17
        operate OF, \value, \count, 1, rclb %cl, %al
        operate OF, \value, \count, 1, rcrw %cl, %ax
        operate OF, \value, \count, 0, rolb %cl, %al
        operate OF, \value, \count, 0, rorw %cl, %ax
        .endr
        operate AF | OF, \value, 5, 0, shldl %cl, %edx, %eax
        operate AF | OF, \value, 31, 1, shrdl %cl, %edx, %eax
        operate AF, \value, 1, 0, shldl $1, %edx, %eax
        operate AF, \value, 0, 1, shrdl %cl, %edx, %eax
        operate OF | SF | AF | PF, \value, 0, 0, bsfl %eax, %eax
        operate OF | SF | AF | PF, \value, 0, 0, bsrl %eax, %eax
        .irp    bit, 0, 31, 33, 0xFFFFFFFF
        .irp    operation, btl, btsl, btrl, btcl
        operate OF | SF | AF | PF, \value, \bit, 0, \operation %ecx, %eax
        .endr
        .endr
        .endr

        .irp    left, 0x00000000, 0x00000009, 0x0000000A, 0x00000099, 0x0000009A, 0x000000FA, 0x0000FFFF
        .irp    carry, 0, 1
        operate OF, \left, 0, \carry, daa
        operate OF, \left, 0, \carry, das
        operate OF | SF | ZF | PF, \left, 0, \carry, aaa
        operate OF | SF | ZF | PF, \left, 0, \carry, aas
        .endr
        operate OF | AF | CF, \left, 0, 0, aam
        operate OF | AF | CF, \left, 0, 0, aad
        .endr

        /* DAA and DAS behind an addition, so that AF matters. */
        .irp    left, 0x38, 0x99, 0x79
        .irp    right, 0x45, 0x01, 0x08
        case    "DAA of \left + \right", 0, OF
        run
        movb    $\left, %al
        addb    $\right, %al
        daa
        finish
        case    "DAS of \left - \right", 0, OF
        run
        movb    $\left, %al
        subb    $\right, %al
        das
        finish
        case    "AAA of \left + \right", 0, OF | SF | ZF | PF
        run
        movb    $\left, %al
        addb    $\right, %al
        aaa
        finish
        .endr
        .endr

        .macro  divide instruction, high, low, by
        case    "\instruction of \high:\low by \by", 0, DIVIDED
        run
        movl    $\high, %edx
        movl    $\low, %eax
        movl    $\by, %ecx
        \instruction %ecx
        finish
        .endm

        .irp    instruction, divl, idivl
        divide  \instruction, 0, 100, 7
        divide  \instruction, 0xFFFFFFFF, 0xFFFFFF9C, 7
        divide  \instruction, 0, 0x80000000, 0xFFFFFFFF
        divide  \instruction, 0xFFFFFFFF, 0x80000000, 0xFFFFFFFF
        divide  \instruction, 0x40000000, 0, 0x80000000
        divide  \instruction, 0x12345678, 0x9ABCDEF0, 0x77777777
        divide  \instruction, 6, 0xFFFFFFFF, 7
        .endr

        .irp    code, divb, idivb
        case    "\code of 7FFFh by 80h", 0, DIVIDED
        run
        movw    $0x3FFF, %ax
        movb    $0x80, %cl
        \code   %cl
        finish
        .endr

        case    "BT with memory reaches far bits"
        movl    $0x80000000, scratch + 0x100
        run
        movl    $0x81F, %ecx
        btl     %ecx, scratch
        setc    %al
        movl    $-1, %ecx
        btsl    %ecx, scratch + 0x204
        observe_memory scratch + 0x200
        finish

        case    "LAHF and SAHF"
        run
        movb    $0xFF, %ah
        sahf
        lahf
        finish

        case    "CBW, CWDE, CWD, CDQ"
        run
        movb    $0x80, %al
        cbw
        movl    %eax, %ecx
        cwde
        movl    %eax, %ebx
        cwd
        movl    %edx, %esi
        cdq
        finish

        case    "SALC", 0, 0
        run
        stc
        .byte   0xD6
        finish

        case    "CMC, CLC, STC, CLD, STD"
        run
        stc
        cmc
        observe_flags
        std
        observe_flags
        cld
        stc
        finish

        case    "a shift by zero leaves all flags"
        run
        pushl   $0x8D5
        popfl
        movl    $0, %ecx
        shll    %cl, %eax
        finish

        case    "a jump on every condition"
        run
        .irp    value, 0x002, 0x003, 0x042, 0x082, 0x802, 0x882, 0x006, 0x8C3
        pushl   $\value
        popfl
        .irp    code, 0x80, 0x82, 0x84, 0x86, 0x88, 0x8A, 0x8C, 0x8E
        rcll    $1, %ebx                        /* carries from here to there are part of it */
        pushl   $\value
        popfl
        .byte   0x0F, \code
        .long   1
        incl    %ebx
        .endr
        .endr
        finish
