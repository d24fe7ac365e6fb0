// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Zydis 4.0, another decoder, loaded at run time (libzydis-dev or libzydis4.0). Offsets are those of its headers; the library's name carries their version.
final class Zydis {
    private typealias Initialise = @convention(c) (UnsafeMutableRawPointer, Int32, Int32) -> UInt32
    private typealias Decode =
        @convention(c) (UnsafeRawPointer, UnsafeMutableRawPointer?, UnsafeRawPointer, Int, UnsafeMutableRawPointer) -> UInt32
    private let decoder: UnsafeMutableRawPointer
    private let instruction: UnsafeMutableRawPointer
    private let decode: Decode

    /// A decoder for 32-bit or 16-bit code; nil when the library is not there.
    init?(big: Bool) {
        guard let library = dlopen("libZydis.so.4.0", RTLD_NOW | RTLD_LOCAL), let first = dlsym(library, "ZydisDecoderInit"),
            let second = dlsym(library, "ZydisDecoderDecodeInstruction")
        else { return nil }
        decode = unsafeBitCast(second, to: Decode.self)
        decoder = .allocate(byteCount: 64, alignment: 16)
        instruction = .allocate(byteCount: 512, alignment: 16)
        guard unsafeBitCast(first, to: Initialise.self)(decoder, big ? 3 : 4, big ? 1 : 0) & 0x8000_0000 == 0 else { return nil }
    }

    deinit {
        decoder.deallocate()
        instruction.deallocate()
    }

    /// Length and instruction set of an instruction; nil when it is none.
    func callAsFunction(_ bytes: UnsafeRawPointer) -> (length: Int, set: Int)? {
        guard decode(decoder, nil, bytes, 15, instruction) & 0x8000_0000 == 0 else { return nil }
        return (Int(instruction.load(fromByteOffset: 8, as: UInt8.self)), Int(instruction.load(fromByteOffset: 96, as: UInt32.self)))
    }

    /// Numbers of `ZydisISASet` that a processor of ours has: 8086 to Pentium Pro without MMX, and x87.
    static let ours: Set<Int> = [105, 99, 100, 101, 102, 103, 104, 133, 136, 87, 92, 91, 95, 115, 129, 138, 177]
}
