// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import X86

@testable import KdbgCore

/// kdcom.dll: the transport that comes along although a kernel with KDBG does not use it (spec/boot.md sections 0.3, 1.0 #1, 4.10).
struct KdComTests {
    /// A guest in phase 1 whose COM1 nobody uses.
    private func booted() -> KernelRun {
        let run = KernelRun(options: "DEBUG DEBUGPORT=SCREEN BAUDRATE=9600")
        run.run(to: "IoInitSystem", limit: 3_000_000_000)
        return run
    }

    /// A STRING in scratch memory.
    private func string(_ run: KernelRun, _ bytes: [UInt8]) -> UInt32 {
        let string = run.scratch(8 + UInt32(bytes.count) + 4)
        run.write(string, UInt32(bytes.count) | UInt32(bytes.count) << 16)
        run.write(string + 4, string + 8)
        for (index, byte) in bytes.enumerated() { _ = run.machine.write8(linear: string + 8 + UInt32(index), byte) }
        return string
    }

    private func control(_ type: UInt8, id: UInt32) -> [UInt8] {
        [0x69, 0x69, 0x69, 0x69, type, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) } + [0, 0, 0, 0]
    }

    @Test func kernelImportsItAndItImportsTheKernel() throws {
        let images = SystemImages.link(drivers: DriverImage.all).images
        let kernel = try #require(images.first { $0.image.module == .kernel })
        let transport = try #require(images.first { $0.image.module == .kdcom })
        #expect(
            kernel.image.imports.first { $0.module == "kdcom.dll" }?.names.map(\.name).sorted() == ["KdD0Transition", "KdD3Transition"])
        #expect(
            transport.image.exports.map(\.name).sorted() == [
                "KdD0Transition", "KdD3Transition", "KdDebuggerInitialize0", "KdDebuggerInitialize1", "KdReceivePacket", "KdRestore",
                "KdSave",
                "KdSendPacket",
            ])
        #expect(transport.image.imports.map(\.module) == ["ntoskrnl.exe"])
    }

    /// A packet goes out with leader, length, number, checksum and end; with an acknowledgement it is done, without one KD is taken for absent after all retries.
    @Test func packetsGoOutAndAreAcknowledged() {
        let run = booted()
        let context = run.scratch(8)
        run.write(context, 2)
        let header = string(run, [1, 2, 3])
        let data = string(run, [0xFF, 4])
        // Not initialised: nobody is there.
        run.write(run.address("KdDebuggerNotPresent"), 0)
        run.invoke("kdcom!KdSendPacket", 3, header, data, context)
        #expect(run.variable("KdDebuggerNotPresent") & 0xFF == 1)
        #expect(run.machine.drainSerial(port: 0) == [])

        #expect(run.invoke("kdcom!KdDebuggerInitialize0", run.variable("KeLoaderBlock")) == 0)
        #expect(run.read(run.address("kdcom!KdComPort")) == 0x3F8 && run.read(run.address("kdcom!KdComPort") + 4) == 9600)
        #expect(run.variable("KdComPortInUse") == 0x3F8)
        let packet: [UInt8] = [0x30, 0x30, 0x30, 0x30, 3, 0, 5, 0, 0, 8, 0x80, 0x80, 0x09, 1, 0, 0, 1, 2, 3, 0xFF, 4, 0xAA]
        run.write(run.address("KdDebuggerNotPresent"), 0)
        run.machine.receiveSerial(port: 0, control(4, id: 0x8080_0000))
        run.invoke("kdcom!KdSendPacket", 3, header, data, context)
        #expect(run.machine.drainSerial(port: 0) == packet)
        #expect(run.variable("KdDebuggerNotPresent") & 0xFF == 0)
        #expect(run.variable("kdcom!CurrentPacketId") == 0x8080_0001)

        // Nobody answers: sent twice.
        run.invoke("kdcom!KdSendPacket", 3, header, data, context, limit: 100_000_000)
        #expect(run.machine.drainSerial(port: 0).count == 2 * packet.count)
        #expect(run.variable("KdDebuggerNotPresent") & 0xFF == 1)
    }

    /// A packet that comes in is taken when its checksum holds, and acknowledged; a damaged one is asked for again; a break-in is seen.
    @Test(arguments: [0, 1] as [UInt8])
    func packetsComeIn(damage: UInt8) {
        let run = booted()
        #expect(run.invoke("kdcom!KdDebuggerInitialize0", 0) == 0)
        let context = run.scratch(8)
        let header = string(run, [0, 0])
        let data = string(run, [0, 0, 0, 0, 0, 0])
        let length = run.scratch(4)
        let packet: [UInt8] = [0x30, 0x30, 0x30, 0x30, 2, 0, 5, 0, 0, 8, 0x80, 0x80, 15 + damage, 0, 0, 0, 1, 2, 3, 4, 5, 0xAA]
        run.machine.receiveSerial(port: 0, packet)
        let result = run.invoke("kdcom!KdReceivePacket", 2, header, data, length, context, limit: 100_000_000)
        let answer = run.machine.drainSerial(port: 0)
        if damage == 0 {
            #expect(result == 0 && run.read(length) == 3)
            #expect([1, 2] == (0..<2).map { run.byte(header + 8 + $0) } && [3, 4, 5] == (0..<3).map { run.byte(data + 8 + $0) })
            #expect(answer == control(4, id: 0x8080_0000))
        } else {
            #expect(result == 1)
            #expect(answer == control(5, id: 0))
        }
        #expect(run.invoke("kdcom!KdReceivePacket", 8, 0, 0, 0, context) == 1)
        run.machine.receiveSerial(port: 0, [0x62])
        #expect(run.invoke("kdcom!KdReceivePacket", 8, 0, 0, 0, context) == 0)
    }

    @Test func sleepIsTheTransportsToo() {
        let run = booted()
        #expect(run.invoke("KdPowerTransition", 1) == 0)
        #expect(run.invoke("KdPowerTransition", 4) == 0)
        #expect(run.invoke("KdPowerTransition", 2) == 0xC000_00EF)
    }
}
