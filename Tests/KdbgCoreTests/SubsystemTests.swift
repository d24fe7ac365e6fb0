// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// Subsystems that are small here, and do what their rows say: file-system library, local procedure calls, power, time zone (spec/boot.md section 1.8).
struct SubsystemTests {
    @Test func fileSystemsShareSixteenResources() {
        let run = KernelRun.probe()
        let resources = run.variable("FsRtlPagingIoResources")
        #expect(run.read(resources - 4) & 0x7FFF_FFFF == poolTag("FSrs"))
        let list = Set(run.list(run.address("ExpSystemResourcesList")))
        let given = (0..<17).compactMap { _ in run.invoke("FsRtlAllocateResource") }
        #expect(given == (0..<17).map { resources + 0x38 * ($0 % 16) } && list.isSuperset(of: given))
        let lookasides = Set(run.list(run.address("ExPagedLookasideListHead")).map { $0 - 0x30 })
        #expect(lookasides.isSuperset(of: [run.address("TunnelLookasideList"), run.address("FsRtlFirstMappingLookasideList")]))
        #expect(run.read(run.address("TunnelLookasideList") + 0x20) == poolTag("TunL"))
    }

    @Test func portsHaveTypes() {
        let run = KernelRun.probe()
        let (port, waitable) = (run.variable("LpcPortObjectType"), run.variable("LpcWaitablePortObjectType"))
        #expect(run.object(#"\ObjectTypes\Port"#) == port && run.object(#"\ObjectTypes\WaitablePort"#) == waitable)
        // Pool, valid access, what waiters wait on.
        #expect([run.read(port + 0x80), run.read(waitable + 0x80)] == [1, 0])
        #expect([run.read(port + 0x78), run.read(waitable + 0x78)] == [0x1F_0001, 0x1F_0001])
        #expect(run.read(waitable + 0x48) == 0x94 && run.read(port + 0x48) >= 0x8000_0000)
        #expect(run.read(port + 0x64) == 0x7B2 && run.variable("LpcpNextMessageId") == 1)
    }

