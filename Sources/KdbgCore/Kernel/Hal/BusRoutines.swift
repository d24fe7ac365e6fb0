// SPDX-License-Identifier: GPL-3.0-or-later

/// What drivers ask about buses: each question goes to the bus's handler.
extension Hal {
    // MARK: Configuration data

    /// `HalGetBusDataByOffset(BusDataType, BusNumber, SlotNumber, Buffer, Offset, Length) -> bytes`; 0 for a bus that is not there.
    package static let getBusDataByOffset: Routine = busData("HalGetBusDataByOffset", \.GetBusData)
    /// `HalSetBusDataByOffset(BusDataType, BusNumber, SlotNumber, Buffer, Offset, Length) -> bytes`.
    package static let setBusDataByOffset: Routine = busData("HalSetBusDataByOffset", \.SetBusData)

    private static func busData(_ name: String, _ cell: KeyPath<BUS_HANDLER, Field> & Sendable) -> Routine {
        Routine(name, ["BusDataType", "BusNumber", "SlotNumber", "Buffer", "Offset", "Length"], module: .hal) { f in
            let handler = f.call(handlerForConfigSpace, f.argument(0), f.argument(1)).as(BUS_HANDLER.self)
            f.if(handler.isNull) { f.return(0) }
            f.call(referenceBusHandler, handler)
            let bytes = f.callIndirect(
                handler[dynamicMember: cell], handler, handler, f.argument(2), f.argument(3), f.argument(4), f.argument(5))
            f.call(dereferenceBusHandler, handler)
            f.return(bytes)
        }
    }

    private static let shortParameters = ["BusDataType", "BusNumber", "SlotNumber", "Buffer", "Length"]

    /// `HalGetBusData(BusDataType, BusNumber, SlotNumber, Buffer, Length) -> bytes`: from the first byte on.
    package static let getBusData: Routine = .init("HalGetBusData", shortParameters, module: .hal) { f in
        f.return(f.call(getBusDataByOffset, f.argument(0), f.argument(1), f.argument(2), f.argument(3), 0, f.argument(4)))
    }
    /// `HalSetBusData(BusDataType, BusNumber, SlotNumber, Buffer, Length) -> bytes`: from the first byte on.
    package static let setBusData: Routine = .init("HalSetBusData", shortParameters, module: .hal) { f in
        f.return(f.call(setBusDataByOffset, f.argument(0), f.argument(1), f.argument(2), f.argument(3), 0, f.argument(4)))
    }

    private static let dataParameters = ["BusHandler", "RootHandler", "SlotNumber", "Buffer", "Offset", "Length"]

    /// `HalpNoBusData(BusHandler*, RootHandler*, SlotNumber, Buffer, Offset, Length) -> 0`.
    static let noBusData: Routine = .init("HalpNoBusData", dataParameters, module: .hal) { f in f.return(0) }

    /// `HalpcGetCmosData(BusHandler*, RootHandler*, SlotNumber, Buffer, Offset, Length) -> bytes`: the slot is the first register, of 128; the offset does not count.
    static let getCmosData: Routine = .init("HalpcGetCmosData", dataParameters, module: .hal) { f in
        let count = f.local(0)
        f.while(count < f.argument(5) && f.argument(2) + count < 128) {
            f.set((f.argument(3) + count).byte(), f.call(getCmosByte, f.argument(2) + count))
            f.add(count, 1)
        }
        f.return(count)
    }

    /// `HalpcSetCmosData(BusHandler*, RootHandler*, SlotNumber, Buffer, Offset, Length) -> bytes`: likewise.
    static let setCmosData: Routine = .init("HalpcSetCmosData", dataParameters, module: .hal) { f in
        let count = f.local(0)
        f.while(count < f.argument(5) && f.argument(2) + count < 128) {
            f.call(setCmosByte, f.argument(2) + count, (f.argument(3) + count).byte())
            f.add(count, 1)
        }
        f.return(count)
    }

    // MARK: Addresses

    /// `HalTranslateBusAddress(InterfaceType, BusNumber, BusAddress, AddressSpace*, TranslatedAddress*) -> BOOLEAN`: through the private table, where a PCI driver may have put
    /// a routine of its own. Addresses have 64 bits; the space is 0 for memory, 1 for ports.
    package static let halTranslateBusAddress: Routine = .init("HalTranslateBusAddress", translateBusAddressParameters, module: .hal) { f in
        f.return(
            f.callIndirect(
                privateDispatchTable.pointer.HalPciTranslateBusAddress, f.argument(0), f.argument(1), f.argument(2), f.argument(3),
                f.argument(4), f.argument(5)))
    }

    /// `HaliTranslateBusAddress(…) -> BOOLEAN`: the bus's handler knows.
    static let translateBusAddress: Routine = .init("HaliTranslateBusAddress", translateBusAddressParameters, module: .hal) { f in
        let handler = f.call(handlerForBus, f.argument(0), f.argument(1)).as(BUS_HANDLER.self)
        f.if(handler.isNull) { f.return(0) }
        f.return(
            f.callIndirect(
                handler.TranslateBusAddress, handler, handler, f.argument(2), f.argument(3), f.argument(4), f.argument(5)))
    }

