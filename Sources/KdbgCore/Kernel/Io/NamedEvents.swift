// SPDX-License-Identifier: GPL-3.0-or-later

/// ioevent.c: events with names, by which drivers find each other or user mode.
extension Io {
    /// `IoCreateNotificationEvent(EventName*, EventHandle*) -> KEVENT* or NULL`: opens the event or makes it, signalled; it stays so until it is reset.
    package static let createNotificationEvent: Routine = .init("IoCreateNotificationEvent", ["EventName", "EventHandle"]) { f in
        f.return(f.call(createNamedEvent, f.argument(0), f.argument(1), 0))
    }

    /// `IoCreateSynchronizationEvent(EventName*, EventHandle*) -> KEVENT* or NULL`: the same with an event that one waiter at a time takes.
    package static let createSynchronizationEvent: Routine = .init("IoCreateSynchronizationEvent", ["EventName", "EventHandle"]) { f in
        f.return(f.call(createNamedEvent, f.argument(0), f.argument(1), 1))
    }

    /// `IopCreateEvent(EventName*, EventHandle*, Type) -> KEVENT* or NULL`: the handle keeps the event; the pointer has no reference of its own.
    private static let createNamedEvent: Routine = .init("IopCreateEvent", ["EventName", "EventHandle", "Type"]) { f in
        let attributes = f.objectAttributes(
            f.argument(0), ObjectAttribute.openIf | ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let event = f.local(0)
        let status = f.local(f.call(Ex.zwCreateEvent, f.argument(1), 0x1F_0003, attributes, f.argument(2), 1))
        f.if(status.isError) { f.return(0) }
        f.set(
            status,
            f.call(Ob.referenceObjectByHandle, f.argument(1).dword(), 0, Ex.eventObjectType.dword, 0, f.address(of: event), 0))
        f.if(status.isError) { f.return(0) }
        f.call(Ob.dereferenceObject, event)
        f.return(event)
    }
}
