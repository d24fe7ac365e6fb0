// SPDX-License-Identifier: GPL-3.0-or-later

/// The devices of the PC and the bus they are on: who answers at which port, whose time comes next. A handle: copies share the devices, `Machine` frees them.
struct Devices {
    let slots: [DeviceSlot]
    let bus: UnsafeMutablePointer<Bus>
    /// The interrupt controller, which the processor asks before each instruction that could be interrupted.
    private let controller: UnsafeMutablePointer<PIC>
    private let ata: UnsafeMutablePointer<Disk>
    /// The slot that answers at each port; `nobody` where none does.
    private let owners: UnsafeMutablePointer<UInt8>
    private let table: UnsafeMutablePointer<DeviceSlot>
    /// By slot, when it next does something by itself.
    private let events: UnsafeMutablePointer<UInt64>
    /// The earliest of these: the instruction count at which `advance` has to be called.
    private(set) var nextEvent: UInt64 = .max

    private static var nobody: UInt8 { 0xFF }

    init(memoryBytes: Int) {
        slots = Self.list(memoryBytes: memoryBytes)
        bus = .allocate(capacity: 1)
        bus.initialize(to: Bus())
        controller = Self.find(PIC.self, in: slots)[0]
        ata = Self.find(Disk.self, in: slots)[0]
        owners = .allocate(capacity: 0x1_0000)
        owners.initialize(repeating: Self.nobody, count: 0x1_0000)
        table = .allocate(capacity: slots.count)
        table.initialize(from: slots, count: slots.count)
        events = .allocate(capacity: slots.count)
        events.initialize(repeating: .max, count: slots.count)
        for (number, slot) in slots.enumerated() {
            for range in slot.ports { for port in range { owners[Int(port)] = UInt8(number) } }
        }
        reschedule()
    }

    /// Frees the devices.
    func deallocate() {
        for slot in slots { slot.deallocate(slot.state) }
        table.deinitialize(count: slots.count)
        table.deallocate()
        bus.deinitialize(count: 1)
        bus.deallocate()
        owners.deallocate()
        events.deallocate()
    }

    private static func find<D: Device>(_: D.Type, in slots: [DeviceSlot]) -> [UnsafeMutablePointer<D>] {
        slots.filter { $0.type == ObjectIdentifier(D.self) }.map { $0.state.assumingMemoryBound(to: D.self) }
    }

    /// Every device of a type, in the list's order. Whoever changes one calls `settle` afterwards.
    func all<D: Device>(_: D.Type) -> [UnsafeMutablePointer<D>] { Self.find(D.self, in: slots) }

    /// Takes a device, the n-th of its type, off the bus: nothing answers at its ports.
    func detach<D: Device>(_: D.Type, _ n: Int) {
        guard let slot = slots.indices.filter({ slots[$0].type == ObjectIdentifier(D.self) }).dropFirst(n).first else { return }
        for range in slots[slot].ports {
            for port in range where owners[Int(port)] == UInt8(slot) { owners[Int(port)] = Self.nobody }
        }
    }

    /// The only device of a type.
    func one<D: Device>(_: D.Type) -> UnsafeMutablePointer<D> { all(D.self)[0] }

    var pic: PIC {
        get { controller.pointee }
        nonmutating _modify { yield &controller.pointee }
    }

    var disk: Disk {
        get { ata.pointee }
        nonmutating _modify { yield &ata.pointee }
    }

    /// The interrupt controller asks for the processor.
    @inline(__always) var isRequestingInterrupt: Bool { controller.pointee.isRequesting }

    // MARK: Time

    /// Does what is due at an instruction count.
    @inline(never) mutating func advance(to now: UInt64) {
        bus.pointee.setTime(now)
        for number in 0..<slots.count where events[number] <= now {
            table[number].advance(table[number].state, &bus.pointee)
            events[number] = table[number].nextEvent(table[number].state)
        }
        reschedule(asking: false)
        deliver()
    }

    /// Finds the earliest event, and tells the interrupt controller what has become of the lines.
    mutating func settle() {
        reschedule()
        deliver()
    }

    /// `asking`: the devices may have changed their minds.
    mutating func reschedule(asking: Bool = true) {
        var earliest = UInt64.max
        for number in 0..<slots.count {
            if asking { events[number] = table[number].nextEvent(table[number].state) }
            earliest = min(earliest, events[number])
        }
        nextEvent = earliest
    }

    private func deliver() {
        controller.pointee.see(lines: bus.pointee.lines, dropped: bus.pointee.dropped)
        bus.pointee.clearDropped()
    }

    /// One device has been used.
    @inline(__always) private mutating func settle(_ number: Int) {
        let event = table[number].nextEvent(table[number].state)
        if event != events[number] {
            events[number] = event
            reschedule(asking: false)
        }
        if bus.pointee.lines != controller.pointee.lines || bus.pointee.dropped != 0 { deliver() }
    }

    @inline(__always) private mutating func setTime(_ now: UInt64) {
        if nextEvent <= now { advance(to: now) }
        bus.pointee.setTime(now)
    }

    // MARK: Ports

    /// IN of 1, 2 or 4 bytes. Ports where nothing answers read as ones.
    mutating func read(_ port: UInt16, size: Int, at now: UInt64) -> UInt32 {
        setTime(now)
        if size == 1 { return UInt32(readByte(port)) }
        let owner = owners[Int(port)]
        if owner != Self.nobody, let value = table[Int(owner)].readWide(table[Int(owner)].state, port, size, &bus.pointee) {
            settle(Int(owner))
            return value
        }
        var value: UInt32 = 0
        for i in 0..<size { value |= UInt32(readByte(port &+ UInt16(i))) << UInt32(8 * i) }
        return value
    }

    private mutating func readByte(_ port: UInt16) -> UInt8 {
        let owner = Int(owners[Int(port)])
        guard owner != Int(Self.nobody) else { return 0xFF }
        let value = table[owner].read(table[owner].state, port, &bus.pointee)
        settle(owner)
        return value
    }

    /// OUT of 1, 2 or 4 bytes.
    mutating func write(_ port: UInt16, size: Int, _ value: UInt32, at now: UInt64) {
        setTime(now)
        if size == 1 { return writeByte(port, UInt8(truncatingIfNeeded: value)) }
        let owner = owners[Int(port)]
        if owner != Self.nobody, table[Int(owner)].writeWide(table[Int(owner)].state, port, size, value, &bus.pointee) {
            return settle(Int(owner))
        }
        for i in 0..<size { writeByte(port &+ UInt16(i), UInt8(truncatingIfNeeded: value >> UInt32(8 * i))) }
    }

    private mutating func writeByte(_ port: UInt16, _ value: UInt8) {
        if port == bus.pointee.outbox.postPort {
            bus.pointee.postCode = value
            bus.pointee.outbox.post(value)
        }
        let owner = Int(owners[Int(port)])
        guard owner != Int(Self.nobody) else { return }
        table[owner].write(table[owner].state, port, value, &bus.pointee)
        settle(owner)
    }

    /// A block of the disk's data port for INS: copies up to `count` bytes, a multiple of 4, as far as its buffer goes. Answers how many.
    mutating func readDiskBlock(_ target: UnsafeMutableRawPointer, count: Int, at now: UInt64) -> Int {
        setTime(now)
        let length = ata.pointee.readBlock(target, count: count, &bus.pointee)
        settle()
        return length
    }

    var wantsReset: Bool { bus.pointee.wantsReset }

    /// Code written to port F4h.
    var exitCode: UInt32? {
        get { bus.pointee.exitCode }
        nonmutating set { bus.pointee.exitCode = newValue }
    }
}