    /// `HalpTranslateSystemBusAddress(BusHandler*, RootHandler*, BusAddress, AddressSpace*, TranslatedAddress*) -> BOOLEAN`: whether the bus has the address; then the system's address
    /// and space.
    static let translateSystemBusAddress: Routine = .init(
        "HalpTranslateSystemBusAddress",
        ["BusHandler", "RootHandler", "BusAddressLow", "BusAddressHigh", "AddressSpace", "TranslatedAddress"], module: .hal
    ) { f in
        let ranges = f.local(f.argument(0, BUS_HANDLER.self).BusAddresses)
        let range = f.local(ranges.Memory)
        f.if(f.argument(4).dword() == 1) { f.set(range.value, ranges.IO) }
        f.if(f.argument(4).dword() > 1) { f.return(0) }
        f.while(range.isNotNull) {
            f.if(f.argument(3) == 0 && f.argument(2) >= range.Base.LowPart && f.argument(2) <= range.Limit.LowPart) {
                f.set(f.argument(4).dword(), range.SystemAddressSpace)
                f.set(f.argument(5).dword(), f.argument(2) + range.SystemBase.LowPart)
                f.set(f.argument(5).dword(4), 0)
                f.return(1)
            }
            f.set(range.value, range.Next)
        }
        f.return(0)
    }

    /// `HaliFindBusAddressTranslation(BusAddress, AddressSpace*, TranslatedAddress*, Context*, NextBus) -> BOOLEAN`: asks all buses, from the one behind the context's when the
    /// last argument says so; the context becomes the one that answered.
    static let findBusAddressTranslation: Routine = .init(
        "HaliFindBusAddressTranslation", findBusAddressTranslationParameters, module: .hal
    ) { f in
        let isBehind = f.local((f.argument(5) & 0xFF) == 0 || f.argument(4).dword() == 0)
        f.forEach(in: allBusHandlers.value) { entry in
            let handler = f.local(entry.as(HAL_BUS_HANDLER.self).Handler)
            f.if(isBehind != 0 && handler.InterfaceType != 0xFFFF_FFFF) {
                let answer = f.callIndirect(
                    handler.TranslateBusAddress, handler, handler, f.argument(0), f.argument(1), f.argument(2), f.argument(3))
                f.if((answer & 0xFF) != 0) {
                    f.set(f.argument(4).dword(), handler)
                    f.return(1)
                }
            }
            f.if(f.argument(4).dword() == handler.value) { f.set(isBehind, 1) }
        }
        f.return(0)
    }

    // MARK: Resources

    /// `HalAssignSlotResources(RegistryPath*, DriverClassName*, DriverObject*, DeviceObject*, BusType, BusNumber, SlotNumber, AllocatedResources**) -> status`: through the private
    /// table.
    package static let halAssignSlotResources: Routine = .init("HalAssignSlotResources", assignSlotResourcesParameters, module: .hal) { f in
        f.return(
            f.callIndirect(
                privateDispatchTable.pointer.HalPciAssignSlotResources, f.argument(0), f.argument(1), f.argument(2), f.argument(3),
                f.argument(4), f.argument(5), f.argument(6), f.argument(7)))
    }

    /// `HaliAssignSlotResources(…) -> status`: 0xC000000E without such a bus.
    static let assignSlotResources: Routine = .init("HaliAssignSlotResources", assignSlotResourcesParameters, module: .hal) { f in
        let handler = f.call(handlerForBus, f.argument(4), f.argument(5)).as(BUS_HANDLER.self)
        f.if(handler.isNull) { f.return(Status.noSuchDevice) }
        f.return(
            f.callIndirect(
                handler.AssignSlotResources, handler, handler, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(6),
                f.argument(7)))
    }

    /// `HalpNoAssignSlotResources(…) -> STATUS_NOT_SUPPORTED`: a bus without slots.
    static let noAssignSlotResources: Routine = .init(
        "HalpNoAssignSlotResources",
        [
            "BusHandler", "RootHandler", "RegistryPath", "DriverClassName", "DriverObject", "DeviceObject", "SlotNumber",
            "AllocatedResources",
        ], module: .hal
    ) { f in f.return(Status.notSupported) }

    /// `HalAdjustResourceList(ResourceList**) -> status`: the bus that the requirements name may narrow them.
    package static let adjustResourceList: Routine = .init("HalAdjustResourceList", ["ResourceList"], module: .hal) { f in
        let list = f.argument(0).dword()
        let handler = f.call(handlerForBus, list.dword(4), list.dword(8)).as(BUS_HANDLER.self)
        f.if(handler.isNull) { f.return(Status.success) }
        f.return(f.callIndirect(handler.AdjustResourceList, handler, handler, f.argument(0)))
    }

    /// `HalpNoAdjustResourceList(BusHandler*, RootHandler*, ResourceList**) -> STATUS_UNSUCCESSFUL`.
    static let noAdjustResourceList: Routine = .init(
        "HalpNoAdjustResourceList", ["BusHandler", "RootHandler", "ResourceList"], module: .hal
    ) { f in f.return(Status.unsuccessful) }
}
