// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The hash of the devices against their equality, which the compiler writes and so forgets nothing.
@Suite struct DeviceHashTests {
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private static let ports: [UInt16] =
        Array(0x00...0x0F) + Array(0x20...0x21) + Array(0x40...0x43) + [0x60, 0x61, 0x64] + Array(0x70...0x71) + Array(0x80...0x8F) + [0x92]
        + Array(0xA0...0xA1) + Array(0xC0...0xDF) + Array(0x1F0...0x1F7) + Array(0x2F8...0x2FF) + Array(0x3B4...0x3B5)
        + Array(0x3C0...0x3CF)
        + Array(0x3D4...0x3D5) + [0x3DA, 0x3F6] + Array(0x3F8...0x3FF) + Array(0x4D0...0x4D1)

    private func hash(_ devices: Devices) -> UInt64 {
        var hasher = StableHasher()
        devices.hash(into: &hasher)
        return hasher.value
    }

    /// After each of many random accesses: the hash is another one exactly when a device is another one.
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func hashChangesExactlyWhenTheDevicesDo(_ seed: UInt64) {
        var random = Random(state: seed)
        let p = DevicePorts()
        p.machine.disk.attach(bytes: Array(repeating: 0x5A, count: 4096), size: 1 << 20)
        var changes = 0
        for step in 0..<20_000 {
            let before = p.machine.devices.save()
            let hashBefore = hash(p.machine.devices)
            let port = Self.ports.randomElement(using: &random)!
            let size = [1, 1, 1, 2, 4].randomElement(using: &random)!
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: p.machine.portOut(port, size: size, UInt32.random(in: 0...UInt32.max, using: &random))
            case 5..<8: _ = p.machine.portIn(port, size: size)
            case 8: p.wait(instructions: UInt64.random(in: 0..<5000, using: &random))
            default:
                switch Int.random(in: 0..<3, using: &random) {
                case 0: p.machine.pressKey(scanCode: UInt8.random(in: 1...0x58, using: &random))
                case 1: p.machine.receiveSerial(port: 0, [UInt8.random(in: 0...255, using: &random)])
                default: if p.isRequesting { _ = p.acknowledge() }
                }
            }
            let isSame = p.machine.devices.equals(before)
            if isSame != (hash(p.machine.devices) == hashBefore) {
                Issue.record("step \(step), port \(port): equal \(isSame), hash equal \(!isSame)")
                return
            }
            if !isSame { changes += 1 }
            // And back: a restored copy is equal and hashes the same.
            if step % 100 == 0 {
                p.machine.devices.restore(before)
                #expect(p.machine.devices.equals(before))
                #expect(hash(p.machine.devices) == hashBefore)
            }
        }
        #expect(changes > 5000)
    }

    /// What a machine has besides memory and devices: adding a property means adding it to the hash and to the snapshot, and then here.
    @Test func processorStateIsCounted() {
        #expect(Mirror(reflecting: Registers.reset).children.count == 30)
        #expect(Mirror(reflecting: ModelSpecific()).children.count == 7)
        #expect(Mirror(reflecting: FPUState()).children.count == 6)
    }

    @Test func everyRegisterCounts() {
        let machine = flatMachine()
        var seen: Set<UInt64> = [machine.stateHash()]
        let fields: [WritableKeyPath<Registers, UInt32>] = [
            \.eax, \.ecx, \.edx, \.ebx, \.esp, \.ebp, \.esi, \.edi, \.eip, \.cr2, \.cr3, \.dr0, \.dr1, \.dr2, \.dr3,
        ]
        for field in fields {
            machine.registers[keyPath: field] += 0x1000
            #expect(seen.insert(machine.stateHash()).inserted)
        }
        let segments: [WritableKeyPath<Registers, Segment>] = [\.es, \.cs, \.ss, \.ds, \.fs, \.gs, \.ldtr, \.tr]
        for segment in segments {
            machine.registers[keyPath: segment].limit ^= 0x1000
            #expect(seen.insert(machine.stateHash()).inserted)
            machine.registers[keyPath: segment].base += 0x10
            #expect(seen.insert(machine.stateHash()).inserted)
        }
        machine.writePhysical8(0x12_3456, 1)
        #expect(seen.insert(machine.stateHash()).inserted)
        // The same byte elsewhere is another state; back to zero it is the old one.
        machine.writePhysical8(0x12_3456, 0)
        machine.writePhysical8(0x12_4456, 1)
        let other = machine.stateHash()
        #expect(seen.insert(other).inserted)
        machine.writePhysical8(0x12_4456, 0)
        #expect(!seen.insert(machine.stateHash()).inserted)
        machine.disk.attach(bytes: [1, 2, 3], size: 4096)
        #expect(seen.insert(machine.stateHash()).inserted)
        let disk = machine.stateHash()
        machine.disk.write(offset: 1000, [7])
        #expect(seen.insert(machine.stateHash()).inserted)
        machine.disk.write(offset: 1000, [0])
        #expect(machine.stateHash() == disk)
    }
}
