// SPDX-License-Identifier: GPL-3.0-or-later

/// Start-up of local procedure calls (spec/boot.md section 1.8 #25). There are no services for ports: the row asks for the types.
extension Lpc {
    package static let portObjectType: Global = .init("LpcPortObjectType")
    package static let waitablePortObjectType: Global = .init("LpcWaitablePortObjectType")
    /// Guards queues and messages of all ports.
    static let lock: GlobalStructure<KGUARDED_MUTEX> = .init("LpcpLock")
    /// Blocks for messages with their largest body, 0x100 bytes.
    static let messagesLookaside: GlobalStructure<NPAGED_LOOKASIDE_LIST> = .init("LpcpMessagesLookaside")
    static let nextMessageId: Global = .init("LpcpNextMessageId")
    static let nextCallbackId: Global = .init("LpcpNextCallbackId")

    /// PORT_ALL_ACCESS.
    private static let allAccess: UInt32 = 0x1F_0001
    /// Bytes of a port, and of the part of its queue that must not be paged out.
    private static let portSize: UInt32 = 0xA4
    private static let queueSize: UInt32 = 0x18
    /// LPCP_PORT_OBJECT.WaitEvent.
    private static let waitEvent: UInt32 = 0x94

    static let initSystem: Routine = .bootStep(
        "1.8 #25", "LpcInitSystem", [], "Local procedure calls",
        """
        The types Port, in paged pool, and WaitablePort, in nonpaged pool because one waits on the event in it; the lock and the lookaside list of messages. \
        Nobody makes a port yet: its services are not there. Without the types it is bugcheck 0x6A.
        """
    ) { f in
        let info = f.structure(OBJECT_TYPE_INITIALIZER.self)
        f.call(Ke.initializeGuardedMutex, lock)
        f.zero(info, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(info.GenericMapping.dword(0), 0x2_0001)
        f.set(info.GenericMapping.dword(4), 0x1_0001)
        f.set(info.GenericMapping.dword(8), 0)
        f.set(info.GenericMapping.dword(12), allAccess)
        f.set(info.PoolType, 1)
        f.set(info.UseDefaultObject, 1)
        // OBJ_CASE_INSENSITIVE alone makes sense.
        f.set(info.InvalidAttributes, 0x7B2)
        f.set(info.ValidAccessMask, allAccess)
        f.set(info.DefaultPagedPoolCharge, portSize)
        f.set(info.DefaultNonPagedPoolCharge, queueSize)
        f.if(f.call(Ob.createObjectType, f.unicode("Port"), info, 0, portObjectType).isError) { f.return(0) }
        f.set(info.PoolType, 0)
        f.set(info.DefaultPagedPoolCharge, 0)
        f.set(info.DefaultNonPagedPoolCharge, portSize + queueSize)
        f.set(info.UseDefaultObject, 0)
        f.if(f.call(Ob.createObjectType, f.unicode("WaitablePort"), info, 0, waitablePortObjectType).isError) { f.return(0) }
        f.set(waitablePortObjectType.dword.as(OBJECT_TYPE.self).DefaultObject, waitEvent)
        // LPCP_MESSAGE, 0x30, and a body.
        f.call(Ex.initializePagedLookasideList, messagesLookaside, 0, 0, 0, 0x130, Value.tag("LpcM"), 32)
        f.set(nextMessageId.dword, 1)
        f.set(nextCallbackId.dword, 1)
        f.return(1)
    }
}
