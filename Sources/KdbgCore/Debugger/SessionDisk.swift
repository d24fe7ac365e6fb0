// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Brings the boot disk to whoever keeps it across runs. What is kept is what the guest has flushed: after a flush the volume is whole, in between it may not be.
final class SessionDisk {
    /// Nil: the disk ends with the machine.
    weak var keeper: (any DiskKeeper)?
    /// Why the last changes are not kept; nil when they are.
    private(set) var failure: String?
    private var news: String?
    /// The flushes whose outcome has been kept.
    private var flushes: UInt64 = 0

    /// Has the disk kept, unless that has been done.
    /// - Parameter isLast: also without a flush: what has failed is tried once more, and a script is kept that was put on the disk before.
    func keep(of machine: Machine, isLast: Bool = false) {
        guard let keeper, machine.disk.flushCount != flushes || isLast else { return }
        flushes = machine.disk.flushCount
        do throws(HostFileError) {
            try keeper.keep(machine.disk.flushedImage)
            if failure != nil { news = "the disk is kept again" }
            failure = nil
        } catch {
            if failure != error.reason { news = "the disk cannot be kept: \(error.reason)" }
            failure = error.reason
        }
    }

    /// The disk that a machine after this one boots from; nil when the disk is not kept, or cannot be booted from any more.
    func next(after machine: Machine) -> BootDisk? {
        guard keeper != nil else { return nil }
        flushes = 0
        return try? BootDisk(machine.disk.flushedImage)
    }

    func takeNews() -> String? {
        defer { news = nil }
        return news
    }
}
