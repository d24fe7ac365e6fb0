// SPDX-License-Identifier: GPL-3.0-or-later

/// Names: 8.3 as eleven upper-case characters padded with blanks, and long ones in entries of their own (FAT specification, sections 6 and 7).
enum FATNames {
    private static let module = FATDriver.module
    private typealias FAT_VCB = FATDriver.FAT_VCB
    private typealias FAT_SLOT = FATDriver.FAT_SLOT
    /// A checksum that no name has: there is no long name.
    static let noChecksum: Value = 0x100
    /// What `FatCaseBits` says of a name that needs a long entry for its case.
    static let mixed: Value = 0xFF

    /// `FatIsShortCharacter(Character) -> BOOLEAN`: whether an upper-case character may stand in an 8.3 name.
    private static let isShortCharacter: Routine = .init("FatIsShortCharacter", ["Character"], module: module, section: .page) { f in
        let character = f.argument(0)
        f.if(character <= 0x20 || character >= 0x7F) { f.return(0) }
        let forbidden = f.local(f.text("\"*+,./:;<=>?[\\]|"))
        f.while(forbidden.byte() != 0) {
            f.if(forbidden.byte() == character) { f.return(0) }
            f.add(forbidden, 1)
        }
        f.return(1)
    }

    /// `FatShortName(Component*, Name) -> BOOLEAN`: FALSE when the component is not of the form 8.3.
    static let shortName: Routine = .init("FatShortName", ["Component", "Name"], module: module, section: .page) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        let name = f.argument(1)
        f.call(blank, name)
        let index = f.local(0)
        let position = f.local(0)
        let end = f.local(8)
        f.while(index < component.Length) {
            let character = f.call(Rtl.upcaseUnicodeChar, (component.Buffer + index).word())
            f.if(character == 0x2E) {
                f.if(end == 11 || position == 0) { f.return(0) }
                f.set(position, 8)
                f.set(end, 11)
            } else: {
                f.if(position >= end) { f.return(0) }
                f.if(f.call(isShortCharacter, character) == 0) { f.return(0) }
                f.set((name + position).byte(), character)
                f.add(position, 1)
            }
            f.add(index, 2)
        }
        // A name does not end in a dot.
        f.return(position != 0 && !(end == 11 && position == 8))
    }

    /// `FatBlankName(Name)`: eleven blanks.
    private static let blank: Routine = .init("FatBlankName", ["Name"], module: module, section: .page) { f in
        f.set(f.argument(0).dword(), 0x2020_2020)
        f.set(f.argument(0).dword(4), 0x2020_2020)
        f.set(f.argument(0).dword(7), 0x2020_2020)
        f.return()
    }

    /// `FatCaseBits(Component*) -> bits or 0xFF`: 8 when the part before the dot is in lower case, 10h for the one behind it; 0xFF when one is in both.
    static let caseBits: Routine = .init("FatCaseBits", ["Component"], module: module, section: .page) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        let index = f.local(0)
        let bit = f.local(8)
        let bits = f.local(0)
        let upper = f.local(0)
        f.while(index < component.Length) {
            let character = f.local((component.Buffer + index).word())
            f.if(character == 0x2E) { f.set(bit, 0x10) }
            f.if(character >= 0x61 && character <= 0x7A) { f.set(bits, bits | bit) }
            f.if(character >= 0x41 && character <= 0x5A) { f.set(upper, upper | bit) }
            f.add(index, 2)
        }
        f.if((bits & upper) != 0) { f.return(mixed) }
        f.return(bits)
    }

    /// `FatChecksum(Name) -> byte`: what ties long entries to the short one behind them.
    static let checksum: Routine = .init("FatChecksum", ["Name"], module: module, section: .page) { f in
        let sum = f.local(0)
        let index = f.local(0)
        f.while(index < 11) {
            f.set(sum, (((sum & 1) << 7) + (sum >> 1) + (f.argument(0) + index).byte()) & 0xFF)
            f.add(index, 1)
        }
        f.return(sum)
    }

    /// `FatGenerateName(Component*, Name, Number)`: the short name number n of a long one: what is left of it without forbidden characters, `~`, n.
    static let generate: Routine = .init("FatGenerateName", ["Component", "Name", "Number"], module: module, section: .page) { f in
        let component = f.argument(0, UNICODE_STRING.self)
        let name = f.argument(1)
        f.call(blank, name)
        let tail = f.local(2)
        f.if(f.argument(2) >= 10) { f.set(tail, 3) }
        f.if(f.argument(2) >= 100) { f.set(tail, 4) }
        f.if(f.argument(2) >= 1000) { f.set(tail, 5) }
        // The last dot that is not at the start divides it.
        let dot = f.local(0xFFFF_FFFF as Value)
        let index = f.local(0)
        let begun = f.local(0)
        f.while(index < component.Length) {
            f.if((component.Buffer + index).word() != 0x2E) {
                f.set(begun, 1)
            } else: {
                f.if(begun != 0) { f.set(dot, index) }
            }
            f.add(index, 2)
        }
        let position = f.local(0)
        let end = f.local(Value(8) - tail)
        f.set(index, 0)
        f.while(index < component.Length) {
            f.if(index == dot) {
                f.set(position, 8)
                f.set(end, 11)
            } else: {
                let character = f.local(f.call(Rtl.upcaseUnicodeChar, (component.Buffer + index).word()))
                f.if(character != 0x20 && character != 0x2E && position < end) {
                    f.if(f.call(isShortCharacter, character) == 0) { f.set(character, 0x5F) }
                    f.set((name + position).byte(), character)
                    f.add(position, 1)
                }
            }
            f.add(index, 2)
        }
        // Behind what there is of the part before the dot.
        f.set(position, 0)
        f.while(position < Value(8) - tail && (name + position).byte() != 0x20) { f.add(position, 1) }
        f.set((name + position).byte(), 0x7E)
        f.add(position, tail - 1)
        let number = f.local(f.argument(2))
        f.while(number != 0) {
            f.set((name + position).byte(), number % 10 + 0x30)
            f.set(number, number / 10)
            f.set(position, position - 1)
        }
        f.return()
    }

    /// `FatTail(Name) -> number`: what stands behind the tilde of a short name, 1 to 9999; 0: there is no such number, or not at the end.
    static let tail: Routine = .init("FatTail", ["Name"], module: module, section: .page) { f in
        let position = f.local(0)
        let number = f.local(0)
        let isTail = f.local(0)
        f.while(position < 8 && (f.argument(0) + position).byte() != 0x20) {
            let character = f.local((f.argument(0) + position).byte())
            f.if(character == 0x7E) {
                f.set(isTail, 1)
                f.set(number, 0)
            } else: {
                f.if(character < 0x30 || character > 0x39) { f.set(isTail, 0) }
                // A number does not begin with a zero.
                f.if(character == 0x30 && number == 0) { f.set(isTail, 0) }
                f.set(number, number * 10 + character - 0x30)
            }
            f.add(position, 1)
        }
        f.if(isTail == 0 || number > 9999) { f.return(0) }
        f.return(number)
    }

    // MARK: Reading

    /// `FatTakePart(Slot*, Entry, Index)`: a part of a long name; the last comes first. One that does not fit drops the name.
    static let takePart: Routine = .init("FatTakePart", ["Slot", "Entry", "Index"], module: module, section: .page) { f in
        let slot = f.argument(0, FAT_SLOT.self)
        let entry = f.argument(1)
        let number = f.local(entry.byte() & 0x1F)
        let isLast = f.local(entry.byte() & 0x40)
        f.if(isLast != 0) {
            f.set(slot.Checksum, entry.byte(13))
            f.set(slot.FirstEntry, f.argument(2))
            f.set(slot.Expected, number)
        }
        f.if(number == 0 || number > 20 || number != slot.Expected || slot.Checksum != entry.byte(13)) {
            f.set(slot.Checksum, noChecksum)
            f.return()
        }
        let place = f.local(slot.Characters + (number - 1) * 26)
        f.copy(to: place, from: entry + 1, 10)
        f.copy(to: place + 10, from: entry + 14, 12)
        f.copy(to: place + 22, from: entry + 28, 4)
        f.set(slot.Expected, number - 1)
        f.if(isLast != 0) {
            let count = f.local(0)
            f.while(count < 26 && (place + count).word() != 0 && (place + count).word() != 0xFFFF) { f.add(count, 2) }
            f.set(slot.Name.Length, (number - 1) * 26 + count)
            f.set(slot.Name.MaximumLength, slot.Name.Length)
        }
        f.return()
    }

    /// `FatShortText(Entry, Text) -> bytes`: an entry's short name as text of at most 12 characters, in the case that its bits say.
    static let shortText: Routine = .init("FatShortText", ["Entry", "Text"], module: module, section: .page) { f in
        let entry = f.argument(0)
        let out = f.local(f.argument(1))
        let index = f.local(0)
        f.while(index < 11) {
            let character = f.local((entry + index).byte())
            f.if(index == 0 && character == 5) { f.set(character, 0xE5) }
            f.if(index == 8 && character != 0x20) {
                f.set(out.word(), 0x2E)
                f.add(out, 2)
            }
            let bit = f.local(8)
            f.if(index >= 8) { f.set(bit, 0x10) }
            f.if((entry.byte(12) & bit) != 0 && character >= 0x41 && character <= 0x5A) { f.add(character, 0x20) }
            f.if(character != 0x20) {
                f.set(out.word(), character)
                f.add(out, 2)
            }
            f.add(index, 1)
        }
        f.return(out - f.argument(1))
    }

    // MARK: Writing

    /// `FatMakePart(Entry, Component*, Number, IsLast, Checksum)`: an entry with the characters 13·(n-1) and following of a name; a zero and ones fill the last.
    static let makePart: Routine = .init(
        "FatMakePart", ["Entry", "Component", "Number", "IsLast", "Checksum"], module: module, section: .page
    ) { f in
        let entry = f.argument(0)
        let component = f.argument(1, UNICODE_STRING.self)
        f.zero(entry, 32)
        f.set(entry.byte(), f.argument(2))
        f.if(f.argument(3) != 0) { f.set(entry.byte(), f.argument(2) | 0x40) }
        f.set(entry.byte(11), 0x0F)
        f.set(entry.byte(13), f.argument(4))
        let offset = f.local((f.argument(2) - 1) * 26)
        let place = f.local(entry + 1)
        let left = f.local(13)
        f.while(left != 0) {
            f.if(left == 8) { f.set(place, entry + 14) }
            f.if(left == 2) { f.set(place, entry + 28) }
            f.if(offset < component.Length) {
                f.set(place.word(), (component.Buffer + offset).word())
            } else: {
                f.if(offset != component.Length) { f.set(place.word(), 0xFFFF) }
            }
            f.add(place, 2)
            f.add(offset, 2)
            f.set(left, left - 1)
        }
        f.return()
    }
}
