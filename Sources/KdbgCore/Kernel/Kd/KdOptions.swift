// SPDX-License-Identifier: GPL-3.0-or-later

/// What the boot options say about KD as a whole (spec/boot.md section 1.3, action 5; spec/kdbg.md section 7.2).
extension Kd {
    /// `KdpReadOptions(LoaderBlock, DisableAfterInit*, BlockAfterInit*) -> BOOLEAN: enable KD`.
    static let readOptions: Routine = .init(
        "KdpReadOptions", ["LoaderBlock", "DisableAfterInit", "BlockAfterInit"],
        step: .init(
            "1.3 #5", "Boot options",
            """
            The command line is turned to upper case in place and searched by substring: CRASHDEBUG leaves KD off until a crash, NODEBUG for ever, \
            DEBUG turns it on. DEBUGPORT=... contains DEBUG and so turns it on too. DEBUG= takes a list of AUTOENABLE, DISABLE and NOUMEX.
            """)
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        let kernel = f.local(loader.LoadOrderListHead.Flink.as(LDR_DATA_TABLE_ENTRY.self))
        f.set(ntosImageBase.dword, kernel.DllBase)
        f.set(versionBlock.KernBase, kernel.DllBase)
        f.set(versionBlock.KernBaseHigh, 0xFFFF_FFFF)

        let options = f.local(loader.LoadOptions)
        f.if(options == 0) {
            f.set(pitchDebugger.byte, 1)
            f.return(0)
        }
        f.call(Rtl.strupr, options)
        f.if(f.call(Rtl.strstr, options, f.text("CRASHDEBUG")) != 0) {
            f.set(pitchDebugger.byte, 0)
            f.return(0)
        }
        f.if(f.call(Rtl.strstr, options, f.text("NODEBUG")) != 0) {
            f.set(pitchDebugger.byte, 1)
            f.return(0)
        }
        let debug = f.call(Rtl.strstr, options, f.text("DEBUG"))
        f.if(debug == 0) { f.return(0) }
        f.if((debug + 5).byte() == 0x3D) {
            f.call(readDebugList, debug + 6, f.argument(1), f.argument(2))
        }
        f.return(1)
    }

    /// `KdpReadDebugList(Text*, DisableAfterInit*, BlockAfterInit*)`: the words behind `DEBUG=`, up to a blank or the end.
    static let readDebugList: Routine = .init("KdpReadDebugList", ["Text", "DisableAfterInit", "BlockAfterInit"]) { f in
        let text = f.local(f.argument(0))
        let disable = f.argument(1)
        let block = f.argument(2)
        f.loop {
            f.if(f.call(startsWithWord, text, f.text("AUTOENABLE")) != 0) {
                f.set(disable.dword(), 1)
                f.set(autoEnableOnEvent.byte, 1)
                f.set(block.dword(), 0)
            }
            f.if(f.call(startsWithWord, text, f.text("DISABLE")) != 0) {
                f.set(disable.dword(), 1)
                f.set(block.dword(), 1)
            }
            f.if(f.call(startsWithWord, text, f.text("NOUMEX")) != 0) { f.set(ignoreUmExceptions.byte, 1) }
            f.while(text.byte() != 0 && text.byte() != 0x20 && text.byte() != 0x2C) { f.add(text, 1) }
            f.if(text.byte() != 0x2C) { f.return() }
            f.add(text, 1)
        }
        f.return()
    }

    /// `KdpStartsWith(Text*, Prefix*) -> BOOLEAN`: both zero-terminated.
    static let startsWith: Routine = .init("KdpStartsWith", ["Text", "Prefix"]) { f in
        let index = f.local(0)
        f.while((f.argument(1) + index).byte() != 0) {
            f.if((f.argument(0) + index).byte() != (f.argument(1) + index).byte()) { f.return(0) }
            f.add(index, 1)
        }
        f.return(1)
    }

    /// `KdpStartsWithWord(Text*, Word*) -> BOOLEAN`: the word, and then a comma, a blank or the end.
    static let startsWithWord: Routine = .init("KdpStartsWithWord", ["Text", "Word"]) { f in
        f.if(f.call(startsWith, f.argument(0), f.argument(1)) == 0) { f.return(0) }
        let end = f.local((f.argument(0) + f.call(Rtl.strlen, f.argument(1))).byte())
        f.return(end == 0 || end == 0x20 || end == 0x2C)
    }

    /// `KdpParseNumber(Text*) -> number`: C style, `0X` hexadecimal, `0` octal, else decimal; stops at the first other character.
    static let parseNumber: Routine = .init("KdpParseNumber", ["Text"]) { f in
        let text = f.local(f.argument(0))
        let base = f.local(10)
        f.if(text.byte() == 0x30) {
            f.set(base, 8)
            f.add(text, 1)
            f.if((text.byte() | 0x20) == 0x78) {
                f.set(base, 16)
                f.add(text, 1)
            }
        }
        let number = f.local(0)
        f.loop {
            let digit = f.local(text.byte() - 0x30)
            f.if(digit > 9) {
                f.set(digit, (text.byte() | 0x20) - 0x61)
                f.if(digit > 5) { f.return(number) }
                f.add(digit, 10)
            }
            f.if(digit >= base) { f.return(number) }
            f.set(number, number * base + digit)
            f.add(text, 1)
        }
        f.return(number)
    }
}
