/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a CPU test is written: as cases in assembly language, each run on a machine in a known state.
 *
 *         case    "name" [, mode [, flags to leave out]]
 *         ...                     # ring 0, flat: changes to tables, ends by itself
 *         run
 *         ...                     # the code under test, in the case's mode
 *         finish
 *
 * The harness prints one line: how the code ended (`end`, or the vector with error code, place and what belongs to it), every register that changed, and
 * what the code observed. Nothing says what is right; two machines that print the same agree.
 */
#ifndef CASES_H
#define CASES_H

/* Modes. A case starts in ring 0 with flat 32-bit segments, paging off, IOPL 0, interrupts off, unless it says otherwise. */
#define RING(level) (level)             /* 1, 2, 3 */
#define VIRTUAL_86  0x0004              /* ring 3, code copied to 0800:0000, stack at 0900:1000, DS and ES 0A00 */
#define CODE_16     0x0008              /* a 16-bit code segment that starts at the code; the stack stays flat */
#define REAL        0x0010              /* real mode; segments like VIRTUAL_86 */
#define PAGING      0x0020              /* paging on */
#define PROTECT     0x0040              /* CR0.WP */
#define LOG_DEBUG   0x0080              /* debug exceptions are written down and the code goes on, with RF set */
#define LOG_PAGES   0x0100              /* page faults in the window are written down, the page is mapped, the code goes on */
#define IOPL(level) ((level) << 12)
#define MODE_TRACE  0x10000             /* starts with TF set */
#define MODE_NESTED 0x20000             /* starts with NT set */
#define LARGE_PAGES 0x40000             /* CR4.PSE */
#define SHOW_RF     0x80000             /* RF of the pushed EFLAGS is shown; without, it is left out, because QEMU before 9.1 never sets it on faults */

/* Vectors that code under test may raise from any ring. */
#define VECTOR_END  0x40                /* ends the case */
#define VECTOR_USER 0x41                /* nothing; for cases that point it elsewhere */

/* Selectors, without RPL. */
#define CODE(ring)  (0x08 + 0x10 * (ring))
#define DATA(ring)  (0x10 + 0x10 * (ring))
#define TASK        0x48                /* the TSS in TR */
#define TASK_2      0x50                /* two more, available; they start at the labels task_2_entry and task_3_entry of a case */
#define TASK_3      0x58
#define LOCAL_TABLE 0x60                /* an LDT of 16 null descriptors at `local_table` */
#define CODE_16_BIT 0x68
#define DATA_16_BIT 0x70                /* at scratch, 64 KiB, 16-bit stack */
#define CONFORMING  0x78                /* conforming code, DPL 0 */
#define FREE(n)     (0x80 + 8 * (n))    /* null descriptors, 0 to 15 */

/* The window: linear pages that a case may map as it likes, through `window_table`. Page n lies on `frames` + n * 4096 at first, present, writable, user, for n below 8; the others are not present. */
#define WINDOW      0x00400000
#define WINDOW_PAGES 8

/* What registers hold at the start. */
#define INITIAL_EAX 0xA0A1A2A3
#define INITIAL_ECX 0xC0C1C2C3
#define INITIAL_EDX 0xD0D1D2D3
#define INITIAL_EBX 0xB0B1B2B3
#define INITIAL_EBP 0x50515253
#define INITIAL_ESI 0x60616263
#define INITIAL_EDI 0x70717273

#ifdef __ASSEMBLER__

        .macro  case name, mode=0, hidden=0
        .pushsection .rodata
71:     .asciz  "\name"
        .popsection
        .pushsection .cases, "a"
        .long   71b, \mode, \hidden, 72f
        .popsection
        .text
72:
        .endm

        .macro  run
        ret
        .pushsection .cases, "a"
        .long   73f
        .popsection
73:
        .endm

        /* Ends the case too, from elsewhere than its end. */
        .macro  stop
        int     $VECTOR_END
        .endm

        .macro  finish
        stop
        .pushsection .cases, "a"
        .long   74f
        .popsection
74:
        .endm

        /* Writes a 32-bit register down; changes nothing else. 32-bit code with flat DS and a stack. */
        .macro  observe register:req
        pushl   \register
        popl    %ds:observed_scratch
        call    observe_scratch
        .endm

        /* The same for a segment register, whose upper half PUSH may leave open. */
        .macro  observe_segment register
        pushl   $0
        movw    \register, (%esp)
        popl    %ds:observed_scratch
        call    observe_scratch
        .endm

        /* The same for a doubleword in memory. */
        .macro  observe_memory address:vararg
        pushl   \address
        popl    %ds:observed_scratch
        call    observe_scratch
        .endm

        /* The same for EFLAGS. */
        .macro  observe_flags
        pushfl
        popl    %ds:observed_scratch
        call    observe_scratch
        .endm

        /* Writes a descriptor into the GDT, in ring 0. */
        .macro  descriptor selector, base, limit, rights
        movl    $((\limit) & 0xFFFF), gdt + ((\selector) & ~7)
        movl    $(\base), %eax
        movw    %ax, gdt + ((\selector) & ~7) + 2
        shrl    $16, %eax
        movb    %al, gdt + ((\selector) & ~7) + 4
        movb    %ah, gdt + ((\selector) & ~7) + 7
        movw    $(((\rights) & 0xF0FF) | (((\limit) >> 8) & 0x0F00)), gdt + ((\selector) & ~7) + 5
        .endm

        /* Writes a gate into a table, in ring 0: rights is the byte at offset 5. */
        .macro  gate table, index, selector, offset, rights, count=0
        movl    $(\offset), %eax
        movw    %ax, \table + 8 * (\index)
        movw    $(\selector), \table + 8 * (\index) + 2
        movw    $(((\rights) << 8) | (\count)), \table + 8 * (\index) + 4
        shrl    $16, %eax
        movw    %ax, \table + 8 * (\index) + 6
        .endm

#endif
#endif
