// SPDX-License-Identifier: GPL-3.0-or-later

/// Where I/O request packets come from (spec/boot.md sections 1.9 #1 and #4, 5.6): lookaside lists, pool, and one packet that is put aside.
extension Io {
    /// `IoAllocateIrp(StackSize, ChargeQuota) -> IRP* or NULL`: a small block for one stack location, a large one for up to eight, both from lookaside
    /// lists; more come from pool.
    package static let allocateIrp: Routine = .init("IoAllocateIrp", ["StackSize", "ChargeQuota"]) { f in
        let size = f.local(IRP.size.value + f.argument(0) * IO_STACK_LOCATION.size.value)
        let flags = f.local(0)
        let irp = f.local(Pointer<IRP>(Value(0)))
        f.if(f.argument(0) <= 8) {
            f.set(flags, AllocationFlag.fixedSize | AllocationFlag.lookaside)
            f.if(f.argument(0) == 1) {
                f.set(size, smallIrpSize)
                f.set(irp.value, f.call(Ex.allocateFromPPLookasideList, Ex.PerProcessorLookaside.smallIrp))
            } else: {
                f.set(size, largeIrpSize)
                f.set(irp.value, f.call(Ex.allocateFromPPLookasideList, Ex.PerProcessorLookaside.largeIrp))
            }
        } else: {
            f.set(irp.value, f.call(Ex.allocatePoolWithTag, 0, size, Value.tag("Irp ")))
        }
        f.if(irp.isNull) { f.return(0) }
        f.call(initializeIrp, irp, size, f.argument(0))
        f.set(irp.AllocationFlags, flags)
        f.return(irp)
    }

    /// `IoInitializeIrp(Irp*, PacketSize, StackSize)`: zero; the current location is one past the last.
    package static let initializeIrp: Routine = .init("IoInitializeIrp", ["Irp", "PacketSize", "StackSize"]) { f in
        let irp = f.argument(0, IRP.self)
        f.zero(irp, f.argument(1))
        f.set(irp.Type, IoType.irp)
        f.set(irp.Size, f.argument(1))
        f.set(irp.StackCount, f.argument(2))
        f.set(irp.CurrentLocation, f.argument(2) + 1)
        f.set(irp.ApcEnvironment, currentThread.Tcb.ApcStateIndex)
        f.initializeListHead(irp.address(of: \.ThreadListEntry))
        f.set(
            irp.address(of: \.CurrentStackLocation).dword(), irp.value + IRP.size.value + f.argument(2) * IO_STACK_LOCATION.size.value)
        f.return()
    }

    /// `IoReuseIrp(Irp*, Status)`: as it was when it was allocated, with a status.
    package static let reuseIrp: Routine = .init("IoReuseIrp", ["Irp", "Status"]) { f in
        let irp = f.argument(0, IRP.self)
        let flags = f.local(irp.AllocationFlags)
        f.call(initializeIrp, irp, irp.Size, irp.StackCount)
        f.set(irp.AllocationFlags, flags)
        f.set(irp.IoStatus.Status, f.argument(1))
        f.return()
    }

    /// `IoFreeIrp(Irp*)`: back to where it came from. Its type is wiped, so that nobody takes it for a packet.
    package static let freeIrp: Routine = .init("IoFreeIrp", ["Irp"]) { f in
        let irp = f.argument(0, IRP.self)
        f.assert(irp.Type == Value(IoType.irp), "Irp->Type == IO_TYPE_IRP")
        f.assert(isListEmpty(irp.address(of: \.ThreadListEntry)), "IsListEmpty(&Irp->ThreadListEntry)")
        f.set(irp.Type, 0)
        f.if((irp.AllocationFlags & Value(AllocationFlag.lookaside)) == 0) {
            f.call(Ex.freePoolWithTag, irp, Value.tag("Irp "))
            f.return()
        }
        f.if(irp.Size == Value(smallIrpSize)) {
            f.call(Ex.freeToPPLookasideList, Ex.PerProcessorLookaside.smallIrp, irp)
        } else: {
            f.call(Ex.freeToPPLookasideList, Ex.PerProcessorLookaside.largeIrp, irp)
        }
        f.return()
    }

