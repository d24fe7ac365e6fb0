// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Counted strings.
extension Rtl {
    /// `RtlInitUnicodeString(Destination*, Source*)`: Source is zero-terminated or NULL.
    package static let initUnicodeString: Routine = initString("RtlInitUnicodeString", bytesPerCharacter: 2)
    /// `RtlInitAnsiString(Destination*, Source*)`.
    package static let initAnsiString: Routine = initString("RtlInitAnsiString", bytesPerCharacter: 1)

    /// UNICODE_STRING and STRING have the same layout; only the width of the characters differs.
    private static func initString(_ name: String, bytesPerCharacter: UInt32) -> Routine {
        Routine(name, ["DestinationString", "SourceString"]) { f in
            let string = f.argument(0, UNICODE_STRING.self)
            let source = f.argument(1)
            f.set(string.Length, 0)
            f.set(string.MaximumLength, 0)
            f.set(string.Buffer, source)
            f.if(source == 0) { f.return() }
            let end = f.local(source)
            f.while((bytesPerCharacter == 2 ? end.word() : end.byte()) != 0) { f.add(end, bytesPerCharacter) }
            f.set(string.Length, end - source)
            f.set(string.MaximumLength, end - source + Value(bytesPerCharacter))
            f.return()
        }
    }

    /// `RtlpDuplicateUnicodeString(Destination*, Source*, Tag) -> status`: a zero-terminated copy in paged pool.
    package static let duplicateUnicodeString: Routine = .init(
        "RtlpDuplicateUnicodeString", ["DestinationString", "SourceString", "Tag"]
    ) { f in
        let to = f.argument(0, UNICODE_STRING.self)
        let from = f.argument(1, UNICODE_STRING.self)
        let length = f.local(from.Length)
        let buffer = f.call(Ex.allocatePoolWithTag, 1, length + 2, f.argument(2))
        f.if(buffer == 0) { f.return(Status.insufficientResources) }
        f.copy(to: buffer, from: from.Buffer, length)
        f.set((buffer + length).word(), 0)
        f.set(to.Length, length)
        f.set(to.MaximumLength, length + 2)
        f.set(to.Buffer, buffer)
        f.return(Status.success)
    }.copied(as: "WdmDuplicateString")

    /// `RtlUpcaseUnicodeChar(Char)`: ASCII only.
    package static let upcaseUnicodeChar: Routine = .init("RtlUpcaseUnicodeChar", ["SourceCharacter"]) { f in
        f.if(f.argument(0) >= 0x61 && f.argument(0) <= 0x7A) { f.return(f.argument(0) - 0x20) }
        f.return(f.argument(0))
    }

    /// `RtlEqualUnicodeString(A*, B*, CaseInSensitive) -> BOOLEAN`.
    package static let equalUnicodeString: Routine = .init("RtlEqualUnicodeString", ["String1", "String2", "CaseInSensitive"]) { f in
        let a = f.argument(0, UNICODE_STRING.self)
        let b = f.argument(1, UNICODE_STRING.self)
        f.if(a.Length != b.Length) { f.return(0) }
        let index = f.local(0)
        f.while(index < a.Length) {
            let x = f.local((a.Buffer + index).word())
            let y = f.local((b.Buffer + index).word())
            f.if(x != y) {
                f.if(f.argument(2) == 0) { f.return(0) }
                f.if(f.call(upcaseUnicodeChar, x) != f.call(upcaseUnicodeChar, y)) { f.return(0) }
            }
            f.add(index, 2)
        }
        f.return(1)
    }

    /// `RtlAnsiStringToUnicodeString(Destination*, Source*, Allocate)`: one character per byte; paged pool, tag 'USTR'.
    package static let ansiStringToUnicodeString: Routine = .init(
        "RtlAnsiStringToUnicodeString", ["DestinationString", "SourceString", "AllocateDestinationString"]
    ) { f in
        let to = f.argument(0, UNICODE_STRING.self)
        let from = f.argument(1, STRING.self)
        let length = f.local((from.Length << 1) + 2)
        f.if(f.argument(2) != 0) {
            f.set(to.Buffer, f.call(Ex.allocatePoolWithTag, 1, length, Value.tag("USTR")))
            f.if(to.Buffer == 0) { f.return(Status.noMemory) }
            f.set(to.MaximumLength, length)
        } else: {
            f.if(to.MaximumLength < length) { f.return(0x8000_0005 as Value) }
        }
        f.set(to.Length, length - 2)
        let index = f.local(0)
        f.while(index < from.Length) {
            f.set((to.Buffer + (index << 1)).word(), (from.Buffer + index).byte())
            f.add(index, 1)
        }
        f.set((to.Buffer + (index << 1)).word(), 0)
        f.return(Status.success)
    }

    /// `RtlFreeUnicodeString(String*)`: gives back what `RtlAnsiStringToUnicodeString` allocated.
    package static let freeUnicodeString: Routine = .init("RtlFreeUnicodeString", ["UnicodeString"]) { f in
        let string = f.argument(0, UNICODE_STRING.self)
        f.if(string.Buffer != 0) {
            f.call(Ex.freePoolWithTag, string.Buffer, Value.tag("USTR"))
            f.zero(string, UNICODE_STRING.size)
        }
        f.return()
    }

    /// `strstr(Text*, Word*)`: where a zero-terminated string of bytes holds another, or NULL.
    package static let strstr: Routine = .init("strstr", ["Text", "Word"]) { f in
        let text = f.local(f.argument(0))
        f.while(text.byte() != 0) {
            let index = f.local(0)
            f.while((f.argument(1) + index).byte() != 0 && (f.argument(1) + index).byte() == (text + index).byte()) { f.add(index, 1) }
            f.if((f.argument(1) + index).byte() == 0) { f.return(text) }
            f.add(text, 1)
        }
        f.return(0)
    }

    /// `_strupr(Text*)`: upper-cases a zero-terminated string in place.
    package static let strupr: Routine = .init("_strupr", ["Text"]) { f in
        let text = f.local(f.argument(0))
        f.while(text.byte() != 0) {
            f.if(text.byte() >= 0x61 && text.byte() <= 0x7A) { f.set(text.byte(), text.byte() - 0x20) }
            f.add(text, 1)
        }
        f.return(f.argument(0))
    }

    /// `strlen(Text*)`.
    package static let strlen: Routine = .init("strlen", ["Text"]) { f in
        let end = f.local(f.argument(0))
        f.while(end.byte() != 0) { f.add(end, 1) }
        f.return(end - f.argument(0))
    }
}
