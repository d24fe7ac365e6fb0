/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hardware task switches: JMP, CALL, IRET, interrupt task gates; busy and NT bits, back links, TS, the T bit, errors. */
#include "cases.h"

        /* Offsets in a TSS. */
        .set    LINK, 0
        .set    CR3, 28
        .set    EIP, 32
        .set    EFLAGS, 36
        .set    EAX, 40
        .set    ESP, 56
        .set    SS, 80
        .set    CS, 76
        .set    DS, 84
        .set    FS, 88
        .set    LDT, 96
        .set    TRAP, 100

        .macro  second_task label, selector=TASK_2, state=task_2
        movl    $\label, \state + EIP
        .endm

        /* What is to be seen of the two tasks: access bytes, link, TR, CR0.TS. */
        .macro  observe_tasks
        observe_memory gdt + TASK + 4
        observe_memory gdt + TASK_2 + 4
        observe_memory task_2 + LINK
        pushl   $0
        str     (%esp)
        popl    observed_scratch
        call    observe_scratch
        observe_flags
        pushl   %eax
        movl    %cr0, %eax
        movl    %eax, observed_scratch
        popl    %eax
        andl    $8, observed_scratch
        call    observe_scratch
        .endm

        case    "JMP to a TSS"
        second_task 1f
        run
        ljmp    $TASK_2, $0x12345678
        finish
1:      observe_tasks
        observe_memory task_1 + EAX
        observe_memory task_1 + EFLAGS
        stop

        case    "CALL to a TSS and IRET back"
        second_task 1f
        run
        lcall   $TASK_2, $0
        observe_tasks
        observe_memory task_2 + EIP
        observe_memory task_2 + EFLAGS
        finish
1:      observe_tasks
        movl    $0x5A5A5A5A, %eax
        iretl
2:      stop

        case    "a task that returned is called again behind its IRET"
        second_task 1f
        run
        lcall   $TASK_2, $0
        lcall   $TASK_2, $0
        finish
1:      observe %eax
        movl    $0x5A5A5A5A, %eax
        iretl
        observe %eax
        observe_tasks
        iretl

        case    "JMP through a task gate from ring 3", RING(3)
        gate    gdt, FREE(0) / 8, TASK_2, 0, 0xE5
        second_task 1f
        run
        ljmp    $FREE(0), $0
        finish
1:      observe_tasks
        observe_memory task_1 + ESP
        observe_memory task_1 + CS
        stop

        case    "JMP to a TSS from ring 3", RING(3)
        second_task 1f
        run
1:      ljmp    $TASK_2, $0
        finish

        case    "JMP to a TSS of DPL 3 from ring 3", RING(3)
        second_task 1f
        orb     $0x60, gdt + TASK_2 + 5
        run
        ljmp    $TASK_2, $0
        finish
1:      observe_tasks
        stop

        case    "INT through a task gate and back"
        gate    idt, 0x41, TASK_2, 0, 0xE5
        second_task 1f
        run
        int     $0x41
        observe_tasks
        finish
1:      observe_tasks
        iretl

        case    "a fault through a task gate pushes its error code"
        gate    idt, 13, TASK_2, 0, 0x85
        second_task 1f
        run
        movl    $0x2340, %eax
        movl    %eax, %ds
        finish
1:      observe_tasks
        observe_memory (%esp)
        observe %esp
        observe_memory task_1 + EIP
        popl    %eax
        addl    $2, task_1 + EIP
        iretl

        case    "a double fault through a task gate"
        gate    idt, 8, TASK_2, 0, 0x85
        second_task 1f
        movb    $0, idt + 13 * 8 + 5
        run
        movl    $0x2340, %eax
        movl    %eax, %ds
        finish
1:      observe_memory (%esp)
        observe_memory task_2 + LINK
        stop

        case    "the new task has a register of each kind"
        second_task 1f
        movl    $0x8D5, task_2 + EFLAGS
        movl    $DATA(3) | 3, task_2 + FS
        run
        ljmp    $TASK_2, $0
        finish
1:      stop

        case    "the new task is in ring 3"
        second_task 1f
        movl    $CODE(3) | 3, task_2 + CS
        movl    $DATA(3) | 3, task_2 + SS
        .irp    offset, 72, 84, 88, 92
        movl    $DATA(3) | 3, task_2 + \offset
        .endr
        run
        ljmp    $TASK_2, $0
        finish
1:      observe_segment %ss
        stop

        case    "the new task has a page directory of its own", PAGING
        second_task 1f
        movl    page_directory, %edx
        movl    %edx, scratch                   /* without the window, which lies 4 MiB higher there */
        movl    page_directory + 4, %edx
        movl    %edx, scratch + 8
        movl    $0x13579BDF, frames
        movl    $scratch, task_2 + CR3
        run
        ljmp    $TASK_2, $0
        finish
1:      movl    %cr3, %eax
        subl    $scratch, %eax
        movl    WINDOW + 0x400000, %ecx
        movl    WINDOW, %edx
        stop

        case    "the new task has an LDT"
        second_task 1f
        movl    $LOCAL_TABLE, task_2 + LDT
        movl    gdt + DATA(0), %eax
        movl    %eax, local_table
        movl    gdt + DATA(0) + 4, %eax
        movl    %eax, local_table + 4
        movl    $4, task_2 + FS
        run
        ljmp    $TASK_2, $0
        finish
