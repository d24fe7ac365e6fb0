// SPDX-License-Identifier: GPL-3.0-or-later

/// pnpnotify.c: who wants to hear when interfaces of a class come and go.
extension Io {
    /// IO_NOTIFICATION_EVENT_CATEGORY.
    enum EventCategory {
        static let hardwareProfileChange: UInt32 = 1
        static let deviceInterfaceChange: UInt32 = 2
    }

    /// PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES.
    static let includeExistingInterfaces: UInt32 = 1

    /// The first words of GUID_DEVICE_INTERFACE_ARRIVAL and GUID_DEVICE_INTERFACE_REMOVAL; the rest of both is the same.
    static let interfaceArrival: Value = 0xCB3A_4004
    static let interfaceRemoval: Value = 0xCB3A_4005

    /// A registration; a structure of ours.
    package struct NotifyEntry: Structure {
        package static let size: UInt32 = 0x2C
        package let Link = Embedded<LIST_ENTRY>(0x00)
        package let EventCategory = Field.u32(0x08)
        package let Callback = Field.pointer(0x0C)
        package let Context = Field.pointer(0x10)
        package let DriverObject = Field.pointer(0x14, to: "DRIVER_OBJECT")
        package let Guid = ArrayField(0x18, count: 16, stride: 1, of: "UCHAR")
        package let IsRemoved = Field.u32(0x28)

        package static let layout = Self()
    }

    /// `IoRegisterPlugPlayNotification(EventCategory, Flags, EventCategoryData*, DriverObject*, Callback, Context, NotificationEntry**) -> status`: of an
    /// interface class, whose GUID is the data; the callback (Notification*, Context) is called at PASSIVE_LEVEL, and before this returns for what is there already if
    /// that is asked for. The driver object stays referenced. 0xC00000BB: other categories than interfaces and hardware profiles.
    package static let registerPlugPlayNotification: Routine = .init(
        "IoRegisterPlugPlayNotification",
        [
            "EventCategory", "EventCategoryFlags", "EventCategoryData", "DriverObject", "CallbackRoutine", "Context", "NotificationEntry",
        ]
    ) { f in
        let category = f.argument(0)
        f.set(f.argument(6).dword(), 0)
        let head = f.local(notifyLists[0].value)
        f.if(category == EventCategory.deviceInterfaceChange.value) { f.set(head, notifyLists[1].value) }
        f.if(category != EventCategory.deviceInterfaceChange.value && category != EventCategory.hardwareProfileChange.value) {
            f.return(Status.notSupported)
        }
        let block = f.call(Ex.allocatePoolWithTag, 1, NotifyEntry.size, Value.tag("Pnp "))
        f.if(block == 0) { f.return(Status.insufficientResources) }
        let entry = block.as(NotifyEntry.self)
        f.zero(entry, NotifyEntry.size)
        f.set(entry.EventCategory, category)
        f.set(entry.Callback, f.argument(4))
        f.set(entry.Context, f.argument(5))
        f.set(entry.DriverObject, f.argument(3))
        f.if(category == EventCategory.deviceInterfaceChange.value) { f.copy(to: entry.Guid, from: f.argument(2), 16) }
        f.call(Ob.referenceObject, f.argument(3))
        f.insertTailList(head, entry.Link.value)
        f.set(f.argument(6).dword(), entry)
        f.if(category == EventCategory.deviceInterfaceChange.value && (f.argument(1) & includeExistingInterfaces.value) != 0) {
            f.call(notifyExisting, entry)
        }
        f.return(Status.success)
    }

    /// `IoUnregisterPlugPlayNotification(NotificationEntry*) -> status`.
    package static let unregisterPlugPlayNotification: Routine = .init("IoUnregisterPlugPlayNotification", ["NotificationEntry"]) { f in
        let entry = f.argument(0, NotifyEntry.self)
        f.removeEntryList(entry.Link.value)
        f.call(Ob.dereferenceObject, entry.DriverObject)
        f.call(Ex.freePoolWithTag, entry, Value.tag("Pnp "))
        f.return(Status.success)
    }

