/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways between rings: call and interrupt gates, conforming code, far jumps and returns, the stacks they lead to. */
#include "cases.h"

        .set    GATE_0, FREE(0)                 /* call gates into ring 0, 1, 2, 3 and conforming code */
        .set    GATE_1, FREE(1)
        .set    GATE_2, FREE(2)
        .set    GATE_3, FREE(3)
        .set    GATE_C, FREE(4)

        .macro  call_gates rights=0xEC, count=0
        gate    gdt, GATE_0 / 8, CODE(0), gate_target, \rights, \count
        gate    gdt, GATE_1 / 8, CODE(1), gate_target, \rights, \count
        gate    gdt, GATE_2 / 8, CODE(2), gate_target, \rights, \count
        gate    gdt, GATE_3 / 8, CODE(3), gate_target, \rights, \count
        gate    gdt, GATE_C / 8, CONFORMING, gate_target, \rights, \count
        .endm

        .text
/* Where the gates lead: what is on the stack, from the return address on. */
gate_target:
        observe_segment %cs
        observe_segment %ss
        observe_memory 4(%esp)
        observe_memory 8(%esp)
        observe_memory 12(%esp)
        observe_memory 16(%esp)
        lretl

/* A call from ring `from` through a gate into ring `to`. */
        .macro  gate_case from, to, selector
        case    "CALL from ring \from through a gate into \to", RING(\from)
        call_gates
        run
        pushl   $0x1234
        lcall   $\selector, $0
        observe_segment %cs
        finish
        .endm

        .irp    from, 0, 1, 2, 3
        gate_case \from, "ring 0", GATE_0
        gate_case \from, "ring 1", GATE_1
        gate_case \from, "ring 2", GATE_2
        gate_case \from, "ring 3", GATE_3
        gate_case \from, "conforming code", GATE_C
        .endr

        .macro  jump_case from, to, selector
        case    "JMP from ring \from through a gate into \to", RING(\from)
        gate    gdt, GATE_0 / 8, CODE(0), 1f, 0xEC
        gate    gdt, GATE_3 / 8, CODE(3), 1f, 0xEC
        gate    gdt, GATE_C / 8, CONFORMING, 1f, 0xEC
        run
        ljmp    $\selector, $0
1:      observe_segment %cs
        finish
        .endm

        jump_case 0, "ring 0", GATE_0
        jump_case 3, "ring 0", GATE_0
        jump_case 3, "ring 3", GATE_3
        jump_case 3, "conforming code", GATE_C

        case    "call gate copies parameters", RING(3)
        gate    gdt, GATE_0 / 8, CODE(0), 1f, 0xEC, 3
        run
        pushl   $0x1111
        pushl   $0x2222
        pushl   $0x3333
        lcall   $GATE_0, $0
        finish
1:      .irp    at, 4, 8, 12, 16, 20, 24
        observe_memory \at(%esp)
        .endr
        subl    $ring_stacks, %esp
        observe %esp
        addl    $ring_stacks, %esp
        lretl   $12

        case    "16-bit call gate copies words", RING(3)
        gate    gdt, GATE_0 / 8, FREE(5), 0, 0xE4, 2
        movl    $1f, %ebx
        descriptor FREE(5), 0, 0xFFFF, 0x409B
        movw    %bx, gdt + FREE(5) + 2
        shrl    $16, %ebx
        movb    %bl, gdt + FREE(5) + 4
        run
        pushw   $0x1111
        pushw   $0x2222
        lcall   $GATE_0, $0
        finish
