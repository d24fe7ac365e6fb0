// SPDX-License-Identifier: GPL-3.0-or-later

/// Who has which part of RAM while a program is being loaded: finds overlaps, and room for what may lie anywhere.
struct Placement {
    private let map: MemoryMap
    private var taken: [(start: UInt64, end: UInt64, what: String)] = []

    init(_ map: MemoryMap) { self.map = map }

    /// The end of everything that was taken.
    var end: UInt64 { taken.map(\.end).max() ?? 0 }

    /// Takes a range that somebody has named.
    /// - Parameter what: what goes there, for the message.
    /// - Throws: when it is not all usable RAM, or some of it is taken.
    mutating func take(_ start: UInt32, _ length: UInt64, for what: String, of file: BareConfiguration.File) throws(LoadError) {
        let start = UInt64(start)
        let place = "\(what) at \(hexadecimal(start))"
        guard map.isUsable(start, length) else {
            let end = hexadecimal(start + length)
            guard start + length > UInt64(map.size) else {
                throw LoadError(
                    file, "\(place) to \(end) reaches into what is not RAM but the display's and the firmware's (0x9fc00 to 0x100000)")
            }
            throw LoadError(file, "\(place) to \(end) does not fit into \(map.size >> 20) MiB of RAM (--memory)")
        }
        if let other = taken.first(where: { $0.start < start + length && start < $0.end }) {
            throw LoadError(file, "\(place) overlaps \(other.what) at \(hexadecimal(other.start))")
        }
        taken.append((start, start + length, what))
    }

    /// Takes free room from `lowest` on.
    /// - Returns: its address, a multiple of `alignment`; nil when there is none.
    mutating func find(_ length: Int, alignment: UInt64, from lowest: UInt64) -> UInt32? {
        let starts = [lowest] + taken.map(\.end) + map.ranges.map(\.start)
        let candidates = starts.map { ($0 + alignment - 1) / alignment * alignment }.filter { $0 >= lowest }.sorted()
        let length = UInt64(max(length, 1))
        guard
            let start = candidates.first(where: { start in
                map.isUsable(start, length) && !taken.contains { $0.start < start + length && start < $0.end }
            })
        else { return nil }
        taken.append((start, start + length, "the loader's data"))
        return UInt32(start)
    }
}