    @Test func powerHearsOfButtonsAndLids() {
        let run = KernelRun()
        run.run(to: "PspInitPhase1", limit: 1_000_000_000)
        #expect(run.list(run.address("PiNotifyDeviceInterfaceListHead")).count == 2)
        func name(_ guid: String) -> UInt32 { run.unicode(#"\??\ACPI#PNP0C0C#0#"# + guid) }
        let button = name("{4afa3d53-74a7-11d0-be5e-00a0c9062857}")
        let lid = name("{4AFA3D52-74A7-11D0-BE5E-00A0C9062857}")
        let other = name("{4AFA3D54-74A7-11D0-BE5E-00A0C9062857}")
        func counts() -> [UInt32] { [run.variable("PopButtonCount"), run.variable("PopLidCount")] }
        #expect(counts() == [0, 0])
        for (event, link, expected) in [
            (0xCB3A_4004, button, [1, 0]), (0xCB3A_4004, lid, [1, 1]), (0xCB3A_4004, other, [1, 1]), (0xCB3A_4005, button, [0, 1]),
            (0xCB3A_4004, run.unicode("{4afa3d53"), [0, 1]),
        ] as [(UInt32, UInt32, [UInt32])] {
            run.invoke("IopNotifyInterfaceChange", event, link)
            #expect(counts() == expected)
        }
    }

    /// A zone of the registry: minutes, and TIME_FIELDS as month, day or number of the Sunday, hour.
    struct Zone: Sendable {
        let bias: Int32
        var daylight: Int32 = -60
        var standardStart: [UInt8] = [0, 0, 0]
        var daylightStart: [UInt8] = [0, 0, 0]

        func key() -> HiveKey {
            func start(_ fields: [UInt8]) -> [UInt8] { [0, 0, fields[0], 0, fields[1], 0, fields[2], 0, 0, 0, 0, 0, 0, 0, 0, 0] }
            return HiveKey(
                "TimeZoneInformation",
                [
                    .init("ActiveTimeBias", .number(UInt32(bitPattern: bias))), .init("Bias", .number(UInt32(bitPattern: bias))),
                    .init("DaylightBias", .number(UInt32(bitPattern: daylight))), .init("DaylightStart", .binary(start(daylightStart))),
                    .init("StandardBias", .number(0)), .init("StandardStart", .binary(start(standardStart))),
                ])
        }
    }

    static let berlin = Zone(bias: -60, standardStart: [10, 5, 3], daylightStart: [3, 5, 2])
    static let sydney = Zone(bias: -600, standardStart: [4, 1, 3], daylightStart: [10, 1, 2])
    static let newYork = Zone(bias: 300, standardStart: [11, 1, 2], daylightStart: [3, 2, 2])
    static let tokyo = Zone(bias: -540, daylight: 0)

    private func boot(_ zone: Zone) -> KernelRun {
        let run = KernelRun(registry: { hive in
            let set = hive.root.keys.firstIndex { $0.name == "ControlSet001" }!
            let control = hive.root.keys[set].keys.firstIndex { $0.name == "Control" }!
            let place = hive.root.keys[set].keys[control].keys.firstIndex { $0.name == "TimeZoneInformation" }!
            hive.root.keys[set].keys[control].keys[place] = zone.key()
        })
        run.run(to: "FsRtlInitSystem", limit: 1_000_000_000)
        return run
    }

    private func bias(_ run: KernelRun, _ address: UInt32) -> Int64 {
        Int64(bitPattern: UInt64(run.read(address + 4)) << 32 | UInt64(run.read(address))) / 600_000_000
    }

    /// At the machine's date, 1 January 2026.
    @Test(arguments: [(berlin, 1, -60), (sydney, 2, -660), (newYork, 1, 300), (tokyo, 0, -540)] as [(Zone, UInt32, Int64)])
    func theBiasInForceIsEverywhere(zone: Zone, id: UInt32, minutes: Int64) {
        let run = boot(zone)
        #expect(run.variable("ExpTimeZoneId") == id && run.read(0xFFDF_0240) == id)
        #expect(bias(run, run.address("ExpTimeZoneBias")) == minutes && bias(run, 0xFFDF_0020) == minutes)
        #expect(run.read(0xFFDF_0024) == run.read(0xFFDF_0028))
        #expect(Int64(Int32(bitPattern: run.variable("ExpLastTimeZoneBias"))) == minutes)
        // The clock on the wall says midnight and a few seconds.
        let time = Int64(bitPattern: UInt64(run.read(0xFFDF_0018)) << 32 | UInt64(run.read(0xFFDF_0014)))
        let local = time / 10_000_000 - minutes * 60
        #expect((155_228 * 86_400..<155_228 * 86_400 + 60).contains(local), "\(local)")
    }

    /// Seconds since 1601 of a moment of universal time, and what is in force then.
    @Test(
        arguments: [
            // 2026: 29 March 01:00 and 25 October 01:00.
            (berlin, 155_315, 3_599, 1), (berlin, 155_315, 3_600, 2), (berlin, 155_525, 3_599, 2), (berlin, 155_525, 3_600, 1),
            // 4 April 16:00 and 3 October 16:00.
            (sydney, 155_321, 57_599, 2), (sydney, 155_321, 57_600, 1), (sydney, 155_503, 57_599, 1), (sydney, 155_503, 57_600, 2),
            // 8 March 07:00 and 1 November 06:00.
            (newYork, 155_294, 25_199, 1), (newYork, 155_294, 25_200, 2), (newYork, 155_532, 21_599, 2), (newYork, 155_532, 21_600, 1),
            (tokyo, 155_400, 0, 0),
        ] as [(Zone, Int64, Int64, UInt32)])
    func changesComeAtTheirMoment(zone: Zone, day: Int64, second: Int64, id: UInt32) {
        let run = boot(zone)
        let time = run.scratch(8)
        let ticks = UInt64((day * 86_400 + second) * 10_000_000)
        run.write(time, UInt32(truncatingIfNeeded: ticks))
        run.write(time + 4, UInt32(truncatingIfNeeded: ticks >> 32))
        #expect(run.invoke("ExRefreshTimeZoneInformation", time) == 1)
        #expect(run.variable("ExpTimeZoneId") == id)
        let minutes = Int64(zone.bias) + (id == 2 ? Int64(zone.daylight) : 0)
        #expect(bias(run, run.address("ExpTimeZoneBias")) == minutes && bias(run, 0xFFDF_0020) == minutes)
        // The registry knows it too.
        let key = run.object(#"\REGISTRY"#)
        #expect(key != 0 && Int64(Int32(bitPattern: run.variable("ExpLastTimeZoneBias"))) == minutes)
    }
}
