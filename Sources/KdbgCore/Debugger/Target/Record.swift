// SPDX-License-Identifier: GPL-3.0-or-later

/// A structure in guest memory as a command reads it: fields by name, nil where memory is not mapped.
@dynamicMemberLookup
struct Record<Layout: Structure> {
    let target: any Target
    /// Virtual.
    let address: UInt32

    init(_ target: any Target, at address: UInt32, as type: Layout.Type = Layout.self) {
        self.target = target
        self.address = address
    }

    /// A number; signed ones come as their bit pattern.
    subscript(dynamicMember path: KeyPath<Layout, Field>) -> UInt32? {
        let field = Layout.layout[keyPath: path]
        switch field.size {
        case 1: return target.read8(address &+ field.offset).map(UInt32.init)
        case 2: return target.read16(address &+ field.offset).map(UInt32.init)
        default: return target.read32(address &+ field.offset)
        }
    }

    /// What a pointer leads to; nil for NULL too.
    subscript<Other>(dynamicMember path: KeyPath<Layout, PointerTo<Other>>) -> Record<Other>? {
        guard let pointer = target.read32(address &+ Layout.layout[keyPath: path].offset), pointer != 0 else { return nil }
        return Record<Other>(target, at: pointer)
    }

    subscript<Other>(dynamicMember path: KeyPath<Layout, Embedded<Other>>) -> Record<Other> {
        Record<Other>(target, at: address &+ Layout.layout[keyPath: path].offset)
    }

    /// Virtual address of an array's first element.
    subscript(dynamicMember path: KeyPath<Layout, ArrayField>) -> UInt32 {
        address &+ Layout.layout[keyPath: path].offset
    }

    /// Whether every byte of it is mapped.
    var isReadable: Bool { target.readBytes(address, count: Int(Layout.size)) != nil }
}

extension Record where Layout == UNICODE_STRING {
    /// The text, control characters made harmless; nil when it is not readable.
    var text: String? { target.unicodeString(at: address) }
}

/// A doubly linked list in guest memory, walked with a limit: it may loop or lead nowhere.
struct GuestList {
    /// Addresses of the LIST_ENTRYs behind the head.
    private(set) var entries: [UInt32] = []
    /// Why the walk ended early; nil when it came back to the head.
    private(set) var defect: String?

    static let limit = 1024

    init(_ target: any Target, head: UInt32) {
        var seen: Set<UInt32> = []
        guard var entry = target.read32(head) else {
            defect = "Couldn't access memory at 0x\(head.pointer)"
            return
        }
        while entry != head {
            guard entry != 0 else {
                defect = entries.isEmpty ? "The list head is not initialized." : "The list ends in NULL."
                return
            }
            guard seen.insert(entry).inserted else {
                defect = "The list loops at 0x\(entry.pointer)."
                return
            }
            guard let next = target.read32(entry) else {
                defect = "Couldn't access memory at 0x\(entry.pointer)"
                return
            }
            entries.append(entry)
            guard entries.count < Self.limit else {
                defect = "The list has more than \(Self.limit) entries."
                return
            }
            entry = next
        }
    }
}
