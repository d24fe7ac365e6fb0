// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Replays every vector file in Tests/Vectors, which Unicorn made (see generate.py there), and compares registers, defined flags and memory.
@Suite struct VectorTests {
    @Test(arguments: vectorFiles()) func replays(_ path: String) throws {
        let lines = try #require(readFile(path)).split(separator: "\n")
        #expect(lines.count > 100)
        let machine = flatMachine(memory: 0x40_0000)
        machine.writePhysical(0, (0..<0x40_0000).map(pattern))
        if path.hasSuffix("real.txt") { machine.enterRealMode() }
        let base = machine.registers
        var failures: [String] = []
        for line in lines {
            if let failure = VectorReplay(machine: machine, base: base).run(String(line)) { failures.append("\(line) | \(failure)") }
        }
        #expect(failures.isEmpty, "\(failures.count) of \(lines.count) differ:\n\(failures.prefix(60).joined(separator: "\n"))")
    }
}

/// What memory holds at first.
private func pattern(_ address: Int) -> UInt8 { UInt8(UInt32(truncatingIfNeeded: address &* 0x9E37_79B1) >> 24) }

/// Executes one vector and undoes what it did.
private struct VectorReplay {
    let machine: Machine
    let base: Registers

    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The initial registers and flags that a seed stands for: `state` in generate.py.
    static func initial(_ seed: UInt64) -> ([UInt32], UInt32) {
        var s = seed
        var registers: [UInt32] = []
        for i in 0..<8 {
            let r = next(&s)
            let v = r >> 8
            switch (i, r & 7) {
            case (4, _): registers.append(0x28000 + UInt32(v & 0xFFF))
            case (_, 0..<4): registers.append(0x20000 + UInt32(v & 0xFFFF))
            case (_, 4): registers.append(UInt32(v & 0xFF))
            case (_, 5): registers.append(0xFFFF_FFFF - UInt32(v & 0xFF))
            default: registers.append(UInt32(truncatingIfNeeded: v))
            }
        }
        let r = next(&s)
        return (registers, UInt32(r & 0x8D5) | 2 | (r >> 60 == 0 ? 0x400 : 0))
    }

    /// Nil when all is as expected, else what differs.
    func run(_ line: String) -> String? {
        let tokens = line.split(separator: " ")
        guard tokens.count >= 2, let seed = UInt64(tokens[0], radix: 16), let code = bytes(tokens[1]) else { return "malformed" }
        let address = base.cr0 & 1 == 0 ? 0xC000 + UInt32(seed & 0x1FF) * 32 : 0x30_0000 + UInt32(seed & 0x3FFF) * 64
        var (registers, flags) = Self.initial(seed)
        var r = base
        (r.eax, r.ecx, r.edx, r.ebx) = (registers[0], registers[1], registers[2], registers[3])
        (r.esp, r.ebp, r.esi, r.edi) = (registers[4], registers[5], registers[6], registers[7])
        (r.eip, r.eflags) = (address, flags)
        machine.writePhysical(address, code + Array(repeating: 0x90, count: 16))
        machine.registers = r
        var restore: [(UInt32, Int)] = [(address, code.count + 16)]
        defer { for (start, count) in restore { machine.writePhysical(start, (0..<count).map { pattern(Int(start) + $0) }) } }

        var eip = address + UInt32(code.count)
        var memory: [(UInt32, [UInt8])] = []
        var vector: UInt8?
        var count: UInt64 = 1
        for token in tokens.dropFirst(2) {
            switch token.first {
            case "a": registers[Int(String(token.dropFirst().prefix(1))) ?? 0] = UInt32(token.dropFirst(2), radix: 16) ?? 0
            case "p": eip = address &+ (UInt32(token.dropFirst(), radix: 16) ?? 0)
            case "f": flags = UInt32(token.dropFirst(), radix: 16) ?? 0
            case "n": count = UInt64(token.dropFirst()) ?? 1
            case "x": vector = UInt8(token.dropFirst())
            default:
                let parts = token.dropFirst().split(separator: ":")
                guard parts.count == 2, let start = UInt32(parts[0], radix: 16), let data = bytes(parts[1]) else { return "malformed" }
                memory.append((start, data))
                restore.append((start, data.count))
            }
        }
        // The loop alone: what a fault would be delivered to does not matter here.
        let cpu = machine.cpu
        cpu.pointee.deadline = cpu.pointee.count + count
        cpu.pointee.loop()
        let undefined = count > 1 ? EFlags.af : undefinedFlags(address)
        if cpu.pointee.hasFault {
            let fault = cpu.pointee.takeFault()
            return fault.vector == vector ? nil : "fault \(fault)"
        }
        if let vector { return "no exception \(vector)" }
        let after = machine.registers
        let got = [after.eax, after.ecx, after.edx, after.ebx, after.esp, after.ebp, after.esi, after.edi]
        if got != registers { return "registers \(got.map { String($0, radix: 16) })" }
        if after.eip != eip { return "eip +\(String(after.eip &- address, radix: 16))" }
        let mask = ~undefined & 0xCD5
        if (after.eflags ^ flags) & mask != 0 {
            return "flags \(String(after.eflags, radix: 16)) wrong \(String((after.eflags ^ flags) & mask, radix: 16))"
        }
        for (start, data) in memory {
            let found = machine.readPhysical(start, count: data.count)
            if found != data { return "memory at \(String(start, radix: 16)): \(found.map { String($0, radix: 16) })" }
        }
        return nil
    }

    private func undefinedFlags(_ address: UInt32) -> UInt32 {
        var bytes = machine.readPhysical(address, count: 16)[...]
        while let first = bytes.first, [0x66, 0x67, 0xF2, 0xF3].contains(first) { bytes = bytes.dropFirst() }
        var opcode = Int(bytes.removeFirst())
        if opcode == 0x0F { opcode = 0x100 + Int(bytes.removeFirst()) }
        return InstructionTable.shared.entries[opcode * 8 + Int(bytes.first ?? 0) >> 3 & 7].undefined
    }

    private func bytes(_ text: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = text
        while rest.count >= 2 {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            result.append(byte)
            rest = rest.dropFirst(2)
        }
        return result
    }
}

/// Every vector file, found from where this file lies.
private func vectorFiles() -> [String] {
    let folder = #filePath.split(separator: "/").dropLast(2).reduce("") { $0 + "/" + $1 } + "/Vectors"
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasPrefix("x86-"), name.hasSuffix(".txt") { names.append(folder + "/" + name) }
    }
    return names.sorted()
}

private func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
    }
}
