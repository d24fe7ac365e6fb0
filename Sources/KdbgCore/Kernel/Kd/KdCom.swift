// SPDX-License-Identifier: GPL-3.0-or-later

extension Kd {
    /// kdcom.dll, the transport that the boot loader always brings along. A kernel with KDBG has its own transport and never calls it (spec/boot.md
    /// section 0.3), so there is nothing in it but an entry point.
    static let comEntry: Routine = .init("DllInitialize", ["RegistryPath"], module: .kdcom) { f in
        f.return(Status.success)
    }
}
