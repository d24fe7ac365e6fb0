/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers of the devices: what is written, what reads back. Interrupts stay off. Nothing here depends on time, on a disk, or on what firmware has left. */
#include "cases.h"

        /* OUT of a byte. */
        .macro  put port, value
        movw    $\port, %dx
        movb    $\value, %al
        outb    %al, %dx
        .endm

        /* IN of a byte, of which the bits of the mask are written down. */
        .macro  get port, mask=0xFF
        movw    $\port, %dx
        xorl    %eax, %eax
        inb     %dx, %al
        andl    $\mask, %eax
        observe %eax
        .endm

        /* An index register and what its data register holds. */
        .macro  get_index port, index, mask=0xFF
        put     \port, \index
        get     \port+1, \mask
        .endm

        .macro  put_index port, index, value
        put     \port, \index
        put     \port+1, \value
        .endm

        .macro  device name
        case    "\name"
        run
        .endm

        /* The registers that the macros used do not count. */
        .macro  end_device
        movl    $INITIAL_EAX, %eax
        movl    $INITIAL_EDX, %edx
        cmpl    %eax, %eax
        finish
        .endm

        /* Both interrupt controllers as a PC has them, everything masked. */
        .macro  prepare_pic icw4=1
        put     0x20, 0x11
        put     0x21, 0x30
        put     0x21, 4
        put     0x21, \icw4
        put     0xA0, 0x11
        put     0xA1, 0x38
        put     0xA1, 2
        put     0xA1, 1
        put     0x21, 0xFF
        put     0xA1, 0xFF
        .endm

        /* COM1 requests IRQ 4: its transmitter is empty. */
        .macro  request
        put     0x3FB, 3
        put     0x3FC, 8
        put     0x3F9, 0
        put     0x3F9, 2
        .endm

        /* And takes it back. */
        .macro  withdraw
        movw    $0x3FA, %dx
        inb     %dx, %al
        .endm

        device  "8259: masks"
        prepare_pic
        put     0x21, 0x5A
        put     0xA1, 0xA5
        get     0x21
        get     0xA1
        put     0x20, 0x11
        put     0x21, 0x30
        put     0x21, 4
        put     0x21, 1
        get     0x21
        end_device

        device  "8259: no ICW3 when single, no ICW4 when not asked for"
        put     0x20, 0x12
        put     0x21, 0x30
        put     0x21, 0xF7
        get     0x21
        prepare_pic
        end_device

        device  "8259: edge or level"
        put     0x4D0, 0xFF
        put     0x4D1, 0xFF
        get     0x4D0
        get     0x4D1
        put     0x4D0, 0
        put     0x4D1, 0
        get     0x4D0
        end_device

        device  "8259: request, poll, in service, end"
        prepare_pic
        withdraw
        put     0x21, 0xEF
        request
        put     0x20, 0x0A
        get     0x20, 0x10
        put     0x20, 0x0C
        get     0x20
        get     0x20, 0x10
        put     0x20, 0x0B
        get     0x20
        put     0x20, 0x0C
        get     0x20, 0x80
        put     0x20, 0x20
        put     0x20, 0x0B
        get     0x20
        withdraw
        end_device

        device  "8259: specific end, and of another"
        prepare_pic
        withdraw
        put     0x21, 0xEF
        request
        put     0x20, 0x0C
        get     0x20
        put     0x20, 0x0B
        put     0x20, 0x63
        get     0x20
        put     0x20, 0x64
        get     0x20
        withdraw
        end_device

        device  "8259: automatic end"
        prepare_pic 3
        withdraw
        put     0x21, 0xEF
        request
        put     0x20, 0x0C
        get     0x20
        put     0x20, 0x0B
        get     0x20
        withdraw
        prepare_pic
        end_device

        .macro  timer_status control
        put     0x43, \control
        put     0x43, 0xE8
        get     0x42, 0x3F
        .endm

        device  "8254: status of each mode and access"
        .irp    mode, 0, 1, 2, 3, 4, 5
        timer_status 0xB0+2*\mode
        .endr
        timer_status 0x90
        timer_status 0xA4
        timer_status 0xB1
        end_device

        device  "8254: status after a count was written"
        put     0x43, 0xB6
        put     0x42, 0
        put     0x42, 0
        put     0x43, 0xE8
        get     0x42, 0x3F
        end_device

        device  "port 61h"
        put     0x61, 0
        get     0x61, 3
        put     0x61, 3
        get     0x61, 3
        put     0x61, 0
        end_device

        device  "MC146818: memory"
        .irp    index, 0x40, 0x4F, 0x5A, 0x7F
        put_index 0x70, \index, \index^0x5A
        get_index 0x70, \index
        .endr
        end_device

        device  "MC146818: registers B, C and D"
        put_index 0x70, 0x0B, 0x82
        get_index 0x70, 0x0B
        put_index 0x70, 0x0C, 0xFF
        get_index 0x70, 0x0C, 0
        get_index 0x70, 0x0C
        put_index 0x70, 0x0D, 0
        get_index 0x70, 0x0D
        put_index 0x70, 0x0B, 0x02
        end_device

        device  "MC146818: SET takes the update interrupt away"
        put_index 0x70, 0x0B, 0x92
        get_index 0x70, 0x0B
        put_index 0x70, 0x0B, 0x02
        end_device

        device  "MC146818: time and alarm read back while SET"
        put_index 0x70, 0x0B, 0x82
        .irp    index, 0, 1, 2, 3, 4, 5, 7, 8
        put_index 0x70, \index, 0x11-\index
        get_index 0x70, \index
        .endr
        put_index 0x70, 0x0B, 0x02
        end_device

        device  "16550: divisor latch and scratch"
        put     0x3FB, 0x83
        put     0x3F8, 0x34
        put     0x3F9, 0x12
        get     0x3F8
        get     0x3F9
        put     0x3FB, 3
        get     0x3FB
        put     0x3FF, 0xA7
        get     0x3FF
        end_device

        device  "16550: bits that there are"
        put     0x3FB, 3
        put     0x3F9, 0xFF
        get     0x3F9
        put     0x3F9, 0
        put     0x3FC, 0xFF
        get     0x3FC
        put     0x3FC, 0
        end_device

        device  "16550: identification"
        put     0x3FC, 0
        put     0x3F9, 0
        put     0x3FA, 0
        get     0x3FA
        put     0x3F9, 2
        get     0x3FA
        get     0x3FA
        put     0x3FA, 1
        put     0x3F9, 0
        get     0x3FA
        put     0x3FA, 0
        get     0x3FA
        end_device

        device  "16550: modem lines in loopback"
        .irp    control, 0x10, 0x11, 0x12, 0x14, 0x18, 0x1F
        put     0x3FC, \control
        get     0x3FE, 0xF0
        .endr
        put     0x3FC, 0
        end_device

        device  "16550: a byte in loopback"
        put     0x3FA, 0
        put     0x3FC, 0x10
        put     0x3F9, 1
        put     0x3F8, 0xA5
        get     0x3FD
        get     0x3FA
        get     0x3F8
        get     0x3FD, 0xDF
        get     0x3FA
        put     0x3F9, 0
        put     0x3FC, 0
        end_device

        .macro  flush_keyboard
        movl    $32, %ecx
