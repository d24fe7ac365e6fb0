/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Into real mode and back. A copy of real_start lies at REAL_BASE; every vector leads into it. */
#include "cases.h"

        .set    REAL_BASE, 0x6000
        .set    REAL_CODE_SEGMENT, 0x0800
        .set    CODE_16_LOW, FREE(13)           /* 16-bit segments with base 0, on the way down */
        .set    DATA_16_LOW, FREE(14)

        .text
/* void enter_real_mode(uint32_t flags) */
        .global enter_real_mode
enter_real_mode:
        pusha
        movl    36(%esp), %ebp
        movl    %esp, harness_esp
        movl    $real_start, %esi
        movl    $REAL_BASE, %edi
        movl    $(real_end - real_start), %ecx
        rep movsb
        xorl    %edi, %edi
        movl    $(REAL_BASE << 12), %eax        /* REAL_BASE >> 4 : 0, the stub of vector 0 */
        movl    $256, %ecx
1:      stosl
        addl    $8, %eax
        loop    1b
        descriptor CODE_16_LOW, 0, 0xFFFF, 0x9B
        descriptor DATA_16_LOW, 0, 0xFFFF, 0x93
        ljmp    $CODE_16_LOW, $(REAL_BASE + real_down - real_start)

        .code16
        .balign 8
real_start:
        .set    vector, 0
        .rept   256
        .balign 8
        pushw   $vector
        jmp     real_trap
        .set    vector, vector + 1
        .endr

real_down:
        movw    $DATA_16_LOW, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        lidtl   REAL_BASE + real_idt - real_start
        movl    %cr0, %eax
        andb    $0xFE, %al
        movl    %eax, %cr0
        ljmp    $(REAL_BASE >> 4), $(1f - real_start)
1:      movw    $0x0900, %ax
        movw    %ax, %ss
        movl    $0x1000, %esp
        pushw   %bp
        pushw   $REAL_CODE_SEGMENT
        pushw   $0
        movw    $0x0A00, %ax
        movw    %ax, %ds
        movw    %ax, %es
        xorw    %ax, %ax
        movw    %ax, %fs
        movw    %ax, %gs
        movl    $INITIAL_EAX, %eax
        movl    $INITIAL_ECX, %ecx
        movl    $INITIAL_EDX, %edx
        movl    $INITIAL_EBX, %ebx
        movl    $INITIAL_EBP, %ebp
        movl    $INITIAL_ESI, %esi
        movl    $INITIAL_EDI, %edi
        iretw

/* On the stack: vector, IP, CS, FLAGS. */
real_trap:
        cld
        pushal
        pushw   %ds
        pushw   %es
        pushw   %fs
        pushw   %gs
        lgdtl   %cs:real_gdt - real_start
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $CODE(0), $real_up

        .balign 4
real_idt:
        .word   0x3FF
        .long   0
real_gdt:
        .word   255
        .long   gdt
real_end:

        .code32
/* Makes a struct frame of what lies on the real-mode stack. */
real_up:
        movl    $DATA(0), %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %fs
        movl    %eax, %gs
        movl    %ss, %ebx
        movzwl  %bx, %ebx
        movl    %ebx, %ecx
        shll    $4, %ecx
        movzwl  %sp, %esi
        addl    %ecx, %esi
        movl    %eax, %ss
        movl    harness_esp, %esp
        subl    $64, %esp
        lidt    protected_idt
        pushl   %ebx                            /* ss */
        leal    48(%esi), %eax
        subl    %ecx, %eax
        pushl   %eax                            /* esp */
        movzwl  46(%esi), %eax
        pushl   %eax                            /* eflags */
        movzwl  44(%esi), %eax
        pushl   %eax                            /* cs */
        movzwl  42(%esi), %eax
        pushl   %eax                            /* eip */
        pushl   $0                              /* error */
        movzwl  40(%esi), %eax
        pushl   %eax                            /* vector */
        .irp    at, 36, 32, 28, 24, 20, 16, 12, 8
        pushl   \at(%esi)                       /* eax to edi */
        .endr
        .irp    at, 6, 4, 2, 0
        movzwl  \at(%esi), %eax                 /* ds to gs */
        pushl   %eax
        .endr
        movl    %esp, %eax
        pushl   $0
        pushl   %eax
        call    handle_real_trap

        .data
        .align  4
protected_idt:
        .word   2047
        .long   idt
