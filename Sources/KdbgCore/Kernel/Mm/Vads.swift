// SPDX-License-Identifier: GPL-3.0-or-later

/// Bits of MMVAD.u.
enum VadFlag {
    /// Bits 0 to 18: pages that are charged to the process.
    static let commitMask: UInt32 = 0x7_FFFF
    static let physicalMapping: UInt32 = 0x8_0000
    static let imageMap: UInt32 = 0x10_0000
    /// Bits 24 to 28: MM_… protection.
    static let protectionShift: UInt32 = 24
    static let memCommit: UInt32 = 0x4000_0000
    static let privateMemory: UInt32 = 0x8000_0000
}

/// What a process has at which addresses: MMVADs in a binary tree below EPROCESS.VadRoot, smaller addresses to the left. EPROCESS.AddressCreationLock is held by whoever
/// looks at the tree or changes it. Unlike NT's, the tree is not balanced.
extension Mm {
    static let vadTag: StaticString = "Vad "
    /// Addresses come in units of 64 KiB, that is 16 pages.
    private static let granularity: Value = 16
    private static let lowestVpn: Value = 0x10

    private static func root(_ process: Pointer<EPROCESS>) -> Pointer<MMADDRESS_NODE> { process.VadRoot.BalancedRoot }

    /// `MmInitializeProcessVads(Process*)`: none; the lock is free.
    package static let initializeVads: Routine = .init("MiInitializeProcessVads", ["Process"]) { f in
        let process = f.argument(0, EPROCESS.self)
        f.zero(process.VadRoot, MM_AVL_TABLE.size)
        f.set(root(process).u1, root(process))
        f.call(Ke.initializeGuardedMutex, process.AddressCreationLock)
        f.return()
    }

    /// `MiCheckForConflictingNode(StartVpn, EndVpn, Process*) -> MMVAD* or NULL`: one that has any of these pages.
    static let findVad: Routine = .init("MiCheckForConflictingNode", ["StartVpn", "EndVpn", "Process"]) { f in
        let node = f.local(root(f.argument(2, EPROCESS.self)).RightChild)
        f.while(node.isNotNull) {
            f.if(f.argument(1) < node.StartingVpn) {
                f.set(node.value, node.LeftChild)
            } else: {
                f.if(f.argument(0) <= node.EndingVpn) { f.return(node) }
                f.set(node.value, node.RightChild)
            }
        }
        f.return(0)
    }

    /// `MiFindEmptyAddressRange(Pages, TopDown, Process*) -> first page, or 0`: room for as many pages on a boundary of 64 KiB, the lowest or the highest there is.
    static let findEmptyRange: Routine = .init("MiFindEmptyAddressRange", ["Pages", "TopDown", "Process"]) { f in
        let pages = f.argument(0)
        let end = f.local(highestUserAddress.dword >> 12)
        f.if(pages == 0 || pages > end - lowestVpn) { f.return(0) }
        let vpn = f.local(lowestVpn)
        f.if(f.argument(1) != 0) { f.set(vpn, (end - pages + 1) & ~(granularity - 1)) }
        f.while(vpn >= lowestVpn && vpn <= end - pages + 1) {
            let node = f.call(findVad, vpn, vpn + pages - 1, f.argument(2)).as(MMADDRESS_NODE.self)
            f.if(node.isNull) { f.return(vpn) }
            f.if(f.argument(1) == 0) {
                f.set(vpn, (node.EndingVpn + granularity) & ~(granularity - 1))
            } else: {
                f.if(node.StartingVpn < pages) { f.return(0) }
                f.set(vpn, (node.StartingVpn - pages) & ~(granularity - 1))
            }
        }
        f.return(0)
    }

    /// `MiInsertVad(Vad*, Process*)`: at its place below a leaf; its pages must be nobody's.
    static let insertVad: Routine = .init("MiInsertVad", ["Vad", "Process"]) { f in
        let node = f.argument(0, MMADDRESS_NODE.self)
        let process = f.argument(1, EPROCESS.self)
        let above = f.local(root(process))
        let link = f.local(root(process).address(of: \.RightChild))
        f.while(link.dword() != 0) {
            f.set(above.value, link.dword())
            f.set(link, above.address(of: \.RightChild))
            f.if(node.StartingVpn < above.StartingVpn) { f.set(link, above.address(of: \.LeftChild)) }
        }
        f.set(node.address(of: \.LeftChild).dword(), 0)
        f.set(node.address(of: \.RightChild).dword(), 0)
        f.set(node.u1, above)
        f.set(link.dword(), node)
        let table = process.VadRoot
        f.set(table.NumberGenericTableElements, table.NumberGenericTableElements + 0x100)
        f.set(table.NodeHint, node)
        f.add(process.VirtualSize, (node.EndingVpn - node.StartingVpn + 1) << 12)
        f.if(process.VirtualSize > process.PeakVirtualSize) { f.set(process.PeakVirtualSize, process.VirtualSize) }
        f.return()
    }

