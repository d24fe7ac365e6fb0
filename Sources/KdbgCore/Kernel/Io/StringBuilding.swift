// SPDX-License-Identifier: GPL-3.0-or-later

/// Putting names together.
extension Rtl {
    /// `RtlAppendUnicodeStringToString(Destination*, Source*) -> status`: 0xC0000023 when it does not fit.
    package static let appendUnicodeStringToString: Routine = .init("RtlAppendUnicodeStringToString", ["Destination", "Source"]) { f in
        let to = f.argument(0, UNICODE_STRING.self)
        let from = f.argument(1, UNICODE_STRING.self)
        let length = f.local(to.Length + from.Length)
        f.if(length > to.MaximumLength) { f.return(Status.bufferTooSmall) }
        f.copy(to: to.Buffer + to.Length, from: from.Buffer, from.Length)
        f.set(to.Length, length)
        f.if(length + 2 <= to.MaximumLength) { f.set((to.Buffer + length).word(), 0) }
        f.return(Status.success)
    }

    /// `RtlAppendUnicodeToString(Destination*, Source) -> status`: the source is zero-terminated.
    package static let appendUnicodeToString: Routine = .init("RtlAppendUnicodeToString", ["Destination", "Source"]) { f in
        let source = f.structure(UNICODE_STRING.self)
        f.call(initUnicodeString, source, f.argument(1))
        f.return(f.call(appendUnicodeStringToString, f.argument(0), source))
    }

    /// `RtlpAppendAnsiToString(Destination*, Source) -> status`: zero-terminated bytes, one character each.
    package static let appendAnsiToString: Routine = .init("RtlpAppendAnsiToString", ["Destination", "Source"]) { f in
        let to = f.argument(0, UNICODE_STRING.self)
        let from = f.local(f.argument(1))
        f.while(from.byte() != 0) {
            f.if(to.Length + 2 > to.MaximumLength) { f.return(Status.bufferTooSmall) }
            f.set((to.Buffer + to.Length).word(), from.byte())
            f.set(to.Length, to.Length + 2)
            f.add(from, 1)
        }
        f.return(Status.success)
    }.copied(as: "WdmAppendAnsi")

    /// `RtlpAppendNumberToString(Destination*, Value, Base, Digits) -> status`: at least that many digits, lower case.
    package static let appendNumberToString: Routine = .init("RtlpAppendNumberToString", ["Destination", "Value", "Base", "Digits"]) { f in
        let to = f.argument(0, UNICODE_STRING.self)
        let buffer = f.buffer(36)
        let position = f.local(34)
        let value = f.local(f.argument(1))
        let digits = f.local(0)
        f.set((buffer + position).word(), 0)
        f.while(value != 0 || digits < f.argument(3) || digits == 0) {
            let digit = f.local(value % f.argument(2))
            f.set(value, value / f.argument(2))
            f.if(digit > 9) { f.add(digit, 0x27) }
            f.add(position, 0xFFFF_FFFF as UInt32)
            f.set((buffer + position).byte(), digit + 0x30)
            f.add(digits, 1)
        }
        f.return(f.call(appendAnsiToString, to, buffer + position))
    }.copied(as: "WdmAppendNumber")

    /// `RtlpAppendGuid(String*, Guid*) -> status`: `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}`; 0xC0000023: there is no room for it.
    package static let appendGuid: Routine = .init("RtlpAppendGuid", ["String", "Guid"]) { f in
        let string = f.argument(0, UNICODE_STRING.self)
        let guid = f.argument(1)
        f.if(string.MaximumLength - string.Length < 78) { f.return(Status.bufferTooSmall) }
        func text(_ text: String) { f.call(appendUnicodeToString, string, f.wide(text)) }
        text("{")
        f.call(appendNumberToString, string, guid.dword(), 16, 8)
        text("-")
        f.call(appendNumberToString, string, guid.word(4), 16, 4)
        text("-")
        f.call(appendNumberToString, string, guid.word(6), 16, 4)
        text("-")
        let index = f.local(8)
        f.while(index < 16) {
            f.if(index == 10) { f.call(appendUnicodeToString, string, f.wide("-")) }
            f.call(appendNumberToString, string, (guid + index).byte(), 16, 2)
            f.add(index, 1)
        }
        f.return(f.call(appendUnicodeToString, string, f.wide("}")))
    }.copied(as: "WdmAppendGuid")
}

extension Function {
    /// An empty UNICODE_STRING in the frame with room for a number of characters.
    func stringBuffer(_ characters: UInt32, file: StaticString = #fileID, line: UInt = #line) -> Pointer<UNICODE_STRING> {
        let string = structure(UNICODE_STRING.self)
        set(string.Length, 0, file: file, line: line)
        set(string.MaximumLength, characters * 2, file: file, line: line)
        set(string.Buffer, buffer(characters * 2), file: file, line: line)
        return string
    }
}
