// SPDX-License-Identifier: GPL-3.0-or-later

/// What the boot volume holds, by path from its root: `ReactOS\System32\ntoskrnl.exe`. Folders on the way to a file make themselves; case does not matter, the first
/// spelling stays.
struct BootFiles {
    /// Where the system is.
    static let root = "ReactOS"
    static let system = #"ReactOS\System32"#
    static let drivers = #"ReactOS\System32\drivers"#
    static let initFile = #"ReactOS\System32\drivers\etc\KDBinit"#

    private(set) var nodes: [BootVolume.Node] = []

    init(nodes: [BootVolume.Node] = []) { self.nodes = nodes }

    /// Adds a file, or replaces the one that is there.
    mutating func add(_ path: String, _ bytes: [UInt8]) {
        change(path) { name in .file(name, bytes) }
    }

    /// Adds a folder with all that is in it, or replaces what is there.
    mutating func add(_ path: String, folder nodes: [BootVolume.Node]) {
        change(path) { name in .folder(name, nodes) }
    }

    /// Adds an empty folder unless it is there already.
    mutating func addFolder(_ path: String) {
        change(path + #"\."#) { _ in nil }
    }

    /// Takes a file, or a folder with all that is in it, away; nothing happens when there is none.
    mutating func remove(_ path: String) {
        change(path) { _ in nil }
    }

    /// Replaces the last component of a path by what `make` says, and makes the folders before it.
    private mutating func change(_ path: String, _ make: (String) -> BootVolume.Node?) {
        let components = path.split(separator: "\\").map(String.init)
        nodes = Self.changed(nodes, components[...], make)
    }

    private static func changed(
        _ nodes: [BootVolume.Node], _ path: ArraySlice<String>, _ make: (String) -> BootVolume.Node?
    ) -> [BootVolume.Node] {
        guard let name = path.first else { return nodes }
        let index = nodes.firstIndex { $0.name.uppercased() == name.uppercased() }
        let node: BootVolume.Node?
        if path.count == 1 {
            node = make(index.map { nodes[$0].name } ?? name)
        } else {
            var children: [BootVolume.Node] = []
            if let index, case .folder(_, let old) = nodes[index] { children = old }
            node = .folder(index.map { nodes[$0].name } ?? name, changed(children, path.dropFirst(), make))
        }
        var nodes = nodes
        if let index { nodes.remove(at: index) }
        if let node { nodes.insert(node, at: index ?? nodes.count) }
        return nodes
    }
}

extension BootFiles {
    /// The tree that a ReactOS disk has. A component that wants a file on the volume adds a line here.
    ///
    /// - Parameters:
    ///   - hive: the SYSTEM hive, as the loader hands it over.
    ///   - script: KDBinit; nil leaves it out.
    static func standard(images: [LoadableImage], hive: [UInt8], script: [UInt8]?) -> BootFiles {
        var files = BootFiles()
        for image in images {
            let name = image.image.module.name
            files.add((name.hasSuffix(".sys") ? drivers : system) + #"\"# + name, image.file)
        }
        files.add(system + #"\config\SYSTEM"#, hive)
        for program in UserPrograms.images { files.add(system + #"\"# + program.image.module.name, program.file) }
        files.addFolder(drivers + #"\etc"#)
        if let script { files.add(initFile, script) }
        return files
    }
}
