/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults: error codes, CR2, accessed and dirty bits, WP, large pages, INVLPG, instructions that start again. */
#include "cases.h"

        /* Bits of an entry. */
        .set    P, 1
        .set    W, 2
        .set    U, 4
        .set    A, 0x20
        .set    D, 0x40

        /* Sets the low bits of the window's entry of a page. */
        .macro  page number, bits
        andl    $0xFFFFF000, window_table + 4 * (\number)
        orl     $(\bits), window_table + 4 * (\number)
        .endm

        .macro  observe_page number
        pushl   window_table + 4 * (\number)
        andl    $0xFFF, (%esp)
        popl    observed_scratch
        call    observe_scratch
        .endm

        /* One access to page 2 with the given bits. */
        .macro  access mode, name, bits, code:vararg
        case    "\name", PAGING | \mode
        page    2, \bits
        run
        \code
        finish
        .endm

        .irp    ring, 0, 3
        access  RING(\ring), "read, not present, ring \ring", 0, movl WINDOW + 0x2010, %eax
        access  RING(\ring), "write, not present, ring \ring", W | U, movl %eax, WINDOW + 0x2010
        access  RING(\ring), "read, supervisor page, ring \ring", P | W, movl WINDOW + 0x2010, %eax
        access  RING(\ring), "write, supervisor page, ring \ring", P | W, movl %eax, WINDOW + 0x2010
        access  RING(\ring), "write, supervisor read-only page, ring \ring", P, movl %eax, WINDOW + 0x2010
        access  RING(\ring), "write, user read-only page, ring \ring", P | U, movl %eax, WINDOW + 0x2010
        access  RING(\ring) | PROTECT, "write, user read-only page, WP, ring \ring", P | U, movl %eax, WINDOW + 0x2010
        access  RING(\ring) | PROTECT, "write, supervisor read-only page, WP, ring \ring", P, movl %eax, WINDOW + 0x2010
        access  RING(\ring), "read and write of a read-only page, ring \ring", P | U, addl $1, WINDOW + 0x2010
        access  RING(\ring), "read and write of a page not present, ring \ring", 0, addl $1, WINDOW + 0x2010
        access  RING(\ring), "XCHG, not present, ring \ring", 0, xchgl %eax, WINDOW + 0x2010
        access  RING(\ring), "CMP, read-only page, ring \ring", P | U, cmpl %eax, WINDOW + 0x2010
        access  RING(\ring), "CMPXCHG that fails, read-only page, ring \ring", P | U, cmpxchgl %ecx, WINDOW + 0x2010
        access  RING(\ring), "BT, read-only page, ring \ring", P | U, btl $3, WINDOW + 0x2010
        access  RING(\ring), "doubleword into a page not present, ring \ring", 0, movl WINDOW + 0x1FFE, %eax
        access  RING(\ring), "doubleword out of a page not present, ring \ring", 0, movl WINDOW + 0x2FFE, %eax
        access  RING(\ring), "jump to a page not present, ring \ring", 0, jmp WINDOW + 0x2010
        access  RING(\ring), "call of a page not present, ring \ring", 0, call WINDOW + 0x2010
        .endr
        access  RING(3), "jump to a supervisor page, ring 3", P | W, jmp WINDOW + 0x2010

        case    "directory entry not present", PAGING
        andl    $~P, page_directory + 4
        run
        movl    WINDOW + 0x1234, %eax
        finish

        case    "directory entry read-only, ring 3", PAGING | RING(3)
        andl    $~W, page_directory + 4
        run
        movl    %eax, WINDOW + 0x1234
        finish

        case    "directory entry supervisor, ring 3", PAGING | RING(3)
        andl    $~U, page_directory + 4
        run
        movl    WINDOW + 0x1234, %eax
        finish

        case    "directory entry read-only, WP, ring 0", PAGING | PROTECT
        andl    $~W, page_directory + 4
        run
        movl    %eax, WINDOW + 0x1234
        finish

        case    "a read sets the accessed bits", PAGING
        run
        movl    WINDOW + 0x2000, %eax
        observe_page 2
        observe_page 3
        movl    page_directory + 4, %ecx
        andl    $0xFFF, %ecx
        finish

        case    "a write sets accessed and dirty", PAGING
        run
        movl    %eax, WINDOW + 0x2000
        observe_page 2
        finish

        case    "a write behind a read sets dirty", PAGING
        run
        movl    WINDOW + 0x2000, %eax
        movl    %eax, WINDOW + 0x2000
        observe_page 2
        finish

        case    "a dirty bit taken away comes back behind INVLPG", PAGING
        run
        movl    %eax, WINDOW + 0x2000
        page    2, P | W | U
        invlpg  WINDOW + 0x2000
        movl    %eax, WINDOW + 0x2004
        observe_page 2
        finish

        case    "a write that faults sets no bits", PAGING | RING(3)
        page    2, P | U
        page    3, P | U
        run
        movl    %eax, WINDOW + 0x3000
        finish

        case    "a write across two pages sets both dirty", PAGING
        run
        movl    %eax, WINDOW + 0x2FFE
        observe_page 2
        observe_page 3
        observe_memory frames + 0x2FFC
        observe_memory frames + 0x3000
        finish

        case    "a write across two pages, second not present, writes nothing", PAGING | LOG_PAGES
        page    3, 0
        run
        movl    %eax, WINDOW + 0x2FFE
        observe_memory frames + 0x2FFC
        observe_memory frames + 0x3000
        finish

        case    "INVLPG makes a new entry seen", PAGING
        run
        movl    $0x11111111, frames + 0x2000
        movl    $0x33333333, frames + 0x3000
        movl    WINDOW + 0x2000, %eax
        movl    window_table + 12, %ecx
        movl    %ecx, window_table + 8
        invlpg  WINDOW + 0x2FFF
        movl    WINDOW + 0x2000, %ecx
        finish

        case    "MOV to CR3 makes a new entry seen", PAGING
        run
        movl    $0x33333333, frames + 0x3000
        movl    WINDOW + 0x2000, %eax
        movl    window_table + 12, %ecx
        movl    %ecx, window_table + 8
        movl    %cr3, %ecx
        movl    %ecx, %cr3
        movl    WINDOW + 0x2000, %ecx
        finish

        case    "an entry that becomes present needs no INVLPG", PAGING | LOG_PAGES
        page    2, 0
        run
        movl    WINDOW + 0x2000, %eax
        finish

        case    "aliases show one frame", PAGING
        movl    window_table + 8, %eax
        movl    %eax, window_table + 12
        run
        movl    $0x12345678, WINDOW + 0x2FFC
        movl    WINDOW + 0x3FFC, %eax
        finish

        case    "REP MOVS goes on behind a fault of its source", PAGING | LOG_PAGES
        page    1, 0
        run
        cld
        movl    $WINDOW + 0xFF0, %esi
        movl    $WINDOW + 0x3000, %edi
        movl    $8, %ecx
        rep movsl
        finish

        case    "REP MOVS goes on behind a fault of its target", PAGING | LOG_PAGES
        page    4, 0
        run
        movl    $WINDOW + 0x1000, %esi
        movl    $WINDOW + 0x3FFA, %edi
        movl    $9, %ecx
        rep movsw
        finish

        case    "REP MOVS downwards across two faults", PAGING | LOG_PAGES
        page    0, 0
        page    2, 0
        run
        std
        movl    $WINDOW + 0x1008, %esi
        movl    $WINDOW + 0x3004, %edi
        movl    $8, %ecx
        rep movsl
        finish

        case    "REP STOS across three pages", PAGING | LOG_PAGES
        page    1, 0
        page    2, 0
        run
        movl    $WINDOW + 0xFFD, %edi
        movl    $0x1008, %ecx
        rep stosb
        observe_page 0
        observe_page 1
        observe_page 2
        finish

        case    "REP STOS that faults shows how far it got", PAGING
        page    1, 0
        run
        movl    $WINDOW + 0xFF8, %edi
        movl    $16, %ecx
        rep stosb
        finish

        case    "REPE CMPS goes on behind a fault", PAGING | LOG_PAGES
        page    1, 0
        run
        movl    $WINDOW + 0xFFC, %esi
        movl    $WINDOW + 0x2000, %edi
        movl    $12, %ecx
        xorl    %eax, %eax
        repe cmpsb
        finish

        case    "PUSH that faults leaves ESP", PAGING | RING(3)
        page    2, 0
        run
        movl    %esp, %eax
        movl    $WINDOW + 0x3000, %esp
        pushl   %eax
        finish

        case    "CALL that faults leaves ESP and EIP", PAGING | RING(3)
        page    2, 0
        run
        movl    $WINDOW + 0x3000, %esp
        call    1f
