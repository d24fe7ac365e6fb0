// SPDX-License-Identifier: GPL-3.0-or-later

/// Buses as the HAL knows them (spec/boot.md section 1.8 #3): a list of handlers, each found by the type of its interface or of its configuration space, and its number.
extension Hal {
    /// INTERFACE_TYPE.
    enum InterfaceType {
        static let undefined: UInt32 = 0xFFFF_FFFF
        static let `internal`: UInt32 = 0
        static let isa: UInt32 = 1
    }

    /// BUS_DATA_TYPE.
    enum ConfigurationSpace {
        static let undefined: UInt32 = 0xFFFF_FFFF
        static let cmos: UInt32 = 0
    }

    /// `HalpAllBusHandlers`: HAL_BUS_HANDLERs in the order of their registration; no bus ever goes.
    static let allBusHandlers: GlobalStructure<LIST_ENTRY> = Global.listHead("HalpAllBusHandlers", module: .hal)
    private static let busDatabaseLock: Global = .init("HalpBusDatabaseSpinLock", module: .hal)
    private static let tag = Value.tag("Hal ")

    // MARK: Finding

    /// `HaliHandlerForBus(InterfaceType, BusNumber) -> BUS_HANDLER* or NULL`.
    static let handlerForBus: Routine = find("HaliHandlerForBus", \.InterfaceType, "InterfaceType")
    /// `HaliHandlerForConfigSpace(ConfigurationSpace, BusNumber) -> BUS_HANDLER* or NULL`.
    static let handlerForConfigSpace: Routine = find("HaliHandlerForConfigSpace", \.ConfigurationType, "ConfigurationSpace")

    private static func find(_ name: String, _ field: KeyPath<BUS_HANDLER, Field> & Sendable, _ parameter: String) -> Routine {
        Routine(name, [parameter, "BusNumber"], module: .hal) { f in
            let found = f.local(0)
            // Nothing is found by a type that says there is none.
            f.if(f.argument(0) == 0xFFFF_FFFF) { f.return(0) }
            let irql = f.call(acquireSpinLock, busDatabaseLock)
            f.forEach(in: allBusHandlers.value) { entry in
                let handler = entry.as(HAL_BUS_HANDLER.self).Handler
                f.if(found == 0 && handler[dynamicMember: field] == f.argument(0) && handler.BusNumber == f.argument(1)) {
                    f.set(found, handler)
                }
            }
            f.call(releaseSpinLock, busDatabaseLock, irql)
            f.return(found)
        }
    }

    /// `HaliReferenceHandlerForBus(InterfaceType, BusNumber) -> BUS_HANDLER* or NULL`: with a reference for the caller.
    static let referenceHandlerForBus: Routine = .init(
        "HaliReferenceHandlerForBus", ["InterfaceType", "BusNumber"], module: .hal
    ) { f in
        let handler = f.call(handlerForBus, f.argument(0), f.argument(1))
        f.if(handler != 0) { f.call(referenceBusHandler, handler) }
        f.return(handler)
    }

    /// `HaliReferenceBusHandler(BusHandler*)`.
    static let referenceBusHandler: Routine = .init("HaliReferenceBusHandler", ["BusHandler"], module: .hal) { f in
        f.exchangeAdd(Pointer<HAL_BUS_HANDLER>.containing(f.argument(0), as: \.Handler).ReferenceCount, 1)
        f.return()
    }

    /// `HaliDereferenceBusHandler(BusHandler*)`.
    static let dereferenceBusHandler: Routine = .init("HaliDereferenceBusHandler", ["BusHandler"], module: .hal) { f in
        f.exchangeAdd(Pointer<HAL_BUS_HANDLER>.containing(f.argument(0), as: \.Handler).ReferenceCount, 0xFFFF_FFFF as UInt32)
        f.return()
    }

    // MARK: Registration

