// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// The guest's KD waits in `KdbpCliMainLoop(ExceptionRecord*, Context*, FirstChance)` while the user is at the prompt.
struct DebuggerEntry {
    let call: HostCall
    /// Virtual address of the EXCEPTION_RECORD.
    let record: UInt32
    let code: UInt32
    /// `ExceptionAddress` of the record, virtual.
    private let exceptionAddress: UInt32
    /// Virtual address of the CONTEXT record.
    let context: UInt32
    let isFirstChance: Bool

    /// Offsets in EXCEPTION_RECORD (spec/boot.md section 5.16).
    private static let exceptionCode: UInt32 = 0x00
    private static let exceptionAddressOffset: UInt32 = 0x0C

    init(_ call: HostCall, _ machine: Machine) {
        self.call = call
        let arguments = call.arguments
        record = arguments.first ?? 0
        code = machine.read32(linear: record &+ Self.exceptionCode) ?? 0
        exceptionAddress = machine.read32(linear: record &+ Self.exceptionAddressOffset) ?? 0
        context = arguments.count > 1 ? arguments[1] : 0
        isFirstChance = arguments.count > 2 ? arguments[2] & 0xFF != 0 : true
    }

    /// Lets the guest offer the line to its drivers; it comes back to the prompt.
    func invokeCallbacks() { call.finish(2) }

    /// Lets the guest go on, with what spec/kdbg.md section 4.5 asks for.
    /// - Returns: where the interrupted code goes on, if it does; nil when the CONTEXT cannot be read.
    func finish(_ machine: Machine) -> Plan.Place? {
        let number = ExceptionConditions.number(of: code)
        let isConsumed = [ExceptionConditions.breakpoint, ExceptionConditions.debugTrap, ExceptionConditions.assertion].contains(number)
        var eip = machine.read32(linear: context &+ RegisterView.contextEip)
        // An embedded INT3 is stepped over. The second prompt of one exception (KDBinit's `break`) finds that done.
        if number == ExceptionConditions.breakpoint, let old = eip, old == exceptionAddress {
            eip = old &+ 1
            _ = machine.writeBytes(
                linear: context &+ RegisterView.contextEip, (0..<4).map { UInt8(truncatingIfNeeded: (old &+ 1) >> ($0 * 8)) })
        }
        call.finish(isConsumed ? 1 : 0)
        guard let eip, let esp = machine.read32(linear: context &+ RegisterView.contextEsp) else { return nil }
        return Plan.Place(address: eip, stack: esp, isExact: true)
    }
}
