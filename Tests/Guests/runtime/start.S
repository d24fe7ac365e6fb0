/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way from the boot loader into guest_main: multiboot header, flat segments of our own, a stack. */

        .set    MAGIC, 0x1BADB002
        .set    FLAGS, 0x00000003               /* modules on page boundaries, memory sizes */

        .section .multiboot, "a"
        .align  4
        .long   MAGIC, FLAGS, -(MAGIC + FLAGS)

        .text
        .global start
start:
        cli
        cld
        lgdt    descriptor_table
        ljmp    $0x08, $1f
1:      movl    $0x10, %ecx
        movl    %ecx, %ds
        movl    %ecx, %es
        movl    %ecx, %fs
        movl    %ecx, %gs
        movl    %ecx, %ss
        movl    $stack_top, %esp
        xorl    %ebp, %ebp
        pushl   $0
        popfl
        pushl   %ebx                            /* multiboot information */
        pushl   %eax                            /* multiboot magic */
        call    guest_main
        pushl   %eax
        call    guest_exit

        .data
        .align  8
descriptors:
        .quad   0
        .quad   0x00CF9B000000FFFF              /* 08h: flat code, ring 0 */
        .quad   0x00CF93000000FFFF              /* 10h: flat data, ring 0 */
descriptor_table:
        .word   . - descriptors - 1
        .long   descriptors

        .bss
        .align  4096
        .skip   16384
        .global stack_top
stack_top:
