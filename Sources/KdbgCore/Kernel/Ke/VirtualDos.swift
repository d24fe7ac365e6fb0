// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What the kernel knows of virtual DOS machines, of which none is ever made here (spec/boot.md section 1.8 #31).
extension Ke {
    /// Bit 1: virtual-8086 mode with virtual interrupts, which is CR4.VME.
    private static let virtualIntExtensions: Global = .init("KeI386VirtualIntExtensions")

    /// `Ke386VdmInitialize()`: CR4.VME, where the processor has it and the registry's DisableVme does not say no.
    static let vdmInitialize: Routine = .init("KeI386VdmInitialize", section: .initialization) { f in
        f.if((prcb.FeatureBits & 2) == 0) { f.return() }
        let key = f.local(0)
        let path = f.unicode(#"\Registry\Machine\System\CurrentControlSet\Control\Wow"#)
        let attributes = f.objectAttributes(path, ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        f.if(f.call(Cm.ntOpenKey, f.address(of: key), 0x2_0019, attributes).isSuccess) {
            let information = f.buffer(64)
            let length = f.local(0)
            let status = f.call(Cm.ntQueryValueKey, key, f.unicode("DisableVme"), 2, information, 64, f.address(of: length))
            f.call(Ob.ntClose, key)
            f.if(status.isSuccess) { f.if(information.dword(12) != 0) { f.return() } }
        }
        f.set(virtualIntExtensions.dword, 2)
        f.asm { a in
            a.movFromControl(.eax, 4)
            a.alu(.or, .eax, 1)
            a.movToControl(4, .eax)
        }
        f.return()
    }
}