70:     inb     $0x64, %al
        testb   $1, %al
        jz      71f
        inb     $0x60, %al
        loop    70b
71:     movl    $INITIAL_ECX, %ecx
        .endm

        .macro  controller command
        put     0x64, \command
        get     0x60
        .endm

        /* A byte for the keyboard, and its answers. */
        .macro  keyboard value, answers=1
        put     0x60, \value
        .rept   \answers
        get     0x60
        .endr
        .endm

        .macro  mouse value, answers=1
        put     0x64, 0xD4
        keyboard \value, \answers
        .endm

        device  "8042: tests and ports"
        put     0x64, 0xAD
        put     0x64, 0xA7
        flush_keyboard
        controller 0xAA
        controller 0xAB
        controller 0xA9
        put     0x64, 0x60
        put     0x60, 0x74
        controller 0x20
        get     0x64, 0x0D
        put     0x64, 0xD1
        put     0x60, 0xDF
        put     0x64, 0xD0
        get     0x60, 0x03
        end_device

        device  "8042: a byte through the output buffer"
        flush_keyboard
        put     0x64, 0xD2
        put     0x60, 0x5C
        get     0x64, 0x21
        get     0x60
        put     0x64, 0xD3
        put     0x60, 0xC5
        get     0x64, 0x21
        get     0x60
        get     0x64, 0x21
        end_device

        device  "8042: the keyboard's commands, translated"
        put     0x64, 0x60
        put     0x60, 0x64
        flush_keyboard
        keyboard 0xFF, 2
        keyboard 0xEE
        keyboard 0xED
        keyboard 7
        keyboard 0xF3
        keyboard 0x20
        keyboard 0xF2, 3
        keyboard 0xF0
        keyboard 0, 2
        keyboard 0xF5
        keyboard 0xF4
        keyboard 0xF6
        end_device

        device  "8042: the keyboard's identity, not translated"
        put     0x64, 0x60
        put     0x60, 0x24
        flush_keyboard
        keyboard 0xF2, 3
        keyboard 0xF0
        keyboard 0, 2
        put     0x64, 0x60
        put     0x60, 0x64
        end_device

        device  "8042: the mouse's commands"
        put     0x64, 0xA8
        flush_keyboard
        mouse   0xFF, 3
        mouse   0xF2, 2
        mouse   0xE9, 4
        mouse   0xF3
        mouse   80
        mouse   0xE8
        mouse   3
        mouse   0xE7
        mouse   0xE9, 4
        mouse   0xF6
        put     0x64, 0xA7
        end_device

        device  "port 92h and the keyboard controller share A20"
        put     0x92, 2
        get     0x92, 2
        put     0x64, 0xDF
        get     0x92, 2
        end_device

        device  "VGA: cursor and start address"
        .irp    index, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F
        put_index 0x3D4, \index, \index+2
        get_index 0x3D4, \index
        .endr
        get     0x3D4
        end_device

        device  "VGA: index and data in one word"
        movw    $0x3D4, %dx
        movw    $0x560E, %ax
        outw    %ax, %dx
        xorl    %eax, %eax
        inw     %dx, %ax
        observe %eax
        end_device

        device  "VGA: palette"
        put     0x3C8, 200
        put     0x3C9, 1
        put     0x3C9, 2
        put     0x3C9, 3
        put     0x3C9, 4
        put     0x3C7, 200
        get     0x3C9
        get     0x3C9
        get     0x3C9
        get     0x3C9
        end_device

        device  "VGA: attributes through the flip-flop"
        movw    $0x3DA, %dx
        inb     %dx, %al
        put     0x3C0, 5
        put     0x3C0, 0x2A
        put     0x3C0, 0x25
        get     0x3C1
        movw    $0x3DA, %dx
        inb     %dx, %al
        put     0x3C0, 5
        put     0x3C0, 0x14
        put     0x3C0, 0x20
        end_device

        device  "ATA: no drive"
        put     0x1F6, 0xE0
        get     0x1F7
        get     0x1F2
        end_device

        device  "8237: address and count"
        put     0x0C, 0
        put     0x04, 0x34
        put     0x04, 0x12
        put     0x05, 0x78
        put     0x05, 0x56
        get     0x04
        get     0x04
        get     0x05
        get     0x05
        get     0x04
        put     0x0C, 0
        get     0x04
        put     0x0C, 0
        end_device

        device  "8237: page registers"
        .irp    port, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8A, 0x8B, 0x8F
        put     \port, \port^0x33
        get     \port
        .endr
        end_device

        device  "ports where nothing answers, and the debug console"
        get     0x300
        get     0x3E8
        movw    $0x300, %dx
        inl     %dx, %eax
        observe %eax
        get     0xE9
        end_device