1:      popl    %eax
        popl    %ecx
        popl    %edx
        subl    $ring_stacks, %esp
        movl    %esp, %ebx
        addl    $ring_stacks, %esp
        stop

        case    "call gate with a DPL too low", RING(3)
        call_gates 0xCC
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate with an RPL too low", RING(0)
        call_gates 0xCC
        run
        lcall   $GATE_0 | 3, $0
        finish

        case    "call gate not present", RING(3)
        call_gates 0x6C
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate with the null selector", RING(3)
        gate    gdt, GATE_0 / 8, 0, gate_target, 0xEC
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate into data", RING(3)
        gate    gdt, GATE_0 / 8, DATA(0), gate_target, 0xEC
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate into code that is not present", RING(3)
        descriptor FREE(5), 0, 0xFFFFF, 0xC01B
        gate    gdt, GATE_0 / 8, FREE(5), gate_target, 0xEC
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate out of the GDT", RING(3)
        gate    gdt, GATE_0 / 8, 0x1238, gate_target, 0xEC
        run
        lcall   $GATE_0, $0
        finish

        case    "call gate, inner stack is the null selector", RING(3)
        call_gates
        movl    $0, task_1 + 16
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, inner stack has the wrong RPL", RING(3)
        call_gates
        movl    $DATA(1) | 2, task_1 + 16
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, inner stack has the wrong DPL", RING(3)
        call_gates
        movl    $DATA(2) | 1, task_1 + 16
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, inner stack is read-only", RING(3)
        call_gates
        descriptor FREE(5), 0, 0xFFFFF, 0xC0B1
        movl    $FREE(5) | 1, task_1 + 16
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, inner stack is not present", RING(3)
        call_gates
        descriptor FREE(5), 0, 0xFFFFF, 0xC033
        movl    $FREE(5) | 1, task_1 + 16
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, inner stack is too short", RING(3)
        call_gates
        descriptor FREE(5), 0, 0xFFF, 0x40B3
        movl    $FREE(5) | 1, task_1 + 16
        movl    $0x1008, task_1 + 12
        run
        lcall   $GATE_1, $0
        finish

        case    "call gate, TSS ends before the inner stack", RING(3)
        call_gates
        movw    $15, gdt + TASK
        andb    $0xFD, gdt + TASK + 5
        movl    $TASK, %eax
        ltr     %ax
        run
        lcall   $GATE_1, $0
        finish

        case    "interrupt gate into ring 1 from ring 3", RING(3)
        gate    idt, 0x41, CODE(1) | 1, 1f, 0xEE
        run
        int     $0x41
        observe_segment %cs
        finish
1:      observe_segment %cs
        observe_segment %ss
        observe_memory 4(%esp)
        observe_memory 8(%esp)
        observe_memory 16(%esp)
        iretl

        case    "interrupt gate into conforming code from ring 3", RING(3)
        gate    idt, 0x41, CONFORMING, 1f, 0xEE
        run
        int     $0x41
        finish
1:      observe_segment %cs
        observe_memory 4(%esp)
        iretl

        case    "far CALL into conforming code from ring 3", RING(3)
        run
        lcall   $CONFORMING, $1f
        finish
1:      observe_segment %cs
        observe_memory (%esp)
        observe_memory 4(%esp)
        lretl

        case    "far JMP into conforming code of a higher DPL"
        descriptor FREE(5), 0, 0xFFFFF, 0xC0DF
        run
        ljmp    $FREE(5), $1f
1:      finish

        case    "far JMP into code of ring 0 from ring 3", RING(3)
        run
        ljmp    $CODE(0), $1f
1:      finish

        case    "far JMP into code of ring 3 from ring 0"
        run
        ljmp    $CODE(3) | 3, $1f
1:      finish

        case    "far JMP with a higher RPL"
        run
        ljmp    $CODE(0) | 3, $1f
1:      finish

        case    "far JMP behind the limit"
        descriptor FREE(5), 0, 0x10, 0x409B
        run
        ljmp    $FREE(5), $0x11
        finish

        case    "far JMP sets the accessed bit"
        descriptor FREE(5), 0, 0xFFFFF, 0xC098
        run
        ljmp    $FREE(5), $1f
1:      observe_memory gdt + FREE(5) + 4
        finish

        case    "far RET into ring 3 clears segments it may not have", RING(0)
        run
        movl    $DATA(3) | 3, %eax
        movl    %eax, %fs
        movl    $CONFORMING, %eax
        movl    %eax, %gs
        leal    -512(%esp), %eax
        pushl   $DATA(3) | 3
        pushl   %eax
        pushl   $CODE(3) | 3
        pushl   $1f
        lretl
1:      finish

        case    "far RET into ring 1 releases parameters on both stacks", RING(0)
        run
        leal    -512(%esp), %eax
        pushl   $DATA(1) | 1
        pushl   %eax
        pushl   $0x5555
        pushl   $0x6666
        pushl   $CODE(1) | 1
        pushl   $1f
        lretl   $8
1:      finish

        case    "far RET into a more privileged ring", RING(3)
        run
        pushl   $CODE(0)
        pushl   $1f
        lretl
1:      finish

        case    "far RET with a null stack", RING(0)
        run
        pushl   $3
        pushl   $0x1000
        pushl   $CODE(3) | 3
        pushl   $1f
        lretl
1:      finish

        case    "far RET with a stack of another ring", RING(0)
        run
        pushl   $DATA(2) | 3
        pushl   $0x1000
        pushl   $CODE(3) | 3
        pushl   $1f
        lretl
1:      finish

        case    "far RET to the null selector", RING(0)
        run
        pushl   $0
        pushl   $1f
        lretl
1:      finish
