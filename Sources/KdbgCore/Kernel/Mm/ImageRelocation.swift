// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Base relocations (PE specification 6.6).
extension Mm {
    /// `LdrRelocateImageWithBias(BaseAddress, BiasLow, BiasHigh, LoaderName, Success, Conflict, Invalid) -> one of the last three`: adds to every address in the
    /// image what its base differs from `OptionalHeader.ImageBase`. Conflict: it says that its relocations were left out. Invalid: it has no
    /// headers, or a relocation leads out of it or is of an unknown kind.
    package static let relocateImageWithBias: Routine = .init(
        "LdrRelocateImageWithBias", ["BaseAddress", "BiasLow", "BiasHigh", "LoaderName", "Success", "Conflict", "Invalid"]
    ) { f in
        let base = f.argument(0)
        let headers = f.call(Rtl.imageNtHeader, base).as(IMAGE_NT_HEADERS.self)
        f.if(headers.isNull) { f.return(f.argument(6)) }
        f.if((headers.FileHeader.Characteristics & 1) != 0) { f.return(f.argument(5)) }
        let size = f.local(0)
        let block = f.local(f.call(Rtl.imageDirectory, base, 1, ImageDirectory.relocation, f.address(of: size))).as(
            IMAGE_BASE_RELOCATION.self)
        // Nothing in it depends on its base.
        f.if(block.isNull) { f.return(f.argument(4)) }
        let delta = f.local(base - headers.OptionalHeader.ImageBase + f.argument(1))
        let limit = f.local(headers.OptionalHeader.SizeOfImage)
        f.while(size >= IMAGE_BASE_RELOCATION.size.value) {
            let bytes = f.local(block.SizeOfBlock)
            f.if(bytes < IMAGE_BASE_RELOCATION.size.value || bytes > size || (bytes & 1) != 0) { f.return(f.argument(6)) }
            // The headers, which are believed from now on, hold no addresses.
            f.if(block.VirtualAddress < 0x1000 || block.VirtualAddress >= limit) { f.return(f.argument(6)) }
            let next = f.call(
                processRelocationBlock, base + block.VirtualAddress, (bytes - 8) >> 1, block.value + 8, delta, base + limit)
            f.if(next == 0) { f.return(f.argument(6)) }
            f.set(block.value, next)
            f.set(size, size - bytes)
        }
        f.return(f.argument(4))
    }

    /// `LdrpProcessRelocationBlock(Address, Count, TypeOffset*, Delta, Limit) -> address behind the block, or NULL`: the relocations of one page, none of which
    /// may reach the limit.
    private static let processRelocationBlock: Routine = .init(
        "LdrpProcessRelocationBlock", ["Address", "Count", "TypeOffset", "Delta", "Limit"]
    ) { f in
        let entry = f.local(f.argument(2))
        let end = f.local(entry + (f.argument(1) << 1))
        f.while(entry < end) {
            let place = f.local(f.argument(0) + (entry.word() & 0xFFF))
            let type = f.local(entry.word() >> 12)
            // ABSOLUTE only fills the block; HIGHLOW is what there is on i386; HIGH and LOW are halves.
            f.if(type != 0) {
                f.if(place + 4 > f.argument(4)) { f.return(0) }
                f.if(type == 3) {
                    f.add(place.dword(), f.argument(3))
                } else: {
                    f.if(type == 1) {
                        f.set(place.word(), place.word() + (f.argument(3) >> 16))
                    } else: {
                        f.if(type != 2) { f.return(0) }
                        f.set(place.word(), place.word() + f.argument(3))
                    }
                }
            }
            f.add(entry, 2)
        }
        f.return(end)
    }
}
