// SPDX-License-Identifier: GPL-3.0-or-later

/// A driver of this system: its image, and what its key under `Services` says of it (spec/boot.md section 7.2).
package struct DriverImage: Sendable {
    /// The key under `Services`.
    package let service: String
    /// The group by which it is sorted (section 7.1); empty for none.
    package var group: String
    /// The place in its group; nil for none.
    package var tag: UInt32?
    /// 0 ignore, 1 normal, 2 severe, 3 critical: what a failure to load it means.
    package var errorControl: UInt32
    /// 1 a driver, 2 a file system, 8 a recognizer; the last two live in `\FileSystem`.
    package var type: UInt32
    /// 0 loaded by the boot loader, 1 by IoInitSystem, 3 when somebody asks.
    package var start: UInt32
    /// The driver object's path, where it is not made of the service's name.
    package var objectName: String?
    /// A WDM driver: its devices are those that plug and play reports, and its image says so (DllCharacteristics 0x2000). The others are legacy drivers.
    package var isPlugAndPlay: Bool
    /// DriverEntry, the image's entry point; its module names the file. With a sentence about the driver it is a boot step.
    package let entry: Routine

    package var module: Module { entry.module }

    package init(
        service: String, group: String, tag: UInt32? = nil, errorControl: UInt32 = 1, type: UInt32 = 1, start: UInt32 = 0,
        objectName: String? = nil, isPlugAndPlay: Bool = false, entry: Routine, about: String? = nil
    ) {
        self.service = service
        self.group = group
        self.tag = tag
        self.errorControl = errorControl
        self.type = type
        self.start = start
        self.objectName = objectName
        self.isPlugAndPlay = isPlugAndPlay
        self.entry =
            about.map { about in
                entry.asStep(.init(start == 1 ? "1.9 #21" : "1.9.1 #5", "DriverEntry of \(entry.module.name)", about))
            } ?? entry
    }
}
