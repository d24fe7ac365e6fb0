// SPDX-License-Identifier: GPL-3.0-or-later

/// KD step B: `KdDebuggerInitialize0` (spec/boot.md section 1.4).
extension Kd {
    /// `KdDebuggerInitialize0(LoaderBlock or NULL) -> status`: success when one provider at least is there.
    package static let debuggerInitialize0: Routine = .init(
        "KdDebuggerInitialize0", ["LoaderBlock"],
        step: .init(
            "1.3 #8", "KdDebuggerInitialize0",
            """
            The providers' phase 0. The options say which of them are wanted; each of those links itself into KdProviders and leaves a routine to \
            be called in phase 1. KD runs if one of them is there, and KDBG always is.
            """)
    ) { f in
        let loader = f.argument(0, LOADER_PARAMETER_BLOCK.self)
        f.if(loader.isNotNull) {
            f.if(loader.LoadOptions != 0) {
                let options = f.local(loader.LoadOptions)
                f.call(Rtl.strupr, options)
                f.call(readWords, options)
                f.call(readDebugPorts, options)
            }
        }
        f.call(chooseDefaultPort)
        f.call(startProviders)
        f.return(f.call(judgeProviders))
    }

    /// Without any DEBUGPORT it is the serial line.
    static let chooseDefaultPort: Routine = .init(
        "KdpChooseDefaultPort",
        step: .init("1.4 #3", "Default port", "When no option has chosen a provider, the Serial provider is taken, on COM2.")
    ) { f in
        f.if(debugMode.dword == 0) { f.set(debugMode.dword, KdProvider.serial.modeBit) }
        f.return()
    }

    /// `KdpJudgeProviders() -> status`: success when one InitStatus says so.
    static let judgeProviders: Routine = .init(
        "KdpJudgeProviders",
        step: .init(
            "1.4 #5", "Is anybody there?",
            "Each provider's answer stands in its InitStatus. One success is enough for KD to run."
        )
    ) { f in
        let index = f.local(0)
        f.while(index < Value(providers.count)) {
            let table = f.local((dispatchTable.value + index * Value(KD_DISPATCH_TABLE.size)).as(KD_DISPATCH_TABLE.self))
            f.if(table.InitStatus.isSuccess) { f.return(Status.success) }
            f.add(index, 1)
        }
        f.return(Status.unsuccessful)
    }

    /// Words that change how KDBG talks, with their bit in `KdbDebugState`.
    private static let stateWords: [(word: String, bit: UInt32)] = [("KDSERIAL", 1), ("KDNOECHO", 2), ("FIRSTCHANCE", 4)]

    /// `KdpReadWords(Options*)`: the words must have a blank in front of them, so the first option is never one.
    static let readWords: Routine = .init(
        "KdpReadWords", ["Options"],
        step: .init(
            "1.4 #1", "KDSERIAL, KDNOECHO, FIRSTCHANCE",
            "Words that tell KDBG to read from the serial line (which chooses the Serial provider too), not to echo, and to stop at first chances."
        )
    ) { f in
        let text = f.local(f.argument(0))
        f.loop {
            f.while(text.byte() != 0 && text.byte() != 0x20) { f.add(text, 1) }
            f.while(text.byte() == 0x20) { f.add(text, 1) }
            f.if(text.byte() == 0) { f.return() }
            for (word, bit) in stateWords {
                f.if(f.call(startsWith, text, f.text(word)) != 0) { f.set(debugState.dword, debugState.dword | Value(bit)) }
            }
            f.if((debugState.dword & 1) != 0) { f.set(debugMode.dword, debugMode.dword | Value(KdProvider.serial.modeBit)) }
        }
        f.return()
    }

    /// `KdpReadDebugPorts(Options*)`: every `DEBUGPORT=word` chooses a provider; a list behind one of them is not one.
    static let readDebugPorts: Routine = .init(
        "KdpReadDebugPorts", ["Options"],
        step: .init(
            "1.4 #2", "DEBUGPORT",
            """
            Each DEBUGPORT option names one provider: SCREEN, COM1 to COM4 or COM:address, FILE or FILE:path. Several providers need several \
            options. Without any, the Serial provider on COM2 is taken.
            """)
    ) { f in
        let text = f.local(f.argument(0))
        f.loop {
            f.set(text, f.call(Rtl.strstr, text, f.text("DEBUGPORT")))
            f.if(text == 0) { f.return() }
            f.add(text, 9)
            f.while(text.byte() == 0x20) { f.add(text, 1) }
            f.if(text.byte() == 0) { f.return() }
            f.add(text, 1)
            for provider in providers {
                guard let word = provider.portWord else { continue }
                f.if(f.call(startsWith, text, f.text(word)) != 0) {
                    let chosen = f.local(1)
                    if let readPort = provider.readPort { f.set(chosen, f.call(readPort, text + Value(word.utf8.count))) }
                    f.if(chosen != 0) { f.set(debugMode.dword, debugMode.dword | Value(provider.modeBit)) }
                }
            }
        }
        f.return()
    }

    /// `KdpStartProviders()`: all of them, wanted or not, in table order.
    static let startProviders: Routine = .init(
        "KdpStartProviders",
        step: .init(
            "1.4 #4", "Providers, phase 0",
            """
            The init routine of each provider is called with phase 0. One that was not chosen answers STATUS_PORT_DISCONNECTED; the others set their \
            print routine, link themselves at the end of KdProviders and leave their init routine for phase 1.
            """)
    ) { f in
        let index = f.local(0)
        f.while(index < Value(providers.count)) {
            let table = f.local((dispatchTable.value + index * Value(KD_DISPATCH_TABLE.size)).as(KD_DISPATCH_TABLE.self))
            f.set(table.InitStatus, f.callIndirect((initRoutines.value + (index << 2)).dword(), table, 0))
            f.add(index, 1)
        }
        f.return()
    }
}