1:      sldt    %eax
        stop

        case    "T bit: a debug trap before the first instruction"
        second_task 1f
        movw    $1, task_2 + TRAP
        run
        ljmp    $TASK_2, $0
        finish
1:      stop

        case    "JMP to a busy TSS"
        movl    $TASK, %eax
        run
        ljmp    $TASK, $0
        finish

        case    "CALL to a busy TSS"
        run
        lcall   $TASK, $0
        finish

        case    "JMP to a TSS that is not present"
        andb    $0x7F, gdt + TASK_2 + 5
        run
        ljmp    $TASK_2, $0
        finish

        case    "JMP to a TSS that is too short"
        movw    $102, gdt + TASK_2
        run
        ljmp    $TASK_2, $0
        finish

        case    "JMP through a task gate to what is no TSS"
        gate    gdt, FREE(0) / 8, DATA(0), 0, 0xE5
        run
        ljmp    $FREE(0), $0
        finish

        case    "JMP through a task gate that is not present"
        gate    gdt, FREE(0) / 8, TASK_2, 0, 0x65
        run
        ljmp    $FREE(0), $0
        finish

        case    "JMP through a task gate into the LDT"
        gate    gdt, FREE(0) / 8, TASK_2 | 4, 0, 0xE5
        run
        ljmp    $FREE(0), $0
        finish

        case    "IRET with NT to a task that is not busy", MODE_NESTED
        movw    $TASK_2, task_1 + LINK
        run
        iretl
        finish

        case    "IRET with NT to the null selector", MODE_NESTED
        run
        iretl
        finish

        case    "IRET with NT to a selector of the LDT", MODE_NESTED
        movw    $TASK_2 | 4, task_1 + LINK
        run
        iretl
        finish

/* Errors behind the point of no return are the new task's. A third task looks at them, as the manual advises: the new one may have nothing to run with. */
        .macro  new_task name, error, prepare:vararg
        case    "the new task has \name"
        second_task 1f
        second_task 2f, TASK_3, task_3
        gate    idt, \error, TASK_3, 0, 0x85
        descriptor FREE(0), 0, 0xFFFFF, 0xC013
        \prepare
        run
        ljmp    $TASK_2, $0
1:      finish
2:      observe_memory (%esp)
        observe_memory task_3 + LINK
        .irp    offset, 0,4,8,12,16,20
        observe_memory task_2 + CS - 4 + \offset
        .endr
        observe_memory gdt + TASK + 4
        observe_memory gdt + TASK_2 + 4
        stop
        .endm

        new_task "the null selector in CS", 10, movl $0, task_2 + CS
        new_task "data in CS", 10, movl $DATA(0), task_2 + CS
        new_task "CS and RPL of another ring", 10, movl $CODE(1), task_2 + CS
        new_task "the null selector in SS", 10, movl $0, task_2 + SS
        new_task "SS of another ring", 10, movl $DATA(1), task_2 + SS
        new_task "DS not present", 11, movl $FREE(0), task_2 + DS
        new_task "a TSS in FS", 10, movl $TASK, task_2 + FS
        new_task "no LDT where one should be", 10, movl $DATA(0), task_2 + LDT
        new_task "an LDT in the LDT", 10, movl $LOCAL_TABLE | 4, task_2 + LDT

        case    "a 16-bit task"
        movl    $1f, %ebx
        descriptor FREE(1), 0, 0xFFFF, 0x9B
        movw    %bx, gdt + FREE(1) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(1) + 4
        descriptor FREE(0), 0, 43, 0x81
        movl    $scratch + 256, %eax
        movw    %ax, gdt + FREE(0) + 2
        shrl    $16, %eax
        movb    %al, gdt + FREE(0) + 4
        movl    $scratch + 256, %eax
        movw    $2, 16(%eax)
        movw    $0xA7A7, 18(%eax)
        movw    $0xC7C7, 20(%eax)
        movw    $0xFF00, 26(%eax)
        movw    $DATA(0), 34(%eax)
        movw    $FREE(1), 36(%eax)
        movw    $DATA_16_BIT, 38(%eax)
        movw    $DATA(0), 40(%eax)
        run
        lcall   $FREE(0), $0
        finish
        .code16
1:      str     %bx
        movl    $(scratch + 256), %edx
        addr32 movw (%edx), %cx
        .irp    register, a, c, b
        movzwl  %\register\()x, %e\register\()x
        .endr
        .irp    register, bp, si, di
        movzwl  %\register, %e\register
        .endr
        stop
        .code32

        case    "a switch into virtual-8086 mode and out of it by a fault"
        movl    $0x20002, task_2 + EFLAGS
        movl    $0, task_2 + EIP
        movl    $0x800, task_2 + CS
        movl    $0x900, task_2 + SS
        movl    $0x1000, task_2 + ESP
        movl    $0x1234, task_2 + FS
        movb    $0xF4, 0x8000
        run
        lcall   $TASK_2, $0
        finish
