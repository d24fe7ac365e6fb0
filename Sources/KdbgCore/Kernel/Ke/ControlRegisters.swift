// SPDX-License-Identifier: GPL-3.0-or-later

import X86

extension Ke {
    /// `KiSetCR0Bits()`: from now on read-only pages are read-only for the kernel too (CR0.WP; spec/boot.md section 1.8 #12).
    static let setCr0Bits: Routine = .init("KiSetCR0Bits", section: .initialization) { f in
        f.asm { a in a.movFromControl(.eax, 0) }
        f.load(f.saveEAX() | 0x1_0000)
        f.asm { a in a.movToControl(0, .eax) }
        f.return()
    }
}
