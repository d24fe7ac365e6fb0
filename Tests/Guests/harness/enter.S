/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Into the code of a case and back: the stack of the harness waits in harness_esp. */
#include "cases.h"

        .text
/* void enter_case(const struct entry *entry) */
        .global enter_case
enter_case:
        pusha
        movl    36(%esp), %eax
        movl    %esp, harness_esp
        movl    (%eax), %esp
        pushl   4(%eax)
        pushl   8(%eax)
        pushl   12(%eax)
        pushl   16(%eax)
        call    load_registers
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        iretl

        .global load_registers
load_registers:
        movl    $INITIAL_EAX, %eax
        movl    $INITIAL_ECX, %ecx
        movl    $INITIAL_EDX, %edx
        movl    $INITIAL_EBX, %ebx
        movl    $INITIAL_EBP, %ebp
        movl    $INITIAL_ESI, %esi
        movl    $INITIAL_EDI, %edi
        ret

/* void leave_case(void): enter_case returns, from wherever the case has got to. */
        .global leave_case
leave_case:
        movl    harness_esp, %esp
        call    clear_control
        pushl   $2
        popfl
        popa
        ret

/* A stub for each vector, 16 bytes apart. Each leaves vector and error code on the stack. */
        .global trap_stubs
        .balign 16
trap_stubs:
        .set    vector, 0
        .rept   256
        .balign 16
        .if     vector != 8 && (vector < 10 || vector > 14) && vector != 17
        pushl   %eax                            /* in the place of an error code */
        .endif
        pushl   $vector
        jmp     trap
        .set    vector, vector + 1
        .endr

/* Completes struct frame, makes the stack flat and calls handle_trap. The stack may be any segment of the GDT. */
trap:
        cld
        pusha
        pushl   %ds
        pushl   %es
        pushl   %fs
        pushl   %gs
        movl    $DATA(0), %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %ss, %ebx
        movl    %esp, %ebp
        testb   $0x40, gdt + 6(%ebx)            /* an SS of ring 0 has RPL 0, so it is its descriptor's offset */
        jnz     1f
        movzwl  %bp, %ebp
1:      movl    gdt + 2(%ebx), %ecx
        andl    $0x00FFFFFF, %ecx
        movl    gdt + 4(%ebx), %edx
        andl    $0xFF000000, %edx
        orl     %edx, %ecx
        addl    %ecx, %ebp
        movl    %eax, %ss
        movl    %ebp, %esp
        movl    %ebx, 28(%esp)                  /* frame.handler_esp: the stack segment of the handler */
        pushl   %ecx
        pushl   %ebp
        call    handle_trap
        addl    $8, %esp
        popl    %gs
        popl    %fs
        popl    %es
        popl    %ds
        popa
        addl    $8, %esp
        iretl

/* What `observe` calls: appends observed_scratch, changes nothing. Flat DS, any ring. */
        .global observe_scratch
observe_scratch:
        pushfl
        pushl   %eax
        pushl   %ecx
        movl    observed_count, %eax
        cmpl    $64, %eax
        jae     1f
        movl    observed_scratch, %ecx
        movl    %ecx, observed(, %eax, 4)
        incl    observed_count
1:      popl    %ecx
        popl    %eax
        popfl
        ret

        .bss
        .align  4
        .global harness_esp
harness_esp:
        .skip   4
        .global observed_scratch
observed_scratch:
        .skip   4