    /// `MiReplaceChild(Node*, Child* or NULL)`: whoever points down to the node points to the other one, which learns what is above it.
    private static let replaceChild: Routine = .init("MiReplaceChild", ["Node", "Child"]) { f in
        let node = f.argument(0, MMADDRESS_NODE.self)
        let above = f.local(node.u1).as(MMADDRESS_NODE.self)
        f.if(above.LeftChild.value == node.value) {
            f.set(above.address(of: \.LeftChild).dword(), f.argument(1))
        } else: {
            f.set(above.address(of: \.RightChild).dword(), f.argument(1))
        }
        f.if(f.argument(1) != 0) { f.set(f.argument(1, MMADDRESS_NODE.self).u1, above) }
        f.return()
    }

    /// `MiRemoveVad(Vad*, Process*)`: a node with two children gives its place to the smallest one on its right.
    static let removeVad: Routine = .init("MiRemoveVad", ["Vad", "Process"]) { f in
        let node = f.argument(0, MMADDRESS_NODE.self)
        let process = f.argument(1, EPROCESS.self)
        f.if(node.LeftChild.isNotNull && node.RightChild.isNotNull) {
            let next = f.local(node.RightChild)
            f.while(next.LeftChild.isNotNull) { f.set(next.value, next.LeftChild) }
            f.call(replaceChild, next, next.RightChild)
            f.call(replaceChild, node, next)
            // Read only now: the right child may have been the one that moved.
            f.set(next.address(of: \.LeftChild).dword(), node.LeftChild)
            f.set(next.address(of: \.RightChild).dword(), node.RightChild)
            f.set(next.LeftChild.u1, next)
            f.if(next.RightChild.isNotNull) { f.set(next.RightChild.u1, next) }
        } else: {
            let child = f.local(node.LeftChild)
            f.if(child.isNull) { f.set(child.value, node.RightChild) }
            f.call(replaceChild, node, child)
        }
        let table = process.VadRoot
        f.set(table.NumberGenericTableElements, table.NumberGenericTableElements - 0x100)
        f.if(table.NodeHint == node.value) { f.set(table.NodeHint, 0) }
        f.set(process.VirtualSize, process.VirtualSize - ((node.EndingVpn - node.StartingVpn + 1) << 12))
        f.return()
    }

    /// `MiCreateVad(StartVpn, Pages, Flags, Process*) -> MMVAD* or NULL`: one in the tree, without a section.
    static let createVad: Routine = .init("MiCreateVad", ["StartVpn", "Pages", "Flags", "Process"]) { f in
        let vad = f.call(Ex.allocatePoolWithTag, 0, MMVAD.size, Value.tag(vadTag)).as(MMVAD.self)
        f.if(vad.isNull) { f.return(0) }
        f.zero(vad, MMVAD.size)
        f.set(vad.StartingVpn, f.argument(0))
        f.set(vad.EndingVpn, f.argument(0) + f.argument(1) - 1)
        f.set(vad.u, f.argument(2))
        f.call(insertVad, vad, f.argument(3))
        f.return(vad)
    }

    /// `MiReservePrivateMemory(Address, Pages, Protection) -> BOOLEAN`: the current process has committed memory of its own there. Protection is an MM_… value.
    package static let reservePrivateMemory: Routine = .init("MiReservePrivateMemory", ["Address", "Pages", "Protection"]) { f in
        let process = f.local(Ob.currentProcess).as(EPROCESS.self)
        let vpn = f.local(f.argument(0) >> 12)
        let vad = f.local(0)
        f.call(Ke.acquireGuardedMutex, process.AddressCreationLock)
        f.if(f.call(findVad, vpn, vpn + f.argument(1) - 1, process) == 0) {
            let flags = f.argument(1) | Value(VadFlag.privateMemory | VadFlag.memCommit) | (f.argument(2) << Value(VadFlag.protectionShift))
            f.set(vad, f.call(createVad, vpn, f.argument(1), flags, process))
            f.if(vad != 0) { f.add(process.CommitCharge, f.argument(1)) }
        }
        f.call(Ke.releaseGuardedMutex, process.AddressCreationLock)
        f.return(vad != 0)
    }
}
