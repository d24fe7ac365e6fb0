// SPDX-License-Identifier: GPL-3.0-or-later

import SystemPackage
import X86

/// Measurements that need the inside of the process; `tools/bench` runs this program and holds the results against the issues' targets.
@main enum Bench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 2 else { fatalError("usage: KdbgBench GUEST.elf") }
        let guest = ELFGuest(file: try contents(of: arguments[1]))
        let machine = guest.machine()
        let clock = ContinuousClock()
        var reason = StopReason.instructionLimit
        let time = clock.measure { reason = machine.run(until: .max, passingStopAtStart: false) }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
        print("\(reason)")
        print(String(decoding: machine.drainConsole(), as: UTF8.self), terminator: "")
        print("\(machine.instructionCount) instructions, \(seconds) s, \(Double(machine.instructionCount) / seconds / 1e6) million/s")
    }

    private static func contents(of path: String) throws -> [UInt8] {
        let descriptor = try FileDescriptor.open(FilePath(path), .readOnly)
        return try descriptor.closeAfter {
            let size = Int(try descriptor.seek(offset: 0, from: .end))
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try descriptor.read(fromAbsoluteOffset: 0, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }
}