    /// `IopNotifyExistingInterfaces(NotificationEntry*)`: an arrival for every enabled interface of the class.
    private static let notifyExisting: Routine = .init("IopNotifyExistingInterfaces", ["NotificationEntry"]) { f in
        let entry = f.argument(0, NotifyEntry.self)
        let names = f.local(0)
        let name = f.structure(UNICODE_STRING.self)
        f.if(f.call(getDeviceInterfaces, entry.Guid, 0, 0, f.address(of: names)).isError) { f.return() }
        let place = f.local(names)
        f.while(place.word() != 0) {
            f.call(Rtl.initUnicodeString, name, place)
            f.call(notifyOne, entry, interfaceArrival, name)
            f.set(place, place + name.Length + 2)
        }
        f.call(Ex.freePool, names)
        f.return()
    }

    /// `IopNotifyInterfaceChange(Event, SymbolicLinkName*)`: everybody who asked for the class that the name contains; the event is the first word of its GUID.
    static let notifyInterfaceChange: Routine = .init("IopNotifyInterfaceChange", ["Event", "SymbolicLinkName"]) { f in
        let guid = f.buffer(16)
        f.if(f.call(guidOfLink, f.argument(1), guid) == 0) { f.return() }
        let head = notifyLists[1].value
        let link = f.local(head.as(LIST_ENTRY.self).Flink.value)
        f.while(link != head) {
            let entry = f.local(Pointer<NotifyEntry>(link))
            // The callback may take itself off the list.
            f.set(link, link.as(LIST_ENTRY.self).Flink)
            f.if(f.call(Rtl.compareMemory, entry.Guid, guid, 16) == 16) { f.call(notifyOne, entry, f.argument(0), f.argument(1)) }
        }
        f.return()
    }

    /// `IopNotifyOne(NotificationEntry*, Event, SymbolicLinkName*)`: with a DEVICE_INTERFACE_CHANGE_NOTIFICATION: version and size, the event, the class, the name.
    private static let notifyOne: Routine = .init("IopNotifyOne", ["NotificationEntry", "Event", "SymbolicLinkName"]) { f in
        let entry = f.argument(0, NotifyEntry.self)
        let notification = f.buffer(0x28)
        f.set(notification.word(), 1)
        f.set(notification.word(2), 0x28)
        f.set(notification.dword(4), f.argument(1))
        f.set(notification.dword(8), 0x11D0_46F0 as Value)
        f.set(notification.dword(12), 0x6000_8FB0 as Value)
        f.set(notification.dword(16), 0x3F05_1397 as Value)
        f.copy(to: notification + 0x14, from: entry.Guid, 16)
        f.set(notification.dword(0x24), f.argument(2))
        f.callIndirect(entry.Callback, notification, entry.Context)
        f.return()
    }

    /// `IopGuidOfLink(SymbolicLinkName*, Guid*) -> BOOLEAN`: the class of an interface, which is in its name in braces.
    private static let guidOfLink: Routine = .init("IopGuidOfLink", ["SymbolicLinkName", "Guid"]) { f in
        let name = f.argument(0, UNICODE_STRING.self)
        let end = f.local(name.Buffer + name.Length)
        let place = f.local(name.Buffer)
        f.while(place < end && place.word() != 0x7B) { f.set(place, place + 2) }
        f.if(end < place + 76) { f.return(0) }
        let digits = f.local(0)
        f.set(place, place + 2)
        f.while(digits < 32) {
            let character = f.local(place.word())
            f.set(place, place + 2)
            f.if(character != 0x2D) {
                let digit = f.local(character - 0x30)
                f.if(digit > 9) { f.set(digit, (character | 0x20) - 0x61 + 10) }
                f.if(digit > 15 || place >= end) { f.return(0) }
                let cell = f.local(f.argument(1) + (digits >> 1))
                f.if((digits & 1) == 0) {
                    f.set(cell.byte(), digit << 4)
                } else: {
                    f.set(cell.byte(), cell.byte() | digit)
                }
                f.add(digits, 1)
            }
        }
        // The first three numbers are written with the high byte first.
        f.call(swapBytes, f.argument(1), 4)
        f.call(swapBytes, f.argument(1) + 4, 2)
        f.call(swapBytes, f.argument(1) + 6, 2)
        f.return(1)
    }

    /// `IopSwapBytes(Address, Count)`.
    private static let swapBytes: Routine = .init("IopSwapBytes", ["Address", "Count"]) { f in
        let low = f.local(f.argument(0))
        let high = f.local(f.argument(0) + f.argument(1) - 1)
        f.while(low < high) {
            let byte = f.local(low.byte())
            f.set(low.byte(), high.byte())
            f.set(high.byte(), byte)
            f.add(low, 1)
            f.set(high, high - 1)
        }
        f.return()
    }
}
