// SPDX-License-Identifier: GPL-3.0-or-later

// Number and column formats of spec/kdbg.md, without Foundation. "%p" of this kernel is upper-case hex, "%x" lower-case.

extension FixedWidthInteger where Self: UnsignedInteger {
    /// Lower-case hex, zero padded to `digits` (`%0<digits>x`), without prefix.
    package func hex(_ digits: Int = 1) -> String {
        String(self, radix: 16).padded(left: digits, with: "0")
    }
}

extension UInt32 {
    /// The kernel's `%p`: eight upper-case hex digits without prefix.
    package var pointer: String {
        String(self, radix: 16, uppercase: true).padded(left: 8, with: "0")
    }
}

extension BinaryInteger {
    /// Decimal, right-aligned in `width` columns (`%<width>d`) or zero padded (`%0<width>d`).
    package func decimal(_ width: Int = 1, with fill: Character = " ") -> String {
        String(self).padded(left: width, with: fill)
    }
}

extension String {
    /// Right-aligned in `width` columns; longer text is kept whole.
    package func padded(left width: Int, with fill: Character = " ") -> String {
        count >= width ? self : String(repeating: fill, count: width - count) + self
    }

    /// Left-aligned in `width` columns (`%-<width>s`); longer text is kept whole.
    package func padded(right width: Int) -> String {
        count >= width ? self : self + String(repeating: " ", count: width - count)
    }

    /// The text with every control character replaced by a dot, so that it cannot move a terminal's cursor. Line feeds stay when `keepingLines`.
    package func harmless(keepingLines: Bool = false) -> String {
        guard unicodeScalars.contains(where: { $0.isControl }) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            result.append(!scalar.isControl || (keepingLines && scalar == "\n") ? scalar : ".")
        }
        return String(result)
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 controls.
    package var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) }
}
