// SPDX-License-Identifier: GPL-3.0-or-later

/// The registers of a VGA in 80x25 text mode; the cells are plain RAM at physical B8000h (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem").
/// What is programmed reads back; only the start address and the cursor change what the host sees.
struct TextScreen: Device {
    static var address: UInt32 { 0xB8000 }
    static var columns: Int { 80 }
    static var rows: Int { 25 }

    private var crtcIndex: UInt8 = 0
    /// What the BIOS sets for mode 3.
    private var crtc: [UInt8] = [
        0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, 0x00, 0x4F, 0x0D, 0x0E, 0x00, 0x00, 0x00, 0x00, 0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96,
        0xB9, 0xA3, 0xFF,
    ]
    private var sequencerIndex: UInt8 = 0
    private var sequencer: [UInt8] = [3, 0, 3, 0, 2]
    private var graphicsIndex: UInt8 = 0
    private var graphics: [UInt8] = [0, 0, 0, 0, 0, 0x10, 0x0E, 0, 0xFF]
    private var attributeIndex: UInt8 = 0x20
    private var attributes: [UInt8] = [
        0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, 0x0C, 0x00, 0x0F, 0x08, 0x00,
    ]
    /// The next byte to 3C0h is data, not an index.
    private var attributeIsData = false
    private var miscellaneous: UInt8 = 0x67
    private var feature: UInt8 = 0
    private var isRetracing = false
    /// The palette: 256 times red, green, blue.
    private var palette = [UInt8](repeating: 0, count: 768)
    private var paletteMask: UInt8 = 0xFF
    private var paletteRead = 0
    private var paletteWrite = 0
    private var paletteReads = false
    /// Red and green of a colour whose blue is yet to come: a colour changes as a whole.
    private var paletteLatch: [UInt8] = []

    var ports: [ClosedRange<UInt16>] { [0x3B4...0x3B5, 0x3BA...0x3BA, 0x3C0...0x3CF, 0x3D4...0x3D5, 0x3DA...0x3DA] }

    /// Cell number of the cursor.
    var cursor: Int { Int(crtc[0x0E]) << 8 | Int(crtc[0x0F]) }
    /// First displayed cell.
    var start: Int { Int(crtc[0x0C]) << 8 | Int(crtc[0x0D]) }
    var isCursorVisible: Bool { crtc[0x0A] & 0x20 == 0 }

    /// 3B4h to 3BAh are there while the miscellaneous register says monochrome, 3D4h to 3DAh while it says colour.
    private func isHidden(_ port: UInt16) -> Bool {
        let isColour = miscellaneous & 1 != 0
        return isColour ? port < 0x3C0 : port >= 0x3D0
    }

    mutating func read(_ port: UInt16, _ bus: inout Bus) -> UInt8 {
        guard !isHidden(port) else { return 0xFF }
        switch port {
        case 0x3B4, 0x3D4: return crtcIndex
        case 0x3B5, 0x3D5: return Int(crtcIndex) < crtc.count ? crtc[Int(crtcIndex)] : 0
        case 0x3C0: return attributeIndex
        case 0x3C1: return Int(attributeIndex & 31) < attributes.count ? attributes[Int(attributeIndex & 31)] : 0
        // Switch sense and no retrace interrupt.
        case 0x3C2: return 0x10
        case 0x3C4: return sequencerIndex
        case 0x3C5: return Int(sequencerIndex) < sequencer.count ? sequencer[Int(sequencerIndex)] : 0
        case 0x3C6: return paletteMask
        case 0x3C7: return paletteReads ? 3 : 0
        case 0x3C8: return UInt8(paletteWrite / 3)
        case 0x3C9:
            defer { paletteRead = (paletteRead + 1) % palette.count }
            return palette[paletteRead]
        case 0x3CA: return feature
        case 0x3CC: return miscellaneous
        case 0x3CE: return graphicsIndex
        case 0x3CF: return Int(graphicsIndex) < graphics.count ? graphics[Int(graphicsIndex)] : 0
        case 0x3BA, 0x3DA:
            // Retrace comes and goes with each look at it, so that nobody waits for it long.
            attributeIsData = false
            isRetracing.toggle()
            return isRetracing ? 9 : 0
        default: return 0xFF
        }
    }

    mutating func write(_ port: UInt16, _ value: UInt8, _ bus: inout Bus) {
        guard !isHidden(port) else { return }
        switch port {
        case 0x3B4, 0x3D4: crtcIndex = value & 0x3F
        case 0x3B5, 0x3D5: writeCRTC(value)
        case 0x3BA, 0x3DA: feature = value & 3
        case 0x3C0: writeAttribute(value)
        case 0x3C2: miscellaneous = value
        case 0x3C4: sequencerIndex = value & 7
        case 0x3C5: if Int(sequencerIndex) < sequencer.count { sequencer[Int(sequencerIndex)] = value }
        case 0x3C6: paletteMask = value
        case 0x3C7: (paletteRead, paletteReads) = (Int(value) * 3, true)
        case 0x3C8: (paletteWrite, paletteLatch, paletteReads) = (Int(value) * 3, [], false)
        case 0x3C9:
            paletteLatch.append(value & 0x3F)
            guard paletteLatch.count == 3 else { return }
            palette.replaceSubrange(paletteWrite..<paletteWrite + 3, with: paletteLatch)
            (paletteWrite, paletteLatch) = ((paletteWrite + 3) % palette.count, [])
        case 0x3CE: graphicsIndex = value & 15
        case 0x3CF: if Int(graphicsIndex) < graphics.count { graphics[Int(graphicsIndex)] = value }
        default: break
        }
    }

    /// Bit 7 of register 11h protects registers 0 to 7, but for bit 4 of 7.
    private mutating func writeCRTC(_ value: UInt8) {
        let index = Int(crtcIndex)
        guard index < crtc.count else { return }
        guard index > 7 || crtc[0x11] & 0x80 == 0 else {
            if index == 7 { crtc[7] = crtc[7] & ~0x10 | value & 0x10 }
            return
        }
        crtc[index] = value
    }

    private mutating func writeAttribute(_ value: UInt8) {
        if attributeIsData {
            let index = Int(attributeIndex & 31)
            if index < attributes.count { attributes[index] = value }
        } else {
            attributeIndex = value & 0x3F
        }
        attributeIsData.toggle()
    }

    func hash(into hasher: inout StableHasher) {
        for bytes in [crtc, sequencer, graphics, attributes, palette, paletteLatch] { hasher.add(bytes: bytes) }
        hasher.add(UInt64(crtcIndex) | UInt64(sequencerIndex) << 8 | UInt64(graphicsIndex) << 16 | UInt64(attributeIndex) << 24)
        hasher.add(UInt64(miscellaneous) | UInt64(feature) << 8 | UInt64(paletteMask) << 16)
        hasher.add(UInt64(paletteRead) << 32 | UInt64(paletteWrite))
        hasher.add([attributeIsData, isRetracing, paletteReads])
    }
}
