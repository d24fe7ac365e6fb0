// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Boot video, in bootvid.dll: text on the VGA screen, through its memory and its CRT controller. It works from the first instruction on, because
/// the loader's mapping (VA = physical | 0x80000000) includes the screen's memory at 0xB8000.
package enum Vid {
    /// The VGA text screen.
    package enum TextScreen {
        /// Virtual address of the upper left character; a word each, character and attribute.
        package static let memory: UInt32 = 0x800B_8000
        package static let columns: UInt32 = 80
        package static let rows: UInt32 = 25
        static let bytesPerRow = columns * 2
        /// Port of the CRT controller's index register; its data register is the next.
        static let crtc: UInt32 = 0x3D4
    }

    /// Column of the next character; 80 when a row is full and the next character opens a new one.
    static let cursorColumn: Global = .init("VidpCursorColumn", module: .bootvid)
    /// Row of the next character.
    static let cursorRow: Global = .init("VidpCursorRow", module: .bootvid)
    /// Background and foreground colour of what is written, light grey on black at first.
    static let textAttribute: Global = .init("VidpTextAttribute", module: .bootvid) { [.dword(0x07)] }

    /// `VidDisplayString(String*) -> TRUE`: writes a zero-terminated string where the cursor is. CR, LF and BS move; LF opens a new line from its start.
    package static let displayString: Routine = .init("VidDisplayString", ["String"], module: .bootvid) { f in
        let text = f.local(f.argument(0))
        f.while(text.byte() != 0) {
            f.call(displayCharacter, text.byte())
            f.add(text, 1)
        }
        f.call(moveCursor)
        f.return(1)
    }

    /// `VidpDisplayCharacter(Character)`.
    static let displayCharacter: Routine = .init("VidpDisplayCharacter", ["Character"], module: .bootvid) { f in
        let character = f.argument(0)
        f.if(character == 0x0D) {
            f.set(cursorColumn.dword, 0)
            f.return()
        }
        f.if(character == 0x0A) {
            f.call(newLine)
            f.return()
        }
        f.if(character == 0x08) {
            f.if(cursorColumn.dword != 0) { f.add(cursorColumn.dword, 0xFFFF_FFFF) }
            f.return()
        }
        // Tabs go to the next multiple of eight; other control characters show as nothing.
        f.if(character == 0x09) {
            f.set(cursorColumn.dword, (cursorColumn.dword + 8) & ~Value(7))
            f.return()
        }
        f.if(character < 0x20) { f.return() }
        f.if(cursorColumn.dword >= Value(TextScreen.columns)) { f.call(newLine) }
        let cell = f.local(
            Value(TextScreen.memory) + cursorRow.dword * Value(TextScreen.bytesPerRow) + (cursorColumn.dword << 1))
        f.set(cell.word(), character | (textAttribute.dword << 8))
        f.add(cursorColumn.dword, 1)
        f.return()
    }

    /// `VidpNewLine()`: to the start of the next row; the text moves up when there is none.
    static let newLine: Routine = .init("VidpNewLine", module: .bootvid) { f in
        f.set(cursorColumn.dword, 0)
        f.if(cursorRow.dword + 1 < Value(TextScreen.rows)) {
            f.add(cursorRow.dword, 1)
            f.return()
        }
        let last = (TextScreen.rows - 1) * TextScreen.bytesPerRow
        f.copy(to: Value(TextScreen.memory), from: Value(TextScreen.memory + TextScreen.bytesPerRow), last)
        f.call(clearRows, Value(TextScreen.rows - 1), 1)
        f.return()
    }

    /// `VidpClearRows(First, Count)`: blanks in the current colours.
    static let clearRows: Routine = .init("VidpClearRows", ["First", "Count"], module: .bootvid) { f in
        let cell = f.local(Value(TextScreen.memory) + f.argument(0) * Value(TextScreen.bytesPerRow))
        let end = f.local(cell + f.argument(1) * Value(TextScreen.bytesPerRow))
        f.while(cell < end) {
            f.set(cell.word(), (textAttribute.dword << 8) | 0x20)
            f.add(cell, 2)
        }
        f.return()
    }

    /// `VidpMoveCursor()`: tells the CRT controller where the cursor is, registers 0x0E (high byte) and 0x0F (low byte).
    static let moveCursor: Routine = .init("VidpMoveCursor", module: .bootvid) { f in
        let column = f.local(cursorColumn.dword)
        f.if(column >= Value(TextScreen.columns)) { f.set(column, TextScreen.columns - 1) }
        let position = f.local(cursorRow.dword * Value(TextScreen.columns) + column)
        f.output(Value(TextScreen.crtc), 0x0E)
        f.output(Value(TextScreen.crtc + 1), position >> 8)
        f.output(Value(TextScreen.crtc), 0x0F)
        f.output(Value(TextScreen.crtc + 1), position & 0xFF)
        f.return()
    }

    /// `VidResetDisplay(Attribute)`: an empty screen in the given colours, cursor home.
    package static let resetDisplay: Routine = .init("VidResetDisplay", ["Attribute"], module: .bootvid) { f in
        f.set(textAttribute.dword, f.argument(0) & 0xFF)
        f.call(clearRows, 0, Value(TextScreen.rows))
        f.set(cursorColumn.dword, 0)
        f.set(cursorRow.dword, 0)
        f.call(moveCursor)
        f.return()
    }

    /// `VidSetTextColor(Color)`: foreground colour of what is written from now on, 0 to 15.
    package static let setTextColor: Routine = .init("VidSetTextColor", ["Color"], module: .bootvid) { f in
        f.set(textAttribute.dword, (textAttribute.dword & 0xF0) | (f.argument(0) & 0x0F))
        f.return()
    }
}
