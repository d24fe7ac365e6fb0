// SPDX-License-Identifier: GPL-3.0-or-later

/// What runs in user mode: the system DLL and the programs that import it. They are linked by themselves, as nothing of the kernel's is theirs.
package enum UserPrograms {
    /// The images as they stand on the boot volume, the system DLL first.
    static let images: [LoadableImage] = link(
        [SessionManager.module], entries: [SessionManager.entry], exports: SessionManager.exports)

    static var systemDll: LoadableImage { images[0] }
    static var sessionManager: LoadableImage { images[1] }

    /// Links programs against the system DLL, which is always the same; it comes first.
    static func link(_ modules: [Module], entries: [Routine], exports: [any Item] = []) -> [LoadableImage] {
        var linker = Linker()
        let images = linker.link(
            [NtDll.module] + modules, entries: [NtDll.entry] + entries, exports: NtDll.exports + exports, aliases: NtDll.aliases)
        return images.map { LoadableImage(image: $0, file: $0.file()) }
    }
}
