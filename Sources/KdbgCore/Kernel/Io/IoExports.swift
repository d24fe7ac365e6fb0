// SPDX-License-Identifier: GPL-3.0-or-later

/// The I/O manager's routines for drivers that nothing else refers to, by source file of NT.
extension Io {
    package static let exports: [any Item] =
        [
            registerDriverReinitialization, getDriverObjectExtension, allocateDriverObjectExtension, initializeTimer, startTimer, stopTimer,
        ] + lookasideExports

    /// What belongs to others but came with the I/O manager: lookaside lists, device queues.
    private static let lookasideExports: [any Item] = [
        Ex.initializeNPagedLookasideList, Ex.initializePagedLookasideList, Ex.deleteNPagedLookasideList, Ex.interlockedPopEntrySList,
        Ex.interlockedPushEntrySList, Ex.allocateFromNPagedLookasideList, Ex.freeToNPagedLookasideList, Ex.allocateFromPPLookasideList,
        Ex.freeToPPLookasideList, Ke.initializeDeviceQueue, Ke.insertDeviceQueue, Ke.insertByKeyDeviceQueue, Ke.removeDeviceQueue,
        Ke.removeByKeyDeviceQueue, Ke.removeEntryDeviceQueue,
    ]
}
