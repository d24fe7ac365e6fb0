// SPDX-License-Identifier: GPL-3.0-or-later

/// Bitmaps (RTL_BITMAP): bit 0 is the lowest bit of the first dword.
extension Rtl {
    /// `RtlInitializeBitMap(BitMap*, Buffer*, SizeOfBitMap)`: the bits stay as they are.
    package static let initializeBitMap: Routine = .init("RtlInitializeBitMap", ["BitMapHeader", "BitMapBuffer", "SizeOfBitMap"]) { f in
        let map = f.argument(0, RTL_BITMAP.self)
        f.set(map.SizeOfBitMap, f.argument(2))
        f.set(map.Buffer, f.argument(1))
        f.return()
    }

    private static func byte(_ map: Pointer<RTL_BITMAP>, _ bit: Value) -> Value { (map.Buffer + (bit >> 3)).byte() }
    private static func mask(_ bit: Value) -> Value { Value(1) << (bit & 7) }

    /// `RtlTestBit(BitMap*, BitNumber) -> BOOLEAN`; 0 beyond the end.
    package static let testBit: Routine = .init("RtlTestBit", ["BitMapHeader", "BitNumber"]) { f in
        let map = f.argument(0, RTL_BITMAP.self)
        f.if(f.argument(1) >= map.SizeOfBitMap) { f.return(0) }
        f.return((byte(map, f.argument(1)) & mask(f.argument(1))) != 0)
    }

    /// `RtlSetBits(BitMap*, StartingIndex, NumberToSet)`.
    package static let setBits: Routine = change("RtlSetBits") { f, map, bit in
        f.set(byte(map, bit), byte(map, bit) | mask(bit))
    } whole: {
        f, map, bit in
        f.set(byte(map, bit), 0xFF)
    }

    /// `RtlClearBits(BitMap*, StartingIndex, NumberToClear)`.
    package static let clearBits: Routine = change("RtlClearBits") { f, map, bit in
        f.set(byte(map, bit), byte(map, bit) & ~mask(bit))
    } whole: {
        f, map, bit in
        f.set(byte(map, bit), 0)
    }

    /// A routine that changes a range of bits, byte by byte in the middle.
    private static func change(
        _ name: String, bit one: @escaping @Sendable (Function, Pointer<RTL_BITMAP>, Value) -> Void,
        whole: @escaping @Sendable (Function, Pointer<RTL_BITMAP>, Value) -> Void
    ) -> Routine {
        Routine(name, ["BitMapHeader", "StartingIndex", "NumberOfBits"]) { f in
            let map = f.argument(0, RTL_BITMAP.self)
            let bit = f.local(f.argument(1))
            let left = f.local(f.argument(2))
            f.while(left != 0) {
                f.if((bit & 7) == 0 && left >= 8) {
                    whole(f, map, bit)
                    f.add(bit, 8)
                    f.set(left, left - 8)
                } else: {
                    one(f, map, bit)
                    f.add(bit, 1)
                    f.set(left, left - 1)
                }
            }
            f.return()
        }
    }

    /// `RtlFindClearBits(BitMap*, NumberToFind, HintIndex) -> first of that many clear bits in a row, or 0xFFFFFFFF`: from the hint to the end, then
    /// from the beginning.
    package static let findClearBits: Routine = .init("RtlFindClearBits", ["BitMapHeader", "NumberToFind", "HintIndex"]) { f in
        let found = f.call(findClearBitsFrom, f.argument(0), f.argument(1), f.argument(2))
        f.if(found != 0xFFFF_FFFF || f.argument(2) == 0) { f.return(found) }
        f.return(f.call(findClearBitsFrom, f.argument(0), f.argument(1), 0))
    }

    private static let findClearBitsFrom: Routine = .init("RtlpFindClearBits", ["BitMapHeader", "NumberToFind", "Index"]) { f in
        let map = f.argument(0, RTL_BITMAP.self)
        let bit = f.local(f.argument(2))
        let run = f.local(0)
        f.while(bit < map.SizeOfBitMap) {
            f.if((bit & 7) == 0 && byte(map, bit) == 0xFF) {
                f.set(run, 0)
                f.add(bit, 8)
                f.continue()
            }
            f.if((byte(map, bit) & mask(bit)) != 0) {
                f.set(run, 0)
            } else: {
                f.add(run, 1)
            }
            f.add(bit, 1)
            f.if(run == f.argument(1)) { f.return(bit - run) }
        }
        f.return(0xFFFF_FFFF as Value)
    }
}
