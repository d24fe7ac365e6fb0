// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Features of the processor that phase 1 turns on (spec/boot.md section 1.8 #12).
extension Ke {
    /// Set when threads may use FXSAVE.
    private static let fxsrPresent: Global = .init("KeI386FxsrPresent")

    /// `KiSetCR0Bits()`: from now on read-only pages are read-only for the kernel too (CR0.WP).
    static let setCr0Bits: Routine = .init("KiSetCR0Bits", section: .initialization) { f in
        f.asm { a in a.movFromControl(.eax, 0) }
        f.load(f.saveEAX() | 0x1_0000)
        f.asm { a in a.movToControl(0, .eax) }
        f.return()
    }

    /// `KiSetCR4Bits()`: debugging extensions, large pages, global pages and FXSAVE, as far as CPUID has them.
    static let setCr4Bits: Routine = .init("KiSetCR4Bits", section: .initialization) { f in
        // Bits of CPUID's EDX and of CR4.
        for (feature, bit) in [(2, 0x08), (3, 0x10), (13, 0x80), (24, 0x200)] {
            f.if((prcb.FeatureBits & Value(1 << feature)) != 0) {
                f.asm { a in a.movFromControl(.eax, 4) }
                f.load(f.saveEAX() | Value(bit))
                f.asm { a in a.movToControl(4, .eax) }
                if feature == 24 { f.set(fxsrPresent.byte, 1) }
            }
        }
        f.return()
    }
}
