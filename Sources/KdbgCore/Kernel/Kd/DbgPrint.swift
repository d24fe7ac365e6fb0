// SPDX-License-Identifier: GPL-3.0-or-later

/// Debug prints: format, filter, and hand over to the debugger.
extension Kd {
    /// The component of prints that name none; its mask is `Kd_WIN2000_Mask`.
    static let noComponent: Value = 0xFFFF_FFFF

    /// `DbgPrint(Format, ...)`: component 0xFFFFFFFF, level 0; at most 512 bytes (spec/boot.md section 4.10).
    package static let dbgPrint: Routine = .init("DbgPrint", ["Format"], convention: .cdecl) { f in
        f.return(f.call(printInternal, 0, noComponent, 0, f.argument(0), f.addressOfArgument(1)))
    }

    /// `DbgPrintEx(ComponentId, Level, Format, ...)`: dropped when the component's mask does not have the level.
    package static let dbgPrintEx: Routine = .init("DbgPrintEx", ["ComponentId", "Level", "Format"], convention: .cdecl) { f in
        f.return(f.call(printInternal, 0, f.argument(0), f.argument(1), f.argument(2), f.addressOfArgument(3)))
    }

    /// `vDbgPrintEx(ComponentId, Level, Format, ArgList)`.
    package static let vDbgPrintEx: Routine = .init("vDbgPrintEx", ["ComponentId", "Level", "Format", "ArgList"]) { f in
        f.return(f.call(printInternal, 0, f.argument(0), f.argument(1), f.argument(2), f.argument(3)))
    }

    /// `vDbgPrintExWithPrefix(Prefix, ComponentId, Level, Format, ArgList)`.
    package static let vDbgPrintExWithPrefix: Routine = .init(
        "vDbgPrintExWithPrefix", ["Prefix", "ComponentId", "Level", "Format", "ArgList"]
    ) { f in
        f.return(f.call(printInternal, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4)))
    }

    /// What all of them come to. Text that does not fit into 512 bytes is cut and ends in a line feed.
    static let printInternal: Routine = .init(
        "vDbgPrintExWithPrefixInternal", ["Prefix", "ComponentId", "Level", "Format", "ArgList"]
    ) { f in
        let prefix = f.argument(0)
        let component = f.argument(1)
        let level = f.argument(2)
        f.if(component != noComponent) {
            f.if(f.call(queryDebugFilterState, component, level) == 0) { f.return(Status.success) }
        }
        let buffer = f.buffer(Rtl.longestDebugText)
        let length = f.local(0)
        f.if(prefix != 0) {
            f.while((prefix + length).byte() != 0 && length < Value(Rtl.longestDebugText - 1)) {
                f.set((buffer + length).byte(), (prefix + length).byte())
                f.add(length, 1)
            }
        }
        let added = f.call(
            Rtl.format, buffer + length, Value(Rtl.longestDebugText) - length, f.argument(3), f.argument(4))
        f.if(added == 0xFFFF_FFFF) {
            f.set((buffer + Value(Rtl.longestDebugText - 1)).byte(), 0x0A)
            f.set(length, Rtl.longestDebugText)
        } else: {
            f.add(length, added)
        }
        let string = f.structure(STRING.self)
        f.set(string.Length, length)
        f.set(string.MaximumLength, Rtl.longestDebugText)
        f.set(string.Buffer, buffer)
        let status = f.call(Rtl.debugPrint, string, component, level)
        f.if(status == Status.breakpoint) {
            f.call(Rtl.dbgBreakPointWithStatus, 1)
            f.set(status, Status.success)
        }
        f.return(status)
    }
}

extension Function {
    /// Prints with `DbgPrint`. Formats as in C; `%wZ` takes a UNICODE_STRING*, `%Z` a STRING*, `%p` is eight upper-case digits.
    package func print(_ format: String, _ arguments: any Operand..., file: StaticString = #fileID, line: UInt = #line) {
        call(cdecl: Kd.dbgPrint, [text(format)] + arguments, file, line)
    }
}
