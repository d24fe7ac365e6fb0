// SPDX-License-Identifier: GPL-3.0-or-later

/// KD initialisation.
extension Kd {
    /// `KdInitSystem(BootPhase, LoaderBlock)`: spec/boot.md section 1.3; BOOLEAN.
    package static let initSystem: Routine = .init("KdInitSystem", ["BootPhase", "LoaderBlock"]) { f in
        f.return(Status.notImplemented)
    }

    /// `KdDebuggerInitialize1(LoaderBlock)`: spec/boot.md section 2.3.
    package static let debuggerInitialize1: Routine = .init("KdDebuggerInitialize1", ["LoaderBlock"]) { f in
        f.return(Status.notImplemented)
    }

    /// `KdPollBreakIn()`: BOOLEAN.
    package static let pollBreakIn: Routine = .init("KdPollBreakIn", []) { f in
        f.return(Status.notImplemented)
    }
}
