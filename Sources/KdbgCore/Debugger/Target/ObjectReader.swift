// SPDX-License-Identifier: GPL-3.0-or-later

/// An object of the object manager as its header in guest memory describes it (spec/boot.md section 5.2).
struct GuestObject {
    let target: any Target
    /// Virtual address of the body.
    let body: UInt32

    private static let headerSize: UInt32 = OBJECT_HEADER.layout.Body.offset

    var header: Record<OBJECT_HEADER> { Record(target, at: body &- Self.headerSize) }

    /// The name of its type; nil when there is no object there.
    var typeName: String? {
        guard let type = header.Type, let name = type.Name.text, !name.isEmpty else { return nil }
        return name
    }

    private var nameInfo: Record<OBJECT_HEADER_NAME_INFO>? {
        guard let offset = header.NameInfoOffset, offset != 0 else { return nil }
        return Record(target, at: header.address &- offset)
    }

    /// Its last name component; empty when it has none.
    var name: String { nameInfo?.Name.text ?? "" }

    /// The directory it is entered in.
    var directory: GuestObject? { nameInfo?.Directory.map { GuestObject(target: target, body: $0.address) } }

    /// All of its path, as far as its directories lead to the root.
    var path: String {
        let root = target.global("ObpRootDirectoryObject")
        if body == root { return #"\"# }
        guard !name.isEmpty else { return "" }
        var parts = [name]
        var parent = directory
        var depth = 0
        while let current = parent, current.body != root, depth < 32 {
            parts.append(current.name)
            parent = current.directory
            depth += 1
        }
        return (parent == nil ? "" : #"\"#) + parts.reversed().joined(separator: #"\"#)
    }

    /// What a symbolic link stands for.
    var linkTarget: String? {
        guard typeName == "SymbolicLink" else { return nil }
        return Record<OBJECT_SYMBOLIC_LINK>(target, at: body).LinkTarget.text
    }

    /// Entries of a directory, bucket by bucket; chains that loop end where they do.
    var entries: [(bucket: UInt32, object: GuestObject)] {
        var found: [(bucket: UInt32, object: GuestObject)] = []
        var seen: Set<UInt32> = []
        for bucket in 0..<OBJECT_DIRECTORY.layout.HashBuckets.count {
            var entry = target.read32(body &+ 4 * bucket) ?? 0
            while entry != 0, seen.count < Self.limit, seen.insert(entry).inserted {
                let record = Record<OBJECT_DIRECTORY_ENTRY>(target, at: entry)
                guard let object = record.Object else { break }
                found.append((bucket, GuestObject(target: target, body: object)))
                entry = record.ChainLink?.address ?? 0
            }
        }
        return found
    }

    private static let limit = 4096
}

/// Finds objects by path, as the kernel's own look-up would.
struct ObjectReader {
    let target: any Target
    private static let linkDepth = 16

    /// The root directory; nil before Ob phase 1.
    var root: GuestObject? {
        guard let root = target.global("ObpRootDirectoryObject"), root != 0 else { return nil }
        return GuestObject(target: target, body: root)
    }

    /// What `\??` stands for, which is no entry of the root: the directory of the system's device map; nil before Ob phase 1 has made that.
    private var dosDevices: GuestObject? {
        guard let map = target.global("ObSystemDeviceMap"), map != 0,
            let directory = Record<DEVICE_MAP>(target, at: map).DosDevicesDirectory
        else { return nil }
        return GuestObject(target: target, body: directory.address)
    }

    /// The object at a path, or why there is none. Links in front of the last component are followed, the last one only if asked for.
    func object(at path: String, followsLast: Bool = false) throws(CommandError) -> GuestObject {
        guard let root else { throw CommandError("The name space has no root yet; Ob phase 1 makes it.") }
        var components = path.split(separator: "\\").map(String.init)
        var current = root
        var walked = ""
        var links = 0
        // A path that ends in \ asks for what is in there, as it does in the kernel.
        let followsLast = followsLast || path.hasSuffix("\\") && !components.isEmpty
        while !components.isEmpty {
            let name = components.removeFirst()
            if name == "??", current.body == root.body, let dosDevices {
                current = dosDevices
                walked += "\\??"
                continue
            }
            guard let next = current.entries.first(where: { $0.object.name.lowercased() == name.lowercased() })?.object else {
                let near = Suggestion.nearest(to: name, in: current.entries.map(\.object.name))
                throw CommandError(
                    "There is no '\(name.harmless())' in '\(walked.isEmpty ? "\\" : walked.harmless())'.",
                    hint: near.map { "Did you mean '\($0)'?" })
            }
            walked += "\\" + name
            if let link = next.linkTarget, !components.isEmpty || followsLast && !link.isEmpty {
                links += 1
                guard links <= Self.linkDepth else { throw CommandError("'\(walked.harmless())': too many links.") }
                components = link.split(separator: "\\").map(String.init) + components
                current = root
                walked = ""
            } else {
                if next.typeName != "Directory", !components.isEmpty {
                    throw CommandError("'\(walked.harmless())' is no directory but a \(next.typeName ?? "broken object").")
                }
                current = next
            }
        }
        return current
    }
}

extension KernelDebugger {
    /// Whether a word is an expression whatever objects there are: it begins with a digit or a bracket and calculates.
    static func isArithmetic(_ word: String) -> Bool {
        guard let first = word.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) || "([".utf8.contains(first) else {
            return false
        }
        return !word.contains("\\") && word.contains { "+-*/%()[]<>=".contains($0) }
    }

    /// The object the arguments name: a path, or an expression; of one type if that is given.
    /// - Parameters:
    ///   - folder: where a name without \ is looked for.
    ///   - places: all the folders where it was looked for, for the message; nil for `folder` alone.
    func object(
        _ line: CommandLine, type: String? = nil, folder: String = "", places: String? = nil, output: inout CommandOutput
    ) throws(CommandError) -> UInt32 {
        let name = line.words[0].text
        guard let first = line.arguments.first else { throw CommandError("\(name): Address or path required.") }
        let reader = ObjectReader(target: target)
        let body: UInt32
        // A link stands for what it leads to when that is what is asked for.
        let follows = type != nil && type != "SymbolicLink"
        if first.text.hasPrefix("\\") {
            body = try reader.object(at: String(decoding: line.glued(line.arguments), as: UTF8.self), followsLast: follows).body
        } else if Self.isArithmetic(first.text) {
            body = try address(line.arguments, of: line, command: name, output: &output)
        } else if !folder.isEmpty, let object = try? reader.object(at: folder + "\\" + first.text, followsLast: follows),
            line.arguments.count == 1
        {
            body = object.body
        } else if !folder.isEmpty, first.text.contains("\\") {
            body = try reader.object(at: folder + "\\" + first.text, followsLast: follows).body
        } else {
            do {
                body = try address(line.arguments, of: line, command: name, output: &output)
            } catch {
                // What is no expression was meant as a name: then the folder's complaint is the one that helps.
                guard !folder.isEmpty, line.arguments.count == 1, !first.text.contains(where: { "+-*/%()[]<>=!".contains($0) }) else {
                    throw error
                }
                do {
                    _ = try reader.object(at: folder + "\\" + first.text, followsLast: follows)
                } catch let missing {
                    guard reader.root != nil else { throw missing }
                    throw CommandError(
                        "\(name): There is no \(type?.lowercased() ?? "object") '\(first.text.harmless())' in \(places ?? folder).",
                        place: .byte(first.offset), hint: missing.hint)
                }
                throw error
            }
        }
        guard let actual = GuestObject(target: target, body: body).typeName else {
            throw CommandError("\(name): There is no object at 0x\(body.pointer).")
        }
        guard type == nil || actual == type else {
            throw CommandError("\(name): The object at 0x\(body.pointer) is not a \(type ?? "") but a \(actual).")
        }
        return body
    }
}
