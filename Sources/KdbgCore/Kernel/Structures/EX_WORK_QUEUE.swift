// SPDX-License-Identifier: GPL-3.0-or-later

/// `EX_WORK_QUEUE`, an element of `ExWorkerQueue`. Info: bit 0 disabled, bit 1 more threads as necessary.
package struct EX_WORK_QUEUE: Structure {
    package static let size: UInt32 = 0x3C
    package let WorkerQueue = Embedded<KQUEUE>(0x00)
    package let DynamicThreadCount = Field.u32(0x28)
    package let WorkItemsProcessed = Field.u32(0x2C)
    package let WorkItemsProcessedLastPass = Field.u32(0x30)
    package let QueueDepthLastPass = Field.u32(0x34)
    package let Info = Field.u32(0x38)

    package static let layout = Self()
}
