// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// The object manager by its routines, called from a driver: handle tables, name collisions, exclusive use, deferred deletion, links, queries.
struct ObObjectTests {
    private static let driver = LogDriver("objtest")

    private static func log(_ body: @escaping @Sendable (Function) -> Void) -> (values: [UInt32], run: KernelRun) {
        let run = KernelRun(extra: [driver.image(body)])
        run.run(to: "IopReinitializeBootDrivers", limit: 1_000_000_000)
        return (LogDriver.values(run), run)
    }

    /// Creates an event; notes the status, yields the cell with the handle.
    private static func createEvent(_ f: Function, _ name: String?, _ attributes: UInt32 = 0) -> Value {
        let handle = f.local(0)
        let block = f.objectAttributes(name.map { f.unicode($0) } ?? 0, attributes | 0x40)
        driver.note(f, f.call(Ex.ntCreateEvent, f.address(of: handle), 0x1F_0003, block, 0, 0))
        return handle
    }

    @Test func handleTablesGrowByLevels() {
        let (values, run) = Self.log { f in
            let first = f.local(0)
            let last = f.local(0)
            let count = f.local(0)
            let handle = f.local(0)
            let object = f.local(0)
            f.while(count < 1200) {
                f.call(Ex.ntCreateEvent, f.address(of: handle), 0x1F_0003, 0, 0, 0)
                f.if(count == 0) { f.set(first, handle) }
                f.if((handle & 0x7FF) == 0) { Self.driver.note(f, 0xBAD) }
                f.set(last, handle)
                f.add(count, 1)
            }
            Self.driver.note(f, Ob.kernelHandleTable.dword.dword() & 3)
            Self.driver.note(f, last > 0x1000)
            Self.driver.note(f, f.call(Ob.referenceObjectByHandle, last, 2, Ex.eventObjectType.dword, 0, f.address(of: object), 0))
            Self.driver.note(f, f.call(Ob.dereferenceObject, object))
            Self.driver.note(f, f.call(Ob.ntClose, last))
            Self.driver.note(f, f.call(Ob.ntClose, last))
            // The freed one comes first.
            f.call(Ex.ntCreateEvent, f.address(of: handle), 0x1F_0003, 0, 0, 0)
            Self.driver.note(f, handle == last)
            // The first entry of each page is no handle.
            Self.driver.note(f, f.call(Ob.ntClose, 0x800))
            Self.driver.note(f, f.call(Ob.referenceObjectByHandle, last, 2, Ps.processType.dword, 0, f.address(of: object), 0))
        }
        #expect(values == [1, 1, 0, 1, 0, 0xC000_0008, 1, 0xC000_0008, 0xC000_0024])
        let type = run.variable("ExEventObjectType")
        #expect(run.read(type + 0x54) >= 1200 && run.read(type + 0x5C) >= run.read(type + 0x54))
    }

