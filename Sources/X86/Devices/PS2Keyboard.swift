// SPDX-License-Identifier: GPL-3.0-or-later

/// The keyboard at the end of the cable (IBM PS/2 Hardware Interface Technical Reference, "Keyboards (101- and 102-Key)"). It sends scan code set 2, or 1 when
/// told so; set 3 it refuses.
struct PS2Keyboard: Equatable, Sendable {
    /// What it has to send. Answers always find room, keys only up to `capacity`.
    private var queue: [UInt8] = []
    private var lastSent: UInt8 = 0
    /// The command that waits for its parameter; 0 for none.
    private var command: UInt8 = 0
    private var isScanning = true
    private var scanCodeSet: UInt8 = 2
    private var leds: UInt8 = 0
    private var typematic: UInt8 = 0x2B

    private static var capacity: Int { 16 }
    /// Room for answers beyond that; who never reads them loses them.
    static var answerCapacity: Int { 32 }

    /// A byte of a set 1 scan code.
    mutating func press(_ code: UInt8) {
        guard isScanning else { return }
        guard queue.count < Self.capacity else {
            // The buffer's last place says that keys were lost.
            if queue.count == Self.capacity { queue.append(scanCodeSet == 1 ? 0xFF : 0) }
            return
        }
        if scanCodeSet == 1 || code == 0xE0 || code == 0xE1 { return queue.append(code) }
        if code & 0x80 != 0 { queue.append(0xF0) }
        queue.append(ScanCodes.set2(fromSet1: code & 0x7F))
    }

    /// Its next byte for the controller.
    mutating func take() -> UInt8? {
        guard !queue.isEmpty else { return nil }
        lastSent = queue.removeFirst()
        return lastSent
    }

    /// A byte from the controller.
    mutating func receive(_ value: UInt8) {
        answer(value)
        if queue.count > Self.answerCapacity { queue.removeSubrange(Self.answerCapacity...) }
    }

    private mutating func answer(_ value: UInt8) {
        // A command in place of a parameter is taken for what it is.
        if command != 0, value < 0x80 {
            defer { command = 0 }
            return receive(parameter: value)
        }
        command = 0
        switch value {
        case 0xED, 0xF0, 0xF3:
            command = value
            queue.append(0xFA)
        case 0xEE: queue.append(0xEE)
        // Set 2, 101 keys.
        case 0xF2: queue += [0xFA, 0xAB, 0x83]
        case 0xF4: (isScanning, queue) = (true, [0xFA])
        case 0xF5, 0xF6:
            setDefaults()
            isScanning = value == 0xF6
            queue = [0xFA]
        case 0xF7...0xFA: queue.append(0xFA)
        case 0xFE: queue.insert(lastSent, at: 0)
        case 0xFF:
            setDefaults()
            isScanning = true
            queue = [0xFA, 0xAA]
        default: queue.append(0xFE)
        }
    }

    private mutating func receive(parameter: UInt8) {
        switch command {
        case 0xED: leds = parameter & 7
        case 0xF3: typematic = parameter
        default:
            guard parameter < 3 else { return queue.append(0xFE) }
            if parameter == 0 { return queue += [0xFA, scanCodeSet] }
            scanCodeSet = parameter
        }
        queue.append(0xFA)
    }

    private mutating func setDefaults() { (scanCodeSet, typematic, leds) = (2, 0x2B, 0) }

    func hash(into hasher: inout StableHasher) {
        hasher.add(bytes: queue)
        hasher.add(UInt64(lastSent) | UInt64(command) << 8 | UInt64(scanCodeSet) << 16 | UInt64(leds) << 24 | UInt64(typematic) << 32)
        hasher.add([isScanning])
    }
}

/// Scan code set 2 to set 1, as the 8042 translates (IBM PS/2 Hardware Interface Technical Reference, "Scan Code Translation").
enum ScanCodes {
    private static let table: [UInt8] = [
        0xFF, 0x43, 0x41, 0x3F, 0x3D, 0x3B, 0x3C, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3E, 0x0F, 0x29, 0x59,
        0x65, 0x38, 0x2A, 0x70, 0x1D, 0x10, 0x02, 0x5A, 0x66, 0x71, 0x2C, 0x1F, 0x1E, 0x11, 0x03, 0x5B,
        0x67, 0x2E, 0x2D, 0x20, 0x12, 0x05, 0x04, 0x5C, 0x68, 0x39, 0x2F, 0x21, 0x14, 0x13, 0x06, 0x5D,
        0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5E, 0x6A, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5F,
        0x6B, 0x33, 0x25, 0x17, 0x18, 0x0B, 0x0A, 0x60, 0x6C, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0C, 0x61,
        0x6D, 0x73, 0x28, 0x74, 0x1A, 0x0D, 0x62, 0x6E, 0x3A, 0x36, 0x1C, 0x1B, 0x75, 0x2B, 0x63, 0x76,
        0x55, 0x56, 0x77, 0x78, 0x79, 0x7A, 0x0E, 0x7B, 0x7C, 0x4F, 0x7D, 0x4B, 0x47, 0x7E, 0x7F, 0x6F,
        0x52, 0x53, 0x50, 0x4C, 0x4D, 0x48, 0x01, 0x45, 0x57, 0x4E, 0x51, 0x4A, 0x37, 0x49, 0x46, 0x54,
    ]

    /// What the controller makes of a byte from the keyboard; answers of 85h and up pass.
    static func translate(_ code: UInt8) -> UInt8 {
        switch code {
        case 0..<0x80: table[Int(code)]
        case 0x83: 0x41
        case 0x84: 0x54
        default: code
        }
    }

    /// The set 2 code of a key whose set 1 code is given, 0 to 7Fh.
    static func set2(fromSet1 code: UInt8) -> UInt8 {
        switch code {
        // F7 and Alt-SysRq lie beyond 7Fh in set 2; their codes below belong to other keyboards.
        case 0x41: 0x83
        case 0x54: 0x84
        default: table.firstIndex(of: code).map { UInt8($0) } ?? 0
        }
    }
}