1:      finish

        case    "PUSHA into the lower page", PAGING | RING(3) | LOG_PAGES
        page    2, 0
        run
        movl    $WINDOW + 0x3010, %esp
        pusha
        movl    12(%esp), %eax
        finish

        case    "POPA out of the upper page changes nothing", PAGING | RING(3)
        page    3, 0
        run
        movl    $WINDOW + 0x2FF0, %esp
        popa
        finish

        case    "POP to memory that faults leaves ESP", PAGING | RING(3)
        page    2, 0
        run
        pushl   $0x55
        popl    WINDOW + 0x2000
        finish

        case    "ENTER into a page not present", PAGING | RING(3)
        page    2, 0
        run
        movl    $WINDOW + 0x3004, %esp
        enter   $16, $0
        finish

        case    "LEAVE from a page not present", PAGING | RING(3)
        page    2, 0
        run
        movl    $WINDOW + 0x2FFC, %ebp
        leave
        finish

        case    "an interrupt from ring 3 onto a read-only stack of ring 0 with WP", PAGING | PROTECT | RING(3)
        page    2, P
        movl    $WINDOW + 0x3000, task_1 + 12
        gate    idt, 0x41, CODE(1) | 1, 1f, 0xEE
        run
        int     $0x41
1:      finish

        case    "the descriptor tables are read as supervisor", PAGING | RING(3)
        movl    $gdt, %esi
        movl    $frames + 0x2000, %edi
        movl    $64, %ecx
        rep movsl
        page    2, P | W
        movl    $0x00FF, scratch
        movw    $255, scratch
        movl    $WINDOW + 0x2000, scratch + 2
        lgdt    scratch
        run
        movl    $DATA(3) | 3, %eax
        movl    %eax, %es
        movw    $255, scratch
        finish

        case    "a descriptor in a page not present", PAGING | RING(3)
        movl    $gdt, %esi
        movl    $frames + 0x2000, %edi
        movl    $64, %ecx
        rep movsl
        movw    $0x1FFF, scratch
        movl    $WINDOW + 0x2000, scratch + 2
        lgdt    scratch
        page    3, 0
        run
        movl    $0x1008 | 3, %eax
        movl    %eax, %es
        finish

        case    "a large page", PAGING | LARGE_PAGES
        movl    $0x00000083, page_directory + 8
        run
        movl    $0x2468ACE0, scratch
        movl    scratch + 0x800000, %eax
        movl    page_directory + 8, %ecx
        movl    %eax, scratch + 0x800004
        movl    page_directory + 8, %edx
        finish

        case    "a large page, user, read-only", PAGING | LARGE_PAGES | RING(3)
        movl    $0x00000085, page_directory + 8
        run
        movl    0x800000 + 0x8000, %eax
        movl    %eax, 0x800000 + 0x8000
        finish

        case    "a large page, supervisor", PAGING | LARGE_PAGES | RING(3)
        movl    $0x00000083, page_directory + 8
        run
        movl    0x812345, %eax
        finish

        case    "without PSE bit 7 means nothing", PAGING
        orl     $0x80, page_directory + 4
        run
        movl    $0x2468ACE0, frames + 0x1000
        movl    WINDOW + 0x1000, %eax
        finish

        case    "reserved bits of a large page", PAGING | LARGE_PAGES
        movl    $0x00200083, page_directory + 8
        run
        movl    0x800000, %eax
        finish

        case    "turning paging off and on", PAGING
        run
        movl    %cr0, %eax
        andl    $0x7FFFFFFF, %eax
        movl    %eax, %cr0
        jmp     1f
1:      movl    $0x77777777, frames
        orl     $0x80000000, %eax
        movl    %eax, %cr0
        jmp     1f
1:      movl    WINDOW, %eax
        finish

        case    "CR0: NW without CD"
        run
        movl    %cr0, %eax
        orl     $0x20000000, %eax
        movl    %eax, %cr0
        finish

        case    "LMSW cannot clear PE"
        run
        movl    $0x0E, %eax
        lmsw    %ax
        smsw    %ecx
        andl    $0xF, %ecx
        clts
        smsw    %edx
        andl    $0xF, %edx
        finish