    @Test func namesCollideUnlessAskedFor() {
        let (values, run) = Self.log { f in
            let first = Self.createEvent(f, #"\KernelObjects\TestOne"#)
            _ = Self.createEvent(f, #"\KernelObjects\TestOne"#)
            let again = Self.createEvent(f, #"\KernelObjects\testone"#, 0x80)
            _ = Self.createEvent(f, #"\KernelObjects\Missing\TestTwo"#)
            _ = Self.createEvent(f, "TestThree")
            // A directory of that name is another type.
            let handle = f.local(0)
            Self.driver.note(
                f,
                f.call(
                    Ob.ntCreateDirectoryObject, f.address(of: handle), 0xF000F,
                    f.objectAttributes(f.unicode(#"\KernelObjects\TestOne"#), 0xC0)))
            Self.driver.note(f, f.call(Ob.ntClose, first))
            let object = f.local(0)
            Self.driver.note(
                f,
                f.call(
                    Ob.referenceObjectByName, f.unicode(#"\KernelObjects\TestOne"#), 0x40, 0, 0, Ex.eventObjectType.dword, 0, 0,
                    f.address(of: object)))
            Self.driver.note(f, f.call(Ob.dereferenceObject, object))
            // The last handle takes the name with it.
            Self.driver.note(f, f.call(Ob.ntClose, again))
            Self.driver.note(
                f,
                f.call(
                    Ob.referenceObjectByName, f.unicode(#"\KernelObjects\TestOne"#), 0x40, 0, 0, Ex.eventObjectType.dword, 0, 0,
                    f.address(of: object)))
        }
        #expect(
            values == [
                0, 0xC000_0035, 0x4000_0000, 0xC000_003A, 0xC000_003B, 0xC000_0024, 0, 0, 2, 0, 0xC000_0034,
            ])
        #expect(run.object(#"\KernelObjects\TestOne"#) == 0)
    }

    @Test func exclusiveObjectsAndProtectedHandles() {
        let (values, _) = Self.log { f in
            let handle = Self.createEvent(f, #"\KernelObjects\TestExclusive"#, 0x20)
            let object = f.local(0)
            f.call(Ob.referenceObjectByHandle, handle, 0, 0, 0, f.address(of: object), 0)
            let header = Pointer<OBJECT_HEADER>.of(object)
            // Quota information before name information; its last word is the process.
            Self.driver.note(f, header.QuotaInfoOffset)
            Self.driver.note(f, header.quotaInfo.ExclusiveProcess.value == Ps.initialSystemProcess.dword)
            let other = f.local(0)
            Self.driver.note(f, f.call(Ob.openObjectByPointer, object, 0, 0, 2, 0, 0, f.address(of: other)))
            Self.driver.note(f, f.call(Ob.openObjectByPointer, object, 0x20, 0, 2, 0, 0, f.address(of: other)))
            let flags = f.local(0x100)
            f.call(Ob.setHandleAttributes, other, f.address(of: flags), 0)
            Self.driver.note(f, f.call(Ob.ntClose, other))
            f.set(flags, 0)
            f.call(Ob.setHandleAttributes, other, f.address(of: flags), 0)
            Self.driver.note(f, f.call(Ob.ntClose, other))
            Self.driver.note(f, header.HandleCount)
        }
        #expect(values == [0, 0x28, 1, 0xC000_0022, 0, 0xC000_0235, 0, 1])
    }

    @Test func deletionWaitsForALowLevel() {
        let (values, run) = Self.log { f in
            let handle = Self.createEvent(f, nil)
            let object = f.local(0)
            f.call(Ob.referenceObjectByHandle, handle, 0, 0, 0, f.address(of: object), 0)
            f.call(Ob.ntClose, handle)
            let type = f.local(Ex.eventObjectType.dword).as(OBJECT_TYPE.self)
            let before = f.local(type.TotalNumberOfObjects)
            let irql = f.call(Hal.raiseIrqlToDpcLevel)
            f.call(Ob.dereferenceObject, object)
            Self.driver.note(f, before - type.TotalNumberOfObjects)
            Self.driver.note(f, Ob.reaperList.dword + 0x18 == object)
            f.call(Hal.lowerIrql, irql)
            let time = f.structure(LARGE_INTEGER.self)
            f.set(time.LowPart, UInt32(truncatingIfNeeded: -300_000))
            f.set(time.HighPart, 0xFFFF_FFFF as Value)
            f.call(Ke.delayExecutionThread, 0, 0, time)
            Self.driver.note(f, before - type.TotalNumberOfObjects)
        }
        #expect(values == [0, 0, 1, 1])
        #expect(run.variable("ObpReaperList") == 0)
    }

    @Test func driveLettersKnowTheirDevice() {
        let (values, run) = Self.log { f in
            Self.driver.note(f, f.call(Ob.createSymbolicLink, f.unicode(#"\??\Q:"#), f.unicode(#"\Device\RawDisk\Part"#)))
            Self.driver.note(f, f.call(Ob.createSymbolicLink, f.unicode(#"\??\R:"#), f.unicode(#"\Device\Nowhere"#)))
        }
        #expect(values == [0, 0])
        let map = run.variable("ObSystemDeviceMap")
        #expect(run.read(map + 0xC) >> 16 & 3 == 3)
        let link = run.object(#"\GLOBAL??\Q:"#)
        #expect(run.read(link + 0x18) == run.object(#"\Device\RawDisk"#) && run.read(link + 0x1C) == 17)
        #expect(run.string(link + 0x10) == #"\Part"#)
        let dangling = run.object(#"\GLOBAL??\R:"#)
        #expect(run.read(dangling + 0x18) == 0 && run.read(dangling + 0x1C) == 18)
    }

    @Test func objectsCanBeAskedAbout() {
        let (values, run) = Self.log { f in
            let handle = Self.createEvent(f, #"\KernelObjects\TestNamed"#)
            let buffer = f.buffer(128)
            let length = f.local(0)
            Self.driver.note(f, f.call(Ob.ntQueryObject, handle, 0, buffer, 0x38, f.address(of: length)))
            Self.driver.note(f, buffer.dword(8))
            Self.driver.note(f, buffer.dword(12))
            Self.driver.note(f, f.call(Ob.ntQueryObject, handle, 1, buffer, 16, f.address(of: length)))
            Self.driver.note(f, length)
            Self.driver.note(f, f.call(Ob.ntQueryObject, handle, 1, buffer, 128, f.address(of: length)))
            Self.driver.note(f, buffer.word())
            Self.driver.note(f, (buffer + 8 + 28).dword())
            let copy = f.local(0)
            let current = 0xFFFF_FFFF as Value
            Self.driver.note(f, f.call(Ob.ntDuplicateObject, current, handle, current, f.address(of: copy), 0, 0, 3))
            Self.driver.note(f, f.call(Ob.ntClose, handle))
            Self.driver.note(f, f.call(Ex.ntSetEvent, copy, f.address(of: length)))
        }
        let name = #"\KernelObjects\TestNamed"#
        // Of the name: bytes, and the characters 14 and 15.
        #expect(
            values == [
                0, 0, 1, 2, 0xC000_0004, UInt32(2 * name.count + 10), 0, UInt32(2 * name.count), 0x54_005C, 0, 0xC000_0008, 0,
            ])
        #expect(run.object(#"\KernelObjects\TestNamed"#) != 0)
    }
}
