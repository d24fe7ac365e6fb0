// SPDX-License-Identifier: GPL-3.0-or-later

/// Entry points of images that are only called through their exports. Nobody calls these: a kernel-mode library is initialised by
/// `DllInitialize`, which `MmLoadSystemImage` looks for among the exports, and boot images not even by that.
enum LibraryEntries {
    /// The entry points of hal.dll, kdcom.dll and bootvid.dll.
    static let all: [Routine] = [entry(of: .hal), entry(of: .kdcom), entry(of: .bootvid)]

    private static func entry(of module: Module) -> Routine {
        Routine("DllInitialize", ["RegistryPath"], module: module) { f in
            f.return(Status.success)
        }
    }
}
