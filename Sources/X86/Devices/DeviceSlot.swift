// SPDX-License-Identifier: GPL-3.0-or-later

/// A device in its place: where its value lies, and its functions with the type taken out. The closures are made where the type is known, so each is compiled
/// for its device, and an access costs one indirect call.
struct DeviceSlot {
    let type: ObjectIdentifier
    let state: UnsafeMutableRawPointer
    let ports: [ClosedRange<UInt16>]
    let nextEvent: (UnsafeMutableRawPointer) -> UInt64
    let read: (UnsafeMutableRawPointer, UInt16, inout Bus) -> UInt8
    let write: (UnsafeMutableRawPointer, UInt16, UInt8, inout Bus) -> Void
    let readWide: (UnsafeMutableRawPointer, UInt16, Int, inout Bus) -> UInt32?
    let writeWide: (UnsafeMutableRawPointer, UInt16, Int, UInt32, inout Bus) -> Bool
    let advance: (UnsafeMutableRawPointer, inout Bus) -> Void
    let hash: (UnsafeMutableRawPointer, inout StableHasher) -> Void
    /// A copy of the device.
    let save: (UnsafeMutableRawPointer) -> any Device
    /// Puts a copy back; of another type it is ignored.
    let restore: (UnsafeMutableRawPointer, any Device) -> Void
    let isEqual: (UnsafeMutableRawPointer, any Device) -> Bool
    let deallocate: (UnsafeMutableRawPointer) -> Void

    /// Puts a device into memory of its own, which `deallocate` frees.
    init<D: Device>(_ device: D) {
        func at(_ raw: UnsafeMutableRawPointer) -> UnsafeMutablePointer<D> { raw.assumingMemoryBound(to: D.self) }
        let memory = UnsafeMutablePointer<D>.allocate(capacity: 1)
        memory.initialize(to: device)
        type = ObjectIdentifier(D.self)
        state = UnsafeMutableRawPointer(memory)
        ports = device.ports
        nextEvent = { at($0).pointee.nextEvent }
        read = { at($0).pointee.read($1, &$2) }
        write = { at($0).pointee.write($1, $2, &$3) }
        readWide = { at($0).pointee.readWide($1, size: $2, &$3) }
        writeWide = { at($0).pointee.writeWide($1, size: $2, $3, &$4) }
        advance = { at($0).pointee.advance(&$1) }
        hash = { at($0).pointee.hash(into: &$1) }
        save = { at($0).pointee }
        restore = { raw, saved in if let saved = saved as? D { at(raw).pointee = saved } }
        isEqual = { raw, saved in (saved as? D) == at(raw).pointee }
        deallocate = { raw in
            at(raw).deinitialize(count: 1)
            at(raw).deallocate()
        }
    }
}

/// All devices at one moment, as a snapshot keeps them.
struct SavedDevices: Sendable {
    fileprivate let devices: [any Device]
    fileprivate let bus: Bus
}

extension Devices {
    /// A copy of every device and of the wires between them; what the host has not yet taken stays where it is.
    func save() -> SavedDevices {
        var wires = bus.pointee
        wires.outbox = Outbox()
        return SavedDevices(devices: slots.map { $0.save($0.state) }, bus: wires)
    }

    /// Puts the copies back.
    mutating func restore(_ saved: SavedDevices) {
        for (slot, device) in zip(slots, saved.devices) { slot.restore(slot.state, device) }
        let outbox = bus.pointee.outbox
        bus.pointee = saved.bus
        bus.pointee.outbox = outbox
        reschedule()
    }

    /// Whether every device and wire is as it was.
    func equals(_ saved: SavedDevices) -> Bool {
        bus.pointee == saved.bus && zip(slots, saved.devices).allSatisfy { $0.isEqual($0.state, $1) }
    }

    /// Feeds the state of every device to a hash.
    func hash(into hasher: inout StableHasher) {
        for slot in slots { slot.hash(slot.state, &hasher) }
        bus.pointee.hash(into: &hasher)
    }
}
