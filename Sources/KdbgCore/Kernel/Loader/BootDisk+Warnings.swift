// SPDX-License-Identifier: GPL-3.0-or-later

extension BootDisk {
    /// What a boot from this disk will do without, a sentence for each thing, with what will follow. Somebody's disk may be sound and still not be ours; the
    /// boot drivers, the kernel and the registry are always ours, ntdll.dll, the session manager and system drivers come from the disk.
    package var warnings: [String] {
        let reader = VolumeReader(image, geometry)
        var warnings: [String] = []
        // The first one that cannot be used ends the boot.
        let programs = [("ntdll.dll", "0x69, IO1_INITIALIZATION_FAILED"), ("smss.exe", "0x6F, SESSION3_INITIALIZATION_FAILED")]
        for (name, crash) in programs {
            let path = BootFiles.system + #"\"# + name
            guard let reason = Self.complaint(about: reader.file(at: path)) else { continue }
            warnings.append(#"\\#(path) \#(reason): the boot will end in bug check \#(crash)"#)
            break
        }
        let names = DriverImage.all.filter { $0.start == 1 }.map(\.module.name)
        let missing = names.filter { reader.entry(at: BootFiles.drivers + #"\"# + $0) == nil }
        if !missing.isEmpty {
            let which = missing.count == 1 ? "the system driver" : "\(missing.count) system drivers"
            let what = missing.count == 1 ? "it will not be loaded" : "they will not be loaded"
            warnings.append(#"\\#(BootFiles.drivers) lacks \#(which) \#(missing.joined(separator: ", ")): \#(what), and the boot goes on"#)
        }
        for (library, drivers) in Self.libraries where reader.entry(at: BootFiles.drivers + #"\"# + library) == nil {
            let those = drivers.filter { !missing.contains($0) }
            guard !those.isEmpty else { continue }
            let which = those.joined(separator: ", ")
            warnings.append(#"\\#(BootFiles.drivers) lacks the library \#(library): \#(which) will not be loaded, and the boot goes on"#)
        }
        return warnings
    }

    /// What system drivers import and no boot driver brings along, with the drivers that do.
    private static var libraries: [(library: String, drivers: [String])] {
        let all = SystemImages.link(drivers: DriverImage.all)
        let loaded = Set(all.loadOrder(DriverImage.all.filter { $0.start == 0 }.map(\.module)).map(\.image.module.name))
        var found: [(library: String, drivers: [String])] = []
        for driver in DriverImage.all where driver.start == 1 {
            guard let image = all.images.first(where: { $0.image.module.name == driver.module.name })?.image else { continue }
            for name in image.imports.map(\.module) where !loaded.contains(name) {
                if let index = found.firstIndex(where: { $0.library == name }) {
                    found[index].drivers.append(driver.module.name)
                } else {
                    found.append((name, [driver.module.name]))
                }
            }
        }
        return found
    }

    /// Why a file cannot be started; nil when it may. The kernel looks closer (`Mm/ImageFiles.swift`).
    private static func complaint(about file: [UInt8]?) -> String? {
        guard let file else { return "is missing" }
        guard !file.isEmpty else { return "is empty" }
        guard file.count >= 0x40, file[0] == 0x4D, file[1] == 0x5A else { return "is no program" }
        let header = file.dword(at: 0x3C)
        guard header + 24 <= file.count, file.dword(at: header) == 0x4550 else { return "is no Windows program" }
        return file[header + 4] == 0x4C && file[header + 5] == 1 ? nil : "is a program for another processor than i386"
    }
}