    /// `HaliRegisterBusHandler(InterfaceType, ConfigurationSpace, BusNumber, ParentInterfaceType, ParentBusNumber, ContextSize, InstallCallback, BusHandler**) -> status`: a
    /// handler with that many bytes of its own; what it does not do itself it leaves to its parent's routines. `InstallCallback(BusHandler) -> status` may change
    /// it before anybody finds it. The last argument may be NULL.
    static let registerBusHandler: Routine = .init("HaliRegisterBusHandler", registerBusHandlerParameters, module: .hal) { f in
        let size = HAL_BUS_HANDLER.size + SUPPORTED_RANGES.size
        let block = f.call(Ex.allocatePoolWithTag, 0, Value(size) + f.argument(5), tag)
        f.if(block == 0) { f.return(Status.insufficientResources) }
        f.zero(block, Value(size) + f.argument(5))
        let entry = block.as(HAL_BUS_HANDLER.self)
        let handler = f.local(entry.Handler)
        f.set(entry.ReferenceCount, 1)
        f.set(handler.Version, 1)
        f.set(handler.InterfaceType, f.argument(0))
        f.set(handler.ConfigurationType, f.argument(1))
        f.set(handler.BusNumber, f.argument(2))
        f.set(handler.address(of: \.BusAddresses).dword(), block + Value(HAL_BUS_HANDLER.size))
        f.if(f.argument(5) != 0) { f.set(handler.BusData, block + Value(size)) }
        f.set(handler.GetBusData, noBusData)
        f.set(handler.SetBusData, noBusData)
        f.set(handler.AdjustResourceList, noAdjustResourceList)
        f.set(handler.AssignSlotResources, noAssignSlotResources)
        f.set(handler.GetInterruptVector, getSystemInterruptVector)
        f.set(handler.TranslateBusAddress, translateSystemBusAddress)
        f.call(setRange, handler.BusAddresses.IO, 1, 0xFFFF)
        f.call(setRange, handler.BusAddresses.Memory, 0, 0xFFFF_FFFF as UInt32)
        let parent = f.local(f.call(referenceHandlerForBus, f.argument(3), f.argument(4)).as(BUS_HANDLER.self))
        f.if(parent.isNotNull) {
            f.set(handler.address(of: \.ParentHandler).dword(), parent)
            f.set(handler.GetInterruptVector, parent.GetInterruptVector)
            f.set(handler.TranslateBusAddress, parent.TranslateBusAddress)
        }
        f.if(f.argument(6) != 0) {
            let status = f.local(f.callIndirect(f.argument(6), handler))
            f.if(status.isError) {
                f.if(parent.isNotNull) { f.call(dereferenceBusHandler, parent) }
                f.call(Ex.freePoolWithTag, block, tag)
                f.return(status)
            }
        }
        let irql = f.call(acquireSpinLock, busDatabaseLock)
        f.insertTailList(allBusHandlers.value, block)
        f.call(releaseSpinLock, busDatabaseLock, irql)
        f.if(f.argument(7) != 0) { f.set(f.argument(7).dword(), handler) }
        f.return(Status.success)
    }

    /// `HalpSetSupportedRange(Range*, AddressSpace, Limit)`: from 0 to the limit, where the system has the same addresses.
    private static let setRange: Routine = .init("HalpSetSupportedRange", ["Range", "AddressSpace", "Limit"], module: .hal) { f in
        let range = f.argument(0, SUPPORTED_RANGE.self)
        f.zero(range, SUPPORTED_RANGE.size)
        f.set(range.SystemAddressSpace, f.argument(1))
        f.set(range.Limit.LowPart, f.argument(2))
        f.return()
    }

    /// `HalpInitBusHandlers()`: the cells of the tables that are about buses, and the buses of this PC.
    static let initBusHandlers: Routine = .init("HalpInitBusHandlers", module: .hal) { f in
        let table = privateDispatchTable.pointer
        f.set(table.HalHandlerForBus, handlerForBus)
        f.set(table.HalHandlerForConfigSpace, handlerForConfigSpace)
        f.set(table.HalRegisterBusHandler, registerBusHandler)
        f.set(table.HalPciTranslateBusAddress, translateBusAddress)
        f.set(table.HalPciAssignSlotResources, assignSlotResources)
        f.set(table.HalFindBusAddressTranslation, findBusAddressTranslation)
        f.set(dispatchTable.pointer.HalReferenceHandlerForBus, referenceHandlerForBus)
        f.set(dispatchTable.pointer.HalReferenceBusHandler, referenceBusHandler)
        f.set(dispatchTable.pointer.HalDereferenceBusHandler, dereferenceBusHandler)
        f.return(f.call(registerInternalBusHandlers))
    }

    /// `HalpRegisterInternalBusHandlers() -> status`: the system's own bus, the CMOS, which is a configuration space and no more, and ISA.
    private static let registerInternalBusHandlers: Routine = .init("HalpRegisterInternalBusHandlers", module: .hal) { f in
        let handler = f.local(0)
        let none = ConfigurationSpace.undefined
        let status = f.local(
            f.call(registerBusHandler, InterfaceType.internal, none, 0, InterfaceType.undefined, 0, 0, 0, f.address(of: handler)))
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(
                registerBusHandler, InterfaceType.undefined, ConfigurationSpace.cmos, 0, InterfaceType.undefined, 0, 0, installCmos,
                f.address(of: handler)))
        f.if(status.isError) { f.return(status) }
        f.set(
            status,
            f.call(registerBusHandler, InterfaceType.isa, none, 0, InterfaceType.internal, 0, 0, installIsa, f.address(of: handler)))
        f.return(status)
    }

    /// `HalpInstallCmosHandler(BusHandler*) -> status`.
    private static let installCmos: Routine = .init("HalpInstallCmosHandler", ["BusHandler"], module: .hal) { f in
        let handler = f.argument(0, BUS_HANDLER.self)
        f.set(handler.GetBusData, getCmosData)
        f.set(handler.SetBusData, setCmosData)
        f.return(Status.success)
    }

    /// `HalpInstallIsaHandler(BusHandler*) -> status`: 24 address lines.
    private static let installIsa: Routine = .init("HalpInstallIsaHandler", ["BusHandler"], module: .hal) { f in
        f.set(f.argument(0, BUS_HANDLER.self).BusAddresses.Memory.Limit.LowPart, 0xFF_FFFF)
        f.return(Status.success)
    }
}
