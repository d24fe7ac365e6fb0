// SPDX-License-Identifier: GPL-3.0-or-later

/// An address as messages write it: `0x100000`.
func hexadecimal(_ address: some BinaryInteger) -> String { "0x" + String(address, radix: 16) }

/// Numbers in a file's bytes, least significant byte first.
struct LittleEndian {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// 16 bits at an offset; nil when the file ends before.
    func word(_ offset: Int) -> UInt16? {
        guard offset >= 0, offset + 2 <= bytes.count else { return nil }
        return UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
    }

    /// 32 bits at an offset; nil when the file ends before.
    func dword(_ offset: Int) -> UInt32? {
        guard let low = word(offset), let high = word(offset + 2) else { return nil }
        return UInt32(low) | UInt32(high) << 16
    }
}
