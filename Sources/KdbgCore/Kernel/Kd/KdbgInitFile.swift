// SPDX-License-Identifier: GPL-3.0-or-later

/// KDBinit: loading and executing it (spec/kdbg.md section 6, era C).
extension Kd {
    /// `KdbpCliInterpretLine(Text*, Position*, OutputBuffer*, OutputSize, OutputLength*, Context*) -> 0 end of the text, 1 executed, 2 a break line, 3 a line for the drivers' callbacks`: the
    /// debugger executes the next line. The position is an offset in the text; what the line printed is in the buffer.
    package static let interpretLine: Routine = .host(
        "KdbpCliInterpretLine", ["Text", "Position", "OutputBuffer", "OutputSize", "OutputLength", "Context"])

    /// The file's text while it waits to be executed, zero-terminated.
    package static let initFileBuffer: Global = .init("KdbInitFileBuffer")

    /// Room for what a line prints.
    private static let outputSize: UInt32 = 0x1_0000
    /// Used when there is no pool left.
    private static let smallOutputSize: UInt32 = 1024
    private static let smallOutput: Global = .init("KdbpSmallOutput", size: smallOutputSize)

    /// `KdbpCliInterpretInitFile(ExceptionRecord*, Context*, FirstChance)`: takes the waiting text and executes it line by line. The buffer is taken
    /// first, so that a breakpoint inside is an ordinary one.
    static let interpretInitFile: Routine = .init(
        "KdbpCliInterpretInitFile", ["ExceptionRecord", "Context", "FirstChance"],
        step: .init(
            "2.4 #6", "KDBinit is executed",
            """
            The breakpoint that the loader of KDBinit executed has come through the IDT, KiDispatchException and KdpTrap to KDBG, as any other does. \
            Because a text is waiting, KDBG executes it instead of opening the prompt; a line `break` opens it.
            """)
    ) { f in
        let text = f.exchange(initFileBuffer.dword, with: 0)
        f.if(text == 0) { f.return() }
        let size = f.local(outputSize)
        let pool = f.call(Ex.allocatePoolWithTag, 0, outputSize, Value.tag("KDBG"))
        let output = f.local(pool)
        f.if(pool == 0) {
            f.set(output, smallOutput)
            f.set(size, smallOutputSize)
        }
        printLine(f, "KDB: Executing KDBinit file...\n")
        let position = f.local(0)
        let length = f.local(0)
        f.loop {
            let result = f.call(interpretLine, text, f.address(of: position), output, size, f.address(of: length), f.argument(1))
            f.if(result == 0) { f.break() }
            f.if(result == 2) {
                f.loop {
                    f.if(f.call(cliMainLoop, f.argument(0), f.argument(1), f.argument(2)) != 2) { f.break() }
                    f.call(invokeCliCallbacks)
                }
            } else: {
                f.set(cliHandled.dword, 0)
                f.if(result == 3) { f.call(invokeCliCallbacks) }
                // What no driver knows is unknown.
                f.if(cliHandled.dword == 0) { f.call(kdbpPrint, output, length) }
            }
        }
        printLine(f, "KDB: KDBinit executed\n")
        f.if(pool != 0) { f.call(Ex.freePoolWithTag, pool, Value.tag("KDBG")) }
        f.return()
    }

    private static func printLine(_ f: Function, _ text: String) {
        f.call(kdbpPrint, f.text(text), Value(text.utf8.count))
    }

    /// `KdbpCliInit() -> status`: reads `\SystemRoot\System32\drivers\etc\KDBinit` and has it executed. Only a path that is not found, now, makes
    /// the provider try again; it is no error. Other failures are printed.
    package static let kdbpCliInit: Routine = kdbpCliInit(whileDisabled: false)

    /// - Parameter whileDisabled: also when nobody would take its breakpoint.
    static func kdbpCliInit(whileDisabled: Bool) -> Routine {
        Routine(
            "KdbpCliInit",
            step: .init(
                "2.4 #5", "KDBinit is looked for",
                """
                The file is opened through the name space, \\SystemRoot first. In phases 2 and 3 that leads nowhere yet. Once it opens, all of it is read into \
                paged pool, and a breakpoint takes KDBG to it.
                """)
        ) { f in
            f.if(initFileBuffer.dword != 0) { f.return(Status.success) }
            // With KD disabled nobody would take the breakpoint, and the system would stop with it.
            if !whileDisabled {
                f.if(debuggerEnabled.byte == 0 && autoEnableOnEvent.byte == 0) { f.return(Status.success) }
            }
            let file = f.local(0)
            let result = f.structure(IO_STATUS_BLOCK.self)
            let attributes = f.structure(OBJECT_ATTRIBUTES.self)
            initializeAttributes(f, attributes, f.unicode(#"\SystemRoot\System32\drivers\etc\KDBinit"#))
            // FILE_READ_DATA | SYNCHRONIZE; not shared; FILE_OPEN; NON_DIRECTORY_FILE | SYNCHRONOUS_IO_NONALERT | NO_INTERMEDIATE_BUFFERING.
            let opened = f.call(
                Io.ntCreateFile, f.address(of: file), 0x0010_0001, attributes, result, 0, 0x80, 0, 1, 0x0000_0068, 0, 0)
            f.if(opened.isError) { f.return(opened) }
            let length = f.local(0)
            let status = f.local(0)
            let buffer = f.call(readInitFile, file, f.address(of: length), f.address(of: status))
            f.call(Ob.ntClose, file)
            f.if(buffer == 0) {
                f.print("KDB: KDBinit cannot be read: 0x%08lx\n", status)
                f.return(status)
            }
            f.set((buffer + length).byte(), 0)
            f.set(initFileBuffer.dword, buffer)
            f.call(Rtl.dbgBreakPointWithStatus, 1)
            f.set(initFileBuffer.dword, 0)
            f.call(Ex.freePoolWithTag, buffer, Value.tag("KDBG"))
            f.return(Status.success)
        }
    }

    /// `KdbpReadInitFile(File, Length*, Status*) -> buffer or NULL`: the whole file, with room for a terminating zero. A length of 2 GiB and more
    /// cannot be held.
    static let readInitFile: Routine = .init("KdbpReadInitFile", ["File", "Length", "Status"]) { f in
        let result = f.structure(IO_STATUS_BLOCK.self)
        let status = f.argument(2)
        // FILE_STANDARD_INFORMATION, class 5; EndOfFile is at 8.
        let information = f.buffer(0x18)
        f.set(status.dword(), f.call(Io.ntQueryInformationFile, f.argument(0), result, information, 0x18, 5))
        f.if(status.dword().isError) { f.return(0) }
        let size = f.local(information.dword(8))
        f.set(status.dword(), Status.insufficientResources)
        f.if(information.dword(12) != 0 || size.isError) { f.return(0) }
        let buffer = f.call(Ex.allocatePoolWithTag, 1, size + 1, Value.tag("KDBG"))
        f.if(buffer == 0) { f.return(0) }
        f.set(result.Information, 0)
        f.set(status.dword(), f.call(Io.ntReadFile, f.argument(0), 0, 0, 0, result, buffer, size, 0, 0))
        f.if(status.dword().isError && status.dword() != Status.endOfFile) {
            f.call(Ex.freePoolWithTag, buffer, Value.tag("KDBG"))
            f.return(0)
        }
        f.set(status.dword(), Status.success)
        f.set(f.argument(1).dword(), result.Information)
        f.if(result.Information > size) { f.set(f.argument(1).dword(), size) }
        f.return(buffer)
    }
}
