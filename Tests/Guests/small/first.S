/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shortest guest: its first instruction ends the run. For measuring what comes before. */
        .section .multiboot, "a"
        .long   0x1BADB002, 0, -0x1BADB002

        .text
        .global start
start:
        outl    %eax, $0xF4
1:      cli
        hlt
        jmp     1b
