// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Kernel stacks (spec/boot.md section 4.1): three pages in system PTE space above an entry that stays empty, so that a stack that grows too
/// far faults instead of writing into its neighbour. The fault has no stack left to push its frame on, so it becomes a double fault, BC 0x7F(8).
extension Mm {
    /// Pages of a stack; of a large one, the pages reserved and those it has at first.
    private static let stackPages: UInt32 = 3
    private static let largeStackPages: UInt32 = 15

    /// `MmCreateKernelStack(GuiStack, Node) -> upper end, or NULL`. A large stack has address space for 60 KB and pages for 12 KB.
    package static let createKernelStack: Routine = .init("MmCreateKernelStack", ["GuiStack", "Node"]) { f in
        let reserved = f.local(stackPages)
        f.if((f.argument(0) & 0xFF) != 0) { f.set(reserved, largeStackPages) }
        let guardEntry = f.call(reserveSystemPtes, reserved + 1, PteSpace.system)
        f.if(guardEntry == 0) { f.return(0) }
        let top = f.local(guardEntry + ((reserved + 1) << 2))
        let base = f.local((top << 10) - 0x1000 * Value(stackPages))
        f.if(f.call(mapPages, base, stackPages) == 0) {
            f.call(unmapPages, base, stackPages)
            f.call(releaseSystemPtes, guardEntry, reserved + 1, PteSpace.system)
            f.return(0)
        }
        f.return(base + 0x1000 * Value(stackPages))
    }

    /// `MmDeleteKernelStack(StackBase, GuiStack)`: gives pages and entries back. `StackBase` is the upper end.
    package static let deleteKernelStack: Routine = .init("MmDeleteKernelStack", ["StackBase", "GuiStack"]) { f in
        let reserved = f.local(stackPages)
        f.if((f.argument(1) & 0xFF) != 0) { f.set(reserved, largeStackPages) }
        let base = f.local(f.argument(0) - (reserved << 12))
        f.call(unmapPages, base, reserved)
        f.call(releaseSystemPtes, pte(of: base) - 4, reserved + 1, PteSpace.system)
        f.return()
    }
}
