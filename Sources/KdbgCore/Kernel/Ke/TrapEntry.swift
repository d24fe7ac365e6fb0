// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Entry and exit of traps and interrupts: KTRAP_FRAMEs on the kernel stack (spec/boot.md sections 4.3 and 5.15).
extension Ke {
    /// Code that completes a KTRAP_FRAME above the hardware's part, calls a handler with its address, and leaves through `KiExceptionExit`.
    ///
    /// DbgEbp and DbgEip at the start of the frame are laid out like a stack frame, and EBP points there, so that `bt` walks through.
    ///
    /// - Parameter hasErrorCode: the processor pushes an error code for this vector.
    static func trapEntry(_ name: String, hasErrorCode: Bool = false, handler: Routine) -> Routine {
        .naked(name) { f in
            f.asm { a in
                if !hasErrorCode { a.push(0 as UInt32) }
                pushTrapFrame(&a)
                a.push(.esp)
                a.call(f.symbol(handler))
                a.jmp(f.symbol(exceptionExit))
            }
        }
    }

    /// From behind the error code to a complete frame with EBP and ESP at its start.
    static func pushTrapFrame(_ a: inout Assembler) {
        a.push(.ebp)
        a.push(.ebx)
        a.push(.esi)
        a.push(.edi)
        a.push(.fs)
        a.alu(.sub, .esp, 0x50)
        a.mov(.at(.esp, 0x44), .eax)
        a.mov(.at(.esp, 0x40), .ecx)
        a.mov(.at(.esp, 0x3C), .edx)
        a.mov(.eax, .ds)
        a.mov(.at(.esp, 0x38), .eax)
        a.mov(.eax, .es)
        a.mov(.at(.esp, 0x34), .eax)
        a.mov(.eax, .gs)
        a.mov(.at(.esp, 0x30), .eax)
        a.mov(.eax, 0x30)
        a.mov(.fs, .eax)
        a.mov(.eax, 0x23)
        a.mov(.ds, .eax)
        a.mov(.es, .eax)
        a.mov(.eax, .fs(0))
        a.mov(.at(.esp, 0x4C), .eax)
        a.mov(.at(.esp, 0x48), 1)
        a.mov(.at(.esp, 0x08), 0xBADB_0D00)
        a.lea(.eax, .at(.esp, 0x74))
        a.mov(.at(.esp, 0x0C), .eax)
        a.mov(.eax, .at(.esp, 0x68))
        a.mov(.at(.esp, 0x04), .eax)
        a.mov(.at(.esp), .ebp)
        a.mov(.ebp, .esp)
        a.cld()
    }

    /// The static interrupt table. An entry is a whole address, access word and selector until `KeInitExceptions` puts it into shape.
    static let idt: Global = .init("KiIdt", size: 0x800, alignment: 8) {
        (0..<256).flatMap { vector -> [Global.DataItem] in
            let user = [0x03, 0x04, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E].contains(vector)
            return [.address(trapVector(vector)), .word(user ? 0xEE00 : 0x8E00), .word(0x08)]
        }
    }

    /// The routine that the static table names for a vector.
    private static func trapVector(_ vector: Int) -> Routine {
        switch vector {
        case 0x00: trap00
        case 0x01: trap01
        case 0x02: trap02
        case 0x03: trap03
        case 0x04: trap04
        case 0x05: trap05
        case 0x06: trap06
        case 0x07: trap07
        case 0x08: trap08
        case 0x09: trap09
        case 0x0A: trap0A
        case 0x0B: trap0B
        case 0x0C: trap0C
        case 0x0D: trap0D
        case 0x0E: trap0E
        case 0x10: trap10
        case 0x11: trap11
        case 0x29: trap29
        case 0x2A: getTickCount
        case 0x2B: callbackReturn
        case 0x2C: trap2C
        case 0x2D: trap2D
        case 0x2E: systemService
        case 0x30...: unexpectedInterrupt(vector)
        default: trap0F
        }
    }

    /// One stub per vector from 0x30, so that an unexpected interrupt tells its number.
    private static func unexpectedInterrupt(_ vector: Int) -> Routine {
        .naked("KiUnexpectedInterrupt" + String(vector, radix: 16, uppercase: true)) { f in
            f.asm { a in
                a.push(UInt32(vector))
                a.jmp(f.symbol(unexpectedInterruptTail))
            }
        }
    }

    /// The vector stands where a trap has its error code.
    static let unexpectedInterruptTail: Routine = .naked("KiUnexpectedInterruptTail") { f in
        f.asm { a in
            pushTrapFrame(&a)
            a.push(.esp)
            a.call(f.symbol(unexpectedInterruptHandler))
            a.jmp(f.symbol(exceptionExit))
        }
    }

    /// `KiUnexpectedInterruptHandler(TrapFrame)`: counts it and, when it came through the PICs, has the HAL dismiss it; other vectors want nothing.
    static let unexpectedInterruptHandler: Routine = .init("KiUnexpectedInterruptHandler", ["TrapFrame"]) { f in
        f.add(prcb.InterruptCount, 1)
        let vector = f.local(f.argument(0, KTRAP_FRAME.self).ErrCode)
        f.if(vector >= 0x30 && vector < 0x40) {
            let old = f.local(0)
            f.if(f.call(Hal.beginSystemInterrupt, Irql.high, vector, f.address(of: old)) != 0) {
                f.call(Hal.endSystemInterrupt, old, f.argument(0))
            }
        }
        f.return()
    }
}