    // MARK: The packet that is put aside

    private static let reserve: GlobalStructure<RESERVE_IRP_ALLOCATOR> = .init("IopReserveIrpAllocator")
    private static let reserveStackSize: UInt32 = 20

    /// `IopInitializeReserveIrp() -> BOOLEAN`: twenty stack locations for times without memory.
    static let initializeReserveIrp: Routine = .init(
        "IopInitializeReserveIrp", section: .initialization,
        step: .init(
            "1.9 #4", "Reserve request",
            """
            Puts one request packet with twenty stack locations aside in IopReserveIrpAllocator. A page that must be read while pool is exhausted is \
            read with it; whoever comes second waits for its event.
            """)
    ) { f in
        f.initializeListHead(timerQueue.value)
        let irp = f.call(allocateIrp, reserveStackSize, 0)
        f.set(reserve.pointer.address(of: \.ReserveIrp).dword(), irp)
        f.set(reserve.ReserveIrpInUse, 0)
        f.set(reserve.ReserveIrpStackSize, reserveStackSize)
        f.call(Ke.initializeEvent, reserve.pointer.address(of: \.WaitEvent), 1, 0)
        f.return(irp != 0)
    }

    /// `IopAllocateReserveIrp(StackSize) -> IRP* or NULL`: waits until nobody else has it. NULL: it has too few stack locations.
    static let allocateReserveIrp: Routine = .init("IopAllocateReserveIrp", ["StackSize"]) { f in
        f.if(f.argument(0) > reserve.ReserveIrpStackSize) { f.return(0) }
        f.loop {
            let taken = f.exchange(reserve.ReserveIrpInUse, with: 1)
            f.if(taken == 0) { f.break() }
            f.call(Ke.waitForSingleObject, reserve.pointer.address(of: \.WaitEvent), 0, 0, 0, 0)
        }
        let irp = reserve.ReserveIrp
        f.call(initializeIrp, irp, IRP.size + reserveStackSize * IO_STACK_LOCATION.size, f.argument(0))
        f.return(irp)
    }

    /// `IopFreeReserveIrp(PriorityBoost)`.
    static let freeReserveIrp: Routine = .init("IopFreeReserveIrp", ["PriorityBoost"]) { f in
        f.set(reserve.ReserveIrpInUse, 0)
        f.call(Ke.setEvent, reserve.pointer.address(of: \.WaitEvent), f.argument(0), 0)
        f.return()
    }

    /// Whether a packet is the one that is put aside.
    static func isReserve(_ irp: Pointer<IRP>) -> Value { irp.value == reserve.ReserveIrp.value }

    /// `IopAllocateIrpMustSucceed(StackSize) -> IRP*`: for requests that cannot fail, such as CLEANUP and CLOSE. Without memory it tries again every tenth of
    /// a second.
    static let allocateIrpMustSucceed: Routine = .init("IopAllocateIrpMustSucceed", ["StackSize"]) { f in
        let interval = f.structure(LARGE_INTEGER.self)
        f.loop {
            let irp = f.call(allocateIrp, f.argument(0), 0)
            f.if(irp != 0) { f.return(irp) }
            f.set(interval.LowPart, (0 as UInt32) &- 1_000_000)
            f.set(interval.HighPart, 0xFFFF_FFFF as UInt32)
            f.call(Ke.delayExecutionThread, 0, 0, interval)
        }
        f.return(0)
    }
}

/// Bits of IRP.AllocationFlags.
enum AllocationFlag {
    static let fixedSize: UInt32 = 0x04
    static let lookaside: UInt32 = 0x08
}
