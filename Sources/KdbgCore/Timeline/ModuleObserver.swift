// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Keeps up with where the guest's images are.
///
/// What is known is always what the guest's own lists say, the kernel's and, as long as it exists, the loader's: nothing is remembered that memory does not
/// say, so it is right at any moment of a run, also when that is gone back to. The lists are read when the guest comes to one of a few routines behind
/// which an image has moved, come or gone; no code of it runs before.
package final class ModuleObserver {
    private let guest: Guest
    private let events: Set<UInt32>
    /// The lists' heads: of the kernel's list, and the pointer to the loader block, whose first field is the head of the loader's.
    private let kernelList: UInt32?
    private let loaderBlock: UInt32?
    /// For images of user mode: where the process manager keeps the system DLL's base, and the executive the first process.
    private let systemDllBase: UInt32?
    private let programProcess: UInt32?

    /// Lists in guest memory may loop or lead nowhere.
    private static let limit = 512

    package init(_ guest: Guest) {
        self.guest = guest
        kernelList = guest.kernelSymbol("PsLoadedModuleList")?.address
        loaderBlock = guest.kernelSymbol("KeLoaderBlock")?.address
        systemDllBase = guest.kernelSymbol(Ps.systemDllBase.name)?.address
        programProcess = guest.kernelSymbol(Ex.initialProcess.name)?.address
        events = guest.placedImages.isEmpty ? [] : Set(Mm.moduleEvents.compactMap { guest.kernelSymbol($0.name)?.address })
        for address in events.sorted() { guest.machine.insertCodeStop(at: address) }
    }

    package func observes(_ address: UInt32) -> Bool { events.contains(address) }

    /// Reads the lists, and tells the guest's symbols where they are.
    /// - Returns: whether anything has changed.
    package func refresh() -> Bool {
        guard let bases = currentBases() else { return false }
        return guest.place(bases)
    }

    /// By index in `guest.placedImages`; nil when there is no list yet, or one that is broken.
    private func currentBases() -> [UInt32?]? {
        var entries: [Entry] = []
        if let head = kernelList {
            guard let list = read(head) else { return nil }
            entries += list
        }
        if let cell = loaderBlock, let block = guest.machine.read32(linear: cell), block != 0 {
            guard let list = read(block) else { return nil }
            entries += list
        }
        guard !entries.isEmpty else { return nil }
        return guest.placedImages.map { placed in
            switch placed.home {
            case .fixed: return placed.base
            case .systemDll: return base(in: systemDllBase)
            case .program: return base(in: programProcess.flatMap { base(in: $0) }.map { $0 &+ EPROCESS.layout.SectionBaseAddress.offset })
            case .listed: break
            }
            let name = placed.image.module.name.lowercased()
            return entries.first { $0.checkSum == placed.checkSum && $0.name == name }?.base
        }
    }

    /// What a cell holds; nil for 0.
    private func base(in cell: UInt32?) -> UInt32? {
        guard let cell, let value = guest.machine.read32(linear: cell), value != 0 else { return nil }
        return value
    }

    /// An LDR_DATA_TABLE_ENTRY.
    private struct Entry {
        /// In lower case.
        var name: String
        var base: UInt32
        var checkSum: UInt32
    }

    /// The entries of a list, none when it has not been made yet; nil when it does not come back to its head.
    private func read(_ head: UInt32) -> [Entry]? {
        let machine = guest.machine
        let fields = LDR_DATA_TABLE_ENTRY.layout
        var entries: [Entry] = []
        guard var address = machine.read32(linear: head) else { return nil }
        if address == 0 { return [] }
        while address != head {
            guard entries.count < Self.limit, let base = machine.read32(linear: address &+ fields.DllBase.offset),
                let checkSum = machine.read32(linear: address &+ fields.CheckSum.offset),
                let length = machine.read16(linear: address &+ fields.BaseDllName.offset),
                let buffer = machine.read32(linear: address &+ fields.BaseDllName.offset &+ 4),
                let name = machine.readBytes(linear: buffer, count: min(Int(length), 128)), let next = machine.read32(linear: address)
            else { return nil }
            let characters = stride(from: 0, to: name.count, by: 2).map { name[$0] }
            entries.append(Entry(name: String(decoding: characters, as: UTF8.self).lowercased(), base: base, checkSum: checkSum))
            address = next
        }
        return entries
    }
}
