// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel, its libraries and the drivers, linked.
package struct SystemImages: Sendable {
    /// The kernel and its libraries in the loader's order, the libraries that drivers import, the drivers in the order of their list.
    let images: [LoadableImage]
    /// Swift services by the number their stubs hold in EAX.
    let services: [Routine]

    /// The memory manager relies on these four being first (spec/boot.md section 1.0 #1).
    private static let system: [Module] = [.kernel, .hal, .kdcom, .bootvid]

    /// Links everything that the entry points and `KernelExports` reach.
    /// - Parameters:
    ///   - drivers: in any order.
    ///   - variant: what is different this time.
    static func link(drivers: [DriverImage], variant: LinkVariant = LinkVariant()) -> SystemImages {
        var linker = Linker(variant)
        let modules = system + DriverLibrary.modules + drivers.map(\.module)
        let images = linker.link(
            modules, entries: [Ke.systemStartup] + LibraryEntries.all + drivers.map(\.entry) + DriverLibrary.entries,
            exports: KernelExports.exported + KdCom.exports + DriverLibrary.exports, kept: KernelExports.linked)
        let plugAndPlay = Set(drivers.filter(\.isPlugAndPlay).map(\.module) + DriverLibrary.plugAndPlay)
        return SystemImages(
            images: images.map { image in
                var image = image
                image.isWDMDriver = plugAndPlay.contains(image.module)
                return LoadableImage(image: image, file: image.file())
            }, services: linker.services)
    }

    /// What the loader puts into memory, in its order: kernel, HAL and their libraries, then each boot driver followed by the images that it imports and
    /// that are not there yet.
    func loadOrder(_ bootDrivers: [Module]) -> [LoadableImage] {
        var order: [LoadableImage] = []
        func append(_ name: String) {
            guard !order.contains(where: { $0.image.module.name == name }),
                let file = images.first(where: { $0.image.module.name == name })
            else { return }
            order.append(file)
            // The first four import each other.
            guard name.hasSuffix(".sys") else { return }
            for entry in file.image.imports { append(entry.module) }
        }
        for module in Self.system + bootDrivers { append(module.name) }
        return order
    }

    /// Every image of the system as a PE32 file, those of user mode last.
    package static func files() -> [(name: String, bytes: [UInt8])] {
        (link(drivers: DriverImage.all).images + UserPrograms.images).map { ($0.image.module.name, $0.file) }
    }
}
