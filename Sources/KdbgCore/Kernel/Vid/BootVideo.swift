// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Boot video, in bootvid.dll: text on the VGA screen, through its memory and its CRT controller. It could work from the first instruction on, because
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

    /// `VidInitialize(SetMode) -> BOOLEAN`: an empty screen.
    package static let initialize: Routine = .init("VidInitialize", ["SetMode"], module: .bootvid) { f in
        f.if((f.argument(0) & 0xFF) != 0) { f.call(resetDisplay, 0) }
        f.return(1)
    }

    /// `VidCleanUp()`: the cursor is shown where it is, for whoever comes next.
    package static let cleanUp: Routine = .init("VidCleanUp", module: .bootvid) { f in
        f.call(moveCursor)
        f.return()
    }

    /// `VidResetDisplay(HalReset)`: an empty screen, grey on black, cursor home; the HAL resets the hardware first when it is asked to.
    package static let resetDisplay: Routine = .init("VidResetDisplay", ["HalReset"], module: .bootvid) { f in
        f.if((f.argument(0) & 0xFF) != 0) { f.callIndirect(Hal.privateDispatchTable.HalResetDisplay) }
        f.set(textAttribute.dword, 0x07)
        f.call(clearRows, 0, Value(TextScreen.rows))
        f.set(cursorColumn.dword, 0)
        f.set(cursorRow.dword, 0)
        f.call(moveCursor)
        f.return()
    }

    /// The text screen's numbers of boot video's 16 colours: black, red, green, brown, blue, magenta, cyan, dark and light grey, then the bright ones.
    private static let colors: Global = .init("VidpColors", size: 16, module: .bootvid, section: .constants) {
        [.bytes([0, 4, 2, 6, 1, 5, 3, 8, 7, 12, 10, 14, 9, 13, 11, 15])]
    }

    /// `VidSolidColorFill(Left, Top, Right, Bottom, Color)`: pixels of 640 by 480, of which a character covers 8 by 19.2. What fills the whole screen is the background of what is
    /// written, too.
    package static let solidColorFill: Routine = .init(
        "VidSolidColorFill", ["Left", "Top", "Right", "Bottom", "Color"], module: .bootvid
    ) { f in
        let isWhole = f.local(f.argument(0) == 0 && f.argument(1) == 0 && f.argument(2) >= 639 && f.argument(3) >= 479)
        let row = f.local(f.argument(1) * Value(TextScreen.rows) / 480)
        let lastRow = f.local(f.argument(3) * Value(TextScreen.rows) / 480)
        let firstColumn = f.local(f.argument(0) >> 3)
        let lastColumn = f.local(f.argument(2) >> 3)
        let color = f.local((colors.value + (f.argument(4) & 15)).byte() & 7)
        f.if(isWhole != 0) { f.set(textAttribute.dword, (textAttribute.dword & 0x0F) | (color << 4)) }
        f.if(lastRow >= Value(TextScreen.rows)) { f.set(lastRow, TextScreen.rows - 1) }
        f.if(lastColumn >= Value(TextScreen.columns)) { f.set(lastColumn, TextScreen.columns - 1) }
        f.while(row <= lastRow) {
            let column = f.local(firstColumn)
            f.while(column <= lastColumn) {
                let cell = f.local(Value(TextScreen.memory) + row * Value(TextScreen.bytesPerRow) + (column << 1))
                f.set(cell.word(), (color << 12) | ((textAttribute.dword & 0x0F) << 8) | 0x20)
                f.add(column, 1)
            }
            f.add(row, 1)
        }
        f.if(isWhole != 0) {
            f.set(cursorColumn.dword, 0)
            f.set(cursorRow.dword, 0)
            f.call(moveCursor)
        }
        f.return()
    }

    /// `VidDisplayStringXY(String*, Left, Top, Transparent)`: text on a row of its own, from a pixel on; the cursor stays where it is.
    package static let displayStringXY: Routine = .init(
        "VidDisplayStringXY", ["String", "Left", "Top", "Transparent"], module: .bootvid
    ) { f in
        let text = f.local(f.argument(0))
        let column = f.local(f.argument(1) >> 3)
        let row = f.local(f.argument(2) * Value(TextScreen.rows) / 480)
        f.if(row >= Value(TextScreen.rows)) { f.return() }
        f.while(text.byte() != 0 && column < Value(TextScreen.columns)) {
            let cell = f.local(Value(TextScreen.memory) + row * Value(TextScreen.bytesPerRow) + (column << 1))
            f.set(cell.word(), text.byte() | (textAttribute.dword << 8))
            f.add(text, 1)
            f.add(column, 1)
        }
        f.return()
    }

    /// `VidSetTextColor(Color)`: foreground colour of what is written from now on, 0 to 15.
    package static let setTextColor: Routine = .init("VidSetTextColor", ["Color"], module: .bootvid) { f in
        f.set(textAttribute.dword, (textAttribute.dword & 0xF0) | (colors.value + (f.argument(0) & 15)).byte())
        f.return()
    }
}
