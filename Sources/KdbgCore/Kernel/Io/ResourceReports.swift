// SPDX-License-Identifier: GPL-3.0-or-later

/// iorsrce.c: resources of drivers that look for their devices themselves. A report is a CM_RESOURCE_LIST: count, then for each bus interface type, bus
/// number, version and revision, a count, and that many descriptors of 16 bytes: type (1 port, 2 interrupt, 3 memory, 4 DMA), share disposition
/// (3 shared), flags, and 12 bytes of which the first eight are the start, the last four the length, or level, vector and affinity.
extension Io {
    /// `IopResourceReportListHead`: one entry for each device or driver that has reported: 00 link, 08 driver, 0C device or NULL, 10 bytes, 14 the list.
    package static let resourceReports: GlobalStructure<LIST_ENTRY> = Global.listHead("IopResourceReportListHead")
    private static let reportHeader: UInt32 = 0x14

    /// `IoReportResourceUsage(DriverClassName*, DriverObject*, DriverList*, DriverListSize, DeviceObject*, DeviceList*, DeviceListSize,
    /// OverrideConflict, ConflictDetected*) -> status`: reports what a driver and a device use; a NULL list withdraws what was reported. 0xC0000018: somebody
    /// else uses some of it and the caller does not override that.
    package static let reportResourceUsage: Routine = .init(
        "IoReportResourceUsage",
        [
            "DriverClassName", "DriverObject", "DriverList", "DriverListSize", "DeviceObject", "DeviceList", "DeviceListSize",
            "OverrideConflict", "ConflictDetected",
        ]
    ) { f in
        f.return(
            f.call(
                reportResources, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), f.argument(6),
                f.argument(7), f.argument(8)))
    }

    private static let reportParameters = [
        "DriverClassName", "DriverObject", "DriverList", "DriverListSize", "DeviceObject", "DeviceList", "DeviceListSize", "Override",
        "ConflictDetected",
    ]

    /// `IoReportResourceForDetection(DriverObject*, DriverList*, DriverListSize, DeviceObject*, DeviceList*, DeviceListSize, ConflictDetected*) -> status`:
    /// the same for a driver that is about to touch ports to find its device; conflicts are never overridden.
    package static let reportResourceForDetection: Routine = .init(
        "IoReportResourceForDetection",
        ["DriverObject", "DriverList", "DriverListSize", "DeviceObject", "DeviceList", "DeviceListSize", "ConflictDetected"]
    ) { f in
        f.return(
            f.call(
                reportResources, 0, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4), f.argument(5), 0,
                f.argument(6)))
    }

    /// `IopReportResources(…) -> status`: drops the old reports, looks for conflicts, keeps the new ones.
    private static let reportResources: Routine = .init("IopReportResources", reportParameters) { f in
        let conflict = f.local(0)
        f.call(dropReport, f.argument(1), 0)
        f.if(f.argument(4) != 0) { f.call(dropReport, f.argument(1), f.argument(4)) }
        f.if(f.argument(2) != 0) { f.set(conflict, f.call(detectConflict, f.argument(2), f.argument(1))) }
        f.if(f.argument(5) != 0 && conflict == 0) { f.set(conflict, f.call(detectConflict, f.argument(5), f.argument(1))) }
        f.if(f.argument(8) != 0) { f.set(f.argument(8).byte(), conflict) }
        f.if(conflict != 0 && (f.argument(7) & 0xFF) == 0) { f.return(Status.conflictingAddresses) }
        let status = f.local(Status.success)
        f.if(f.argument(2) != 0 && f.argument(3) != 0) {
            f.set(status, f.call(keepReport, f.argument(0), f.argument(1), 0, f.argument(2), f.argument(3)))
        }
        f.if(f.argument(5) != 0 && f.argument(6) != 0 && status.isSuccess) {
            f.set(status, f.call(keepReport, f.argument(0), f.argument(1), f.argument(4), f.argument(5), f.argument(6)))
        }
        f.return(status)
    }

    /// `IopDropReport(DriverObject*, DeviceObject*)`.
    private static let dropReport: Routine = .init("IopDropReport", ["DriverObject", "DeviceObject"]) { f in
        f.forEach(in: resourceReports.value) { entry in
            f.if(entry.dword(8) == f.argument(0) && entry.dword(0x0C) == f.argument(1)) {
                f.removeEntryList(entry)
                f.call(Ex.freePoolWithTag, entry, Value.tag("CmRs"))
            }
        }
        f.return()
    }

    /// `IopKeepReport(ClassName*, DriverObject*, DeviceObject*, List, Size) -> status`: in memory, and in the registry's RESOURCEMAP below the class (or
    /// `OtherDrivers`) and the driver's service.
    private static let keepReport: Routine = .init(
        "IopKeepReport", ["DriverClassName", "DriverObject", "DeviceObject", "List", "Size"]
    ) { f in
        let driver = f.argument(1, DRIVER_OBJECT.self)
        let status = f.call(rememberReport, driver, f.argument(2), f.argument(3), f.argument(4))
        f.if(status.isError) { f.return(status) }
        let path = f.stringBuffer(160)
        let service = f.structure(UNICODE_STRING.self)
        let handle = f.local(0)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\REGISTRY\MACHINE\HARDWARE\RESOURCEMAP\"#))
        f.if(f.argument(0) == 0) {
            f.call(Rtl.appendUnicodeToString, path, f.wide("OtherDrivers"))
        } else: {
            f.call(Rtl.appendUnicodeStringToString, path, f.argument(0))
        }
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\"#))
        f.call(serviceOfKey, driver.DriverExtension.address(of: \.ServiceKeyName), service)
        f.call(Rtl.appendUnicodeStringToString, path, service)
        f.if(f.call(createRegistryKeyEx, f.address(of: handle), 0, path, 0xF003F, 1, 0).isSuccess) {
            f.call(Cm.zwSetValueKey, handle, f.unicode(".Raw"), 0, 8, f.argument(3), f.argument(4))
            f.call(Ob.zwClose, handle)
        }
        f.return(Status.success)
    }

    /// `IopRememberReport(DriverObject*, DeviceObject*, List, Size) -> status`: an entry of the list of reports.
    static let rememberReport: Routine = .init("IopRememberReport", ["DriverObject", "DeviceObject", "List", "Size"]) { f in
        let block = f.local(f.call(Ex.allocatePoolWithTag, 0, f.argument(3) + reportHeader.value, Value.tag("CmRs")))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.set(block.dword(8), f.argument(0))
        f.set(block.dword(0x0C), f.argument(1))
        f.set(block.dword(0x10), f.argument(3))
        f.copy(to: block + reportHeader.value, from: f.argument(2), f.argument(3))
        f.insertTailList(resourceReports.value, block)
        f.return(Status.success)
    }

    /// `IopDetectResourceConflict(List, DriverObject*) -> BOOLEAN`: whether another driver has reported some of it.
    private static let detectConflict: Routine = .init("IopDetectResourceConflict", ["ResourceList", "DriverObject"]) { f in
        let found = f.local(f.call(rangesConflict, f.argument(0), f.argument(1), 1))
        f.set(found, found | f.call(rangesConflict, f.argument(0), f.argument(1), 3))
        f.forEach(in: resourceReports.value) { entry in
            f.if(entry.dword(8) != f.argument(1)) { f.set(found, found | f.call(listsConflict, f.argument(0), entry + reportHeader.value)) }
        }
        f.return(found)
    }

    /// `IopRangesConflict(List, DriverObject*, Type) -> BOOLEAN`: whether ports (1) or memory (3) of the list belong to another driver already.
    private static let rangesConflict: Routine = .init("IopRangesConflict", ["ResourceList", "DriverObject", "Type"]) { f in
        let ranges = f.structure(RTL_RANGE_LIST.self)
        let isFree = f.local(0)
        let found = f.local(0)
        f.call(buildRangeList, ranges, f.argument(1), f.argument(2))
        forEachDescriptor(f, in: f.argument(0)) { descriptor in
            f.if(descriptor.byte() == f.argument(2) && descriptor.dword(12) != 0) {
                let shared = f.local(descriptor.byte(1) == 3)
                f.call(
                    Rtl.isRangeAvailable, ranges, descriptor.dword(4), descriptor.dword(8), descriptor.dword(4) + descriptor.dword(12) - 1,
                    descriptor.dword(8), shared, 0, 0, 0, f.address(of: isFree))
                f.if((isFree & 0xFF) == 0) { f.set(found, 1) }
            }
        }
        f.call(Rtl.freeRangeList, ranges)
        f.return(found)
    }

    /// `IopBuildRangeList(RangeList*, DriverObject*, Type)`: what all but one driver have reported of one type.
    private static let buildRangeList: Routine = .init("IopBuildRangeList", ["RangeList", "DriverObject", "Type"]) { f in
        f.call(Rtl.initializeRangeList, f.argument(0))
        f.forEach(in: resourceReports.value) { entry in
            f.if(entry.dword(8) != f.argument(1)) {
                forEachDescriptor(f, in: entry + reportHeader.value) { descriptor in
                    f.if(descriptor.byte() == f.argument(2) && descriptor.dword(12) != 0) {
                        let flags = f.local(Rtl.RangeAdd.ifConflict)
                        f.if(descriptor.byte(1) == 3) { f.set(flags, Rtl.RangeAdd.ifConflict | Rtl.RangeAdd.shared) }
                        f.call(
                            Rtl.addRange, f.argument(0), descriptor.dword(4), descriptor.dword(8),
                            descriptor.dword(4) + descriptor.dword(12) - 1, descriptor.dword(8), 0, flags, 0, entry.dword(8))
                    }
                }
            }
        }
        f.return()
    }

    /// Visits the descriptors of a CM_RESOURCE_LIST.
    private static func forEachDescriptor(_ f: Function, in list: Value, _ body: (Value) -> Void) {
        let lists = f.local(list.dword())
        let place = f.local(list + 4)
        f.while(lists != 0) {
            let left = f.local(place.dword(0x0C))
            f.set(place, place + 0x10)
            f.while(left != 0) {
                body(place)
                f.set(place, place + 0x10)
                f.set(left, left - 1)
            }
            f.set(lists, lists - 1)
        }
    }

    /// `IopListsConflict(List1, List2) -> BOOLEAN`: interrupts and DMA channels.
    private static let listsConflict: Routine = .init("IopListsConflict", ["List1", "List2"]) { f in
        let found = f.local(0)
        forEachDescriptor(f, in: f.argument(0)) { a in
            forEachDescriptor(f, in: f.argument(1)) { b in
                let isShared = f.local(a.byte(1) == 3 && b.byte(1) == 3)
                f.if(a.byte() == b.byte() && isShared == 0) {
                    // Interrupts by their vector, DMA by its channel.
                    f.if(a.byte() == 2 && a.dword(8) == b.dword(8)) { f.set(found, 1) }
                    f.if(a.byte() == 4 && a.dword(4) == b.dword(4)) { f.set(found, 1) }
                }
            }
        }
        f.return(found)
    }

    /// `IoAssignResources(RegistryPath*, DriverClassName*, DriverObject*, DeviceObject*, RequestedResources*, AllocatedResources*) -> status`: of an
    /// IO_RESOURCE_REQUIREMENTS_LIST the first alternative of each kind that is free; the answer is a CM_RESOURCE_LIST in paged pool. No
    /// request gives everything back. 0xC0000182: there is nothing free.
    package static let assignResources: Routine = .init(
        "IoAssignResources",
        ["RegistryPath", "DriverClassName", "DriverObject", "DeviceObject", "RequestedResources", "AllocatedResources"]
    ) { f in
        let request = f.argument(4)
        f.if(request == 0) {
            f.call(dropReport, f.argument(2), f.argument(3))
            f.return(Status.success)
        }
        // Header: size, interface type, bus, slot, three reserved, count of lists; the first list: version and revision, count, descriptors of 0x20 bytes.
        let count = f.local(request.dword(0x24))
        let size = f.local((count << 4) + 0x14)
        let list = f.local(f.call(Ex.allocatePoolWithTag, 1, size, Value.tag("CmRs")))
        f.if(list == 0) { f.return(Status.insufficientResources) }
        f.zero(list, size)
        f.set(list.dword(), 1)
        f.set(list.dword(4), request.dword(4))
        f.set(list.dword(8), request.dword(8))
        f.set(list.dword(0x0C), 0x1_0001)
        let descriptor = f.local(request + 0x28)
        let isSettled = f.local(1)
        f.while(count != 0) {
            // Option 8 marks an alternative to the one in front of it.
            f.if((descriptor.byte() & 8) == 0) {
                f.if(isSettled == 0) { f.break() }
                f.set(isSettled, 0)
            }
            f.if(isSettled == 0) { f.set(isSettled, f.call(tryAlternative, list, descriptor, f.argument(2))) }
            f.set(descriptor, descriptor + 0x20)
            f.set(count, count - 1)
        }
        f.if(isSettled == 0) {
            f.call(Ex.freePoolWithTag, list, Value.tag("CmRs"))
            f.return(Status.deviceConfigurationError)
        }
        f.call(dropReport, f.argument(2), f.argument(3))
        let status = f.call(keepReport, f.argument(1), f.argument(2), f.argument(3), list, (list.dword(0x10) << 4) + 0x14)
        f.set(f.argument(5).dword(), list)
        f.return(status)
    }

    /// `IopTryAlternative(List, Descriptor, DriverObject*) -> BOOLEAN`: appends what of an alternative (01 type, 02 share; for ports and memory 08 length, 0C alignment, 10 and 18 lowest and
    /// highest address; else 08 and 0C lowest and highest number) nobody else has: the highest place, or the lowest number.
    private static let tryAlternative: Routine = .init("IopTryAlternative", ["List", "Descriptor", "DriverObject"]) { f in
        let list = f.argument(0)
        let wanted = f.argument(1)
        let number = f.local(list.dword(0x10))
        let descriptor = f.local(list + 0x14 + (number << 4))
        f.zero(descriptor, 0x10)
        f.set(descriptor.byte(), wanted.byte(1))
        f.set(descriptor.byte(1), wanted.byte(2))
        f.set(descriptor.word(2), wanted.word(4))
        f.if(wanted.byte(1) == 1 || wanted.byte(1) == 3) {
            let ranges = f.structure(RTL_RANGE_LIST.self)
            f.call(buildRangeList, ranges, f.argument(2), wanted.byte(1))
            // What the same request has been given so far is taken, too.
            forEachDescriptor(f, in: list) { own in
                f.if(own.byte() == wanted.byte(1)) {
                    f.call(
                        Rtl.addRange, ranges, own.dword(4), own.dword(8), own.dword(4) + own.dword(12) - 1, own.dword(8), 0,
                        Rtl.RangeAdd.ifConflict, 0, f.argument(2))
                }
            }
            let shared = f.local(wanted.byte(2) == 3)
            let status = f.call(
                Rtl.findRange, ranges, wanted.dword(0x10), wanted.dword(0x14), wanted.dword(0x18), wanted.dword(0x1C), wanted.dword(8),
                wanted.dword(0x0C), shared, 0, 0, 0, descriptor + 4)
            f.call(Rtl.freeRangeList, ranges)
            f.if(status.isError) { f.return(0) }
            f.set(descriptor.dword(12), wanted.dword(8))
            f.set(list.dword(0x10), number + 1)
            f.return(1)
        }
        let place = f.local(wanted.dword(8))
        // One descriptor alone is compared with what others have.
        let single = f.buffer(0x24)
        f.while(place <= wanted.dword(0x0C)) {
            f.set(descriptor.dword(4), place)
            f.if(wanted.byte(1) == 2) {
                f.set(descriptor.dword(8), place)
                f.set(descriptor.dword(12), 0xFFFF_FFFF as UInt32)
            }
            f.copy(to: single, from: list, 0x14)
            f.set(single.dword(0x10), 1)
            f.copy(to: single + 0x14, from: descriptor, 0x10)
            f.if(f.call(detectConflict, single, f.argument(2)) == 0) {
                f.set(list.dword(0x10), number + 1)
                f.return(1)
            }
            f.set(place, place + 1)
        }
        f.return(0)
    }
}
