// SPDX-License-Identifier: GPL-3.0-or-later

/// Heads and sectors, by which cylinder, head and sector numbers become sector numbers. A disk starts with the same as all others.
struct ATAGeometry: Equatable, Sendable {
    var heads = 16
    var sectorsPerTrack = 63

    /// Sectors of a cylinder.
    var cylinder: Int { heads * sectorsPerTrack }
}

/// The command block registers at 1F1h to 1F6h. Each but the device register is two deep: a write moves the old value back, where 48-bit commands find the upper
/// half (ATA/ATAPI-6, 6.2 and 7).
struct ATATaskFile: Equatable, Sendable {
    /// Features, count, LBA low, middle, high: the byte written last in bits 0 to 7, the one before it in bits 8 to 15. After reset they hold the signature of
    /// a disk.
    private var registers: [UInt16] = [0, 1, 1, 0, 0]
    private(set) var device: UInt8 = 0

    /// IN from 1F2h to 1F6h; `high`: HOB is set.
    func read(_ port: UInt16, high: Bool) -> UInt8 {
        port == 0x1F6 ? device | 0xA0 : UInt8(truncatingIfNeeded: registers[Int(port - 0x1F1)] >> (high ? 8 : 0))
    }

    /// OUT to 1F1h to 1F6h.
    mutating func write(_ port: UInt16, _ value: UInt8) {
        if port == 0x1F6 {
            device = value
        } else {
            registers[Int(port - 0x1F1)] = registers[Int(port - 0x1F1)] << 8 | UInt16(value)
        }
    }

    var features: UInt8 { UInt8(truncatingIfNeeded: registers[0]) }

    /// The count register; the command may set it for an answer.
    var count: UInt8 {
        get { UInt8(truncatingIfNeeded: registers[1]) }
        set { registers[1] = registers[1] & 0xFF00 | UInt16(newValue) }
    }

    /// Sectors a command is about; 0 stands for the most.
    func sectorCount(is48Bit: Bool) -> Int {
        if is48Bit { return registers[1] == 0 ? 0x1_0000 : Int(registers[1]) }
        return count == 0 ? 256 : Int(count)
    }

    private func low(_ n: Int) -> Int { Int(registers[n] & 0xFF) }
    private func high(_ n: Int) -> Int { Int(registers[n] >> 8) }

    /// The first sector a command is about, nil when CHS numbers are outside the geometry.
    func address(is48Bit: Bool, _ geometry: ATAGeometry) -> Int? {
        let low24 = low(4) << 16 | low(3) << 8 | low(2)
        if is48Bit { return high(4) << 40 | high(3) << 32 | high(2) << 24 | low24 }
        let head = Int(device & 15)
        if device & 0x40 != 0 { return head << 24 | low24 }
        guard low(2) > 0, low(2) <= geometry.sectorsPerTrack, head < geometry.heads else { return nil }
        return ((low(4) << 8 | low(3)) * geometry.heads + head) * geometry.sectorsPerTrack + low(2) - 1
    }

    /// The sector transferred last, and how many are left.
    mutating func setTransferred(_ sector: Int, left: Int, _ geometry: ATAGeometry) {
        setAddress(sector, is48Bit: false, geometry)
        count = UInt8(truncatingIfNeeded: left)
    }

    /// Shows a sector's address in the form the command used.
    mutating func setAddress(_ sector: Int, is48Bit: Bool, _ geometry: ATAGeometry) {
        var address = sector
        if device & 0x40 == 0, !is48Bit {
            let track = sector / geometry.sectorsPerTrack
            address = (track / geometry.heads) << 8 | sector % geometry.sectorsPerTrack + 1
            device = device & 0xF0 | UInt8(track % geometry.heads)
        } else if !is48Bit {
            device = device & 0xF0 | UInt8(sector >> 24 & 15)
        }
        for n in 0..<3 {
            let upper = is48Bit ? UInt16(sector >> (24 + 8 * n) & 0xFF) << 8 : registers[n + 2] & 0xFF00
            registers[n + 2] = upper | UInt16(address >> (8 * n) & 0xFF)
        }
    }

    func hash(into hasher: inout StableHasher) {
        for register in registers { hasher.add(register) }
        hasher.add(device)
    }
}
