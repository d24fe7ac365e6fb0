// SPDX-License-Identifier: GPL-3.0-or-later

/// A segment register with its hidden part (SDM vol. 3, 3.4.3).
package struct Segment: Equatable, Hashable, Sendable {
    /// The visible selector.
    package var selector: UInt16
    /// Linear address of the segment's first byte.
    package var base: UInt32
    /// Offset of the last byte, byte granular, inclusive.
    package var limit: UInt32
    /// Bits 0-7 are the descriptor's access byte, bits 12-15 its flags nibble (G, D/B, L, AVL), SDM vol. 3, 3.4.5.
    package var attributes: UInt16

    package init(selector: UInt16, base: UInt32, limit: UInt32, attributes: UInt16) {
        self.selector = selector
        self.base = base
        self.limit = limit
        self.attributes = attributes
    }

    /// The descriptor is present (P).
    package var isPresent: Bool { attributes & 0x80 != 0 }
    /// Descriptor privilege level, 0...3.
    package var dpl: UInt8 { UInt8(attributes >> 5 & 3) }
    /// D/B flag: 32-bit code, or a stack that uses ESP.
    package var isBig: Bool { attributes & 0x4000 != 0 }
    /// A code segment.
    package var isCode: Bool { attributes & 0x18 == 0x18 }
}

/// GDTR or IDTR: a linear base and an inclusive byte limit (SDM vol. 3, 2.4).
package struct DescriptorTable: Equatable, Hashable, Sendable {
    /// Linear address of the table.
    package var base: UInt32
    /// Offset of the table's last byte.
    package var limit: UInt16

    package init(base: UInt32, limit: UInt16) {
        self.base = base
        self.limit = limit
    }
}

/// The architectural register state as a plain value: what debuggers show and checkpoints keep.
package struct Registers: Equatable, Hashable, Sendable {
    package var eax, ecx, edx, ebx, esp, ebp, esi, edi: UInt32
    package var eip, eflags: UInt32
    package var cr0, cr2, cr3, cr4: UInt32
    package var dr0, dr1, dr2, dr3, dr6, dr7: UInt32
    package var es, cs, ss, ds, fs, gs, ldtr, tr: Segment
    package var gdtr, idtr: DescriptorTable

    /// State after RESET (SDM vol. 3, table 9-1), with CS:EIP at F000:FFF0.
    package static var reset: Registers {
        let data = Segment(selector: 0, base: 0, limit: 0xFFFF, attributes: 0x93)
        return Registers(
            eax: 0, ecx: 0, edx: 0x611, ebx: 0, esp: 0, ebp: 0, esi: 0, edi: 0,
            eip: 0xFFF0, eflags: 2, cr0: 0x6000_0010, cr2: 0, cr3: 0, cr4: 0,
            dr0: 0, dr1: 0, dr2: 0, dr3: 0, dr6: 0xFFFF_0FF0, dr7: 0x400,
            es: data, cs: Segment(selector: 0xF000, base: 0xFFFF_0000, limit: 0xFFFF, attributes: 0x9B), ss: data, ds: data, fs: data,
            gs: data, ldtr: Segment(selector: 0, base: 0, limit: 0xFFFF, attributes: 0x82),
            tr: Segment(selector: 0, base: 0, limit: 0xFFFF, attributes: 0x8B),
            gdtr: DescriptorTable(base: 0, limit: 0xFFFF), idtr: DescriptorTable(base: 0, limit: 0x3FF))
    }
}
