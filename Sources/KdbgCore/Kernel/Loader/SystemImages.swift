// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel, its libraries and the drivers, linked.
package struct SystemImages: Sendable {
    /// In the loader's order.
    let images: [LoadableImage]
    /// Swift services by the number their stubs hold in EAX.
    let services: [Routine]

    /// Links everything that the entry points and `KernelExports` reach.
    /// - Parameters:
    ///   - drivers: in the loader's order.
    ///   - variant: what is different this time.
    static func link(drivers: [BootDriverImage], variant: LinkVariant = LinkVariant()) -> SystemImages {
        var linker = Linker(variant)
        // The memory manager relies on these four being first (spec/boot.md section 1.0 #1).
        let modules = [.kernel, .hal, .kdcom, .bootvid] + drivers.map(\.module)
        let images = linker.link(
            modules, entries: [Ke.systemStartup] + LibraryEntries.all + drivers.map(\.entry), exports: KernelExports.all)
        return SystemImages(images: images.map { LoadableImage(image: $0, file: $0.file()) }, services: linker.services)
    }

    /// Every image of the system as a PE32 file, in the loader's order.
    package static func files() -> [(name: String, bytes: [UInt8])] {
        link(drivers: BootDriverImage.all).images.map { ($0.image.module.name, $0.file) }
    }
}
