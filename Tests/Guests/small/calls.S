/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Four million calls of `called`, with the number of the call in EAX. For conditional breakpoints and single steps. */
        .section .multiboot, "a"
        .long   0x1BADB002, 0, -0x1BADB002

        .text
        .global start, called
start:
        movl    $stack_top, %esp
        xorl    %eax, %eax
1:      incl    %eax
        call    called
        cmpl    $4000000, %eax
        jb      1b
        xorl    %eax, %eax
        outl    %eax, $0xF4
2:      cli
        hlt
        jmp     2b

called:
        leal    1(%eax), %edx
        ret

        .bss
        .skip   4096
stack_top:
