// SPDX-License-Identifier: GPL-3.0-or-later

/// KD's part in sleeping (as NT has it; spec/boot.md section 0.3).
extension Kd {
    /// `KdPowerTransition(PowerState) -> status`: the debug port goes to sleep (4, D3) or wakes (1, D0). It is the transport's, so kdcom.dll is asked, in a kernel
    /// with KDBG too.
    package static let powerTransition: Routine = .init("KdPowerTransition", ["PowerState"]) { f in
        f.if(f.argument(0) == 1) { f.return(f.call(KdCom.d0Transition)) }
        f.if(f.argument(0) == 4) { f.return(f.call(KdCom.d3Transition)) }
        f.return(invalidParameter1)
    }
}
