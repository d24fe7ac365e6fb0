// SPDX-License-Identifier: GPL-3.0-or-later

/// The I/O manager's variables (spec/boot.md sections 1.9, 5.21). The list heads are zero until 1.9 #2.
extension Io {
    package static let adapterObjectType: Global = .init("IoAdapterObjectType")
    package static let controllerObjectType: Global = .init("IoControllerObjectType")
    package static let deviceObjectType: Global = .init("IoDeviceObjectType")
    /// NULL until 1.9 #6: a premature `IoCreateDriver` faults on it.
    package static let driverObjectType: Global = .init("IoDriverObjectType")
    package static let completionObjectType: Global = .init("IoCompletionType")
    package static let fileObjectType: Global = .init("IoFileObjectType")

    /// Guards the queues of file systems and volumes.
    package static let databaseResource: GlobalStructure<ERESOURCE> = .init("IopDatabaseResource")
    package static let securityResource: GlobalStructure<ERESOURCE> = .init("IopSecurityResource")
    /// Held while a driver is loaded or unloaded.
    package static let driverLoadResource: GlobalStructure<ERESOURCE> = .init("IopDriverLoadResource")

    package static let diskFileSystemQueue: GlobalStructure<LIST_ENTRY> = .init("IopDiskFileSystemQueueHead")
    package static let cdRomFileSystemQueue: GlobalStructure<LIST_ENTRY> = .init("IopCdRomFileSystemQueueHead")
    package static let tapeFileSystemQueue: GlobalStructure<LIST_ENTRY> = .init("IopTapeFileSystemQueueHead")
    package static let networkFileSystemQueue: GlobalStructure<LIST_ENTRY> = .init("IopNetworkFileSystemQueueHead")
    /// Routines that run when the boot drivers have been started.
    package static let driverBootReinitList: GlobalStructure<LIST_ENTRY> = .init("DriverBootReinitListHead")
    /// Routines that run when the system drivers have been started.
    package static let driverReinitList: GlobalStructure<LIST_ENTRY> = .init("DriverReinitListHead")
    static let driverBootReinitLock: Global = .init("DriverBootReinitListLock")
    static let driverReinitLock: Global = .init("DriverReinitListLock")
    package static let shutdownList: GlobalStructure<LIST_ENTRY> = .init("ShutdownListHead")
    package static let lastChanceShutdownList: GlobalStructure<LIST_ENTRY> = .init("LastChanceShutdownListHead")
    package static let fsNotifyChangeQueue: GlobalStructure<LIST_ENTRY> = .init("IopFsNotifyChangeQueueHead")
    package static let errorLogList: GlobalStructure<LIST_ENTRY> = .init("IopErrorLogListHead")
    package static let timerQueue: GlobalStructure<LIST_ENTRY> = .init("IopTimerQueueHead")

    /// `IopErrorLogObject`: the boot partition's device from 1.9 #19 on.
    package static let errorLogObject: Global = .init("IopErrorLogObject")
    /// `IopLoaderBlock`: the loader block between 1.9 #13 and #17.
    package static let loaderBlock: Global = .init("IopLoaderBlock")
    package static let bootDriversLoaded: Global = .init("PnPBootDriversLoaded")
    package static let bootDriversInitialized: Global = .init("PnPBootDriversInitialized")
    /// `PnpSystemInit`: from now on every driver load drains the driver queue.
    package static let pnpSystemInit: Global = .init("PnpSystemInit")
}

/// First words of I/O structures (spec/boot.md section 5.5).
enum IoType {
    static let controller: UInt32 = 2
    static let device: UInt32 = 3
    static let driver: UInt32 = 4
    static let file: UInt32 = 5
    static let irp: UInt32 = 6
    static let openPacket: UInt32 = 8
    static let timer: UInt32 = 9
    static let vpb: UInt32 = 0x0A
    static let errorLog: UInt32 = 0x0B
    static let deviceExtension: UInt32 = 0x0D
}

/// Major function codes (spec/boot.md section 5.4).
package enum Major {
    package static let create: UInt32 = 0x00
    package static let close: UInt32 = 0x02
    package static let read: UInt32 = 0x03
    package static let write: UInt32 = 0x04
    package static let queryInformation: UInt32 = 0x05
    package static let setInformation: UInt32 = 0x06
    package static let flush: UInt32 = 0x09
    package static let queryVolumeInformation: UInt32 = 0x0A
    package static let setVolumeInformation: UInt32 = 0x0B
    package static let fileSystemControl: UInt32 = 0x0D
    package static let deviceControl: UInt32 = 0x0E
    /// IRP_MJ_INTERNAL_DEVICE_CONTROL, which storage drivers call IRP_MJ_SCSI.
    package static let internalDeviceControl: UInt32 = 0x0F
    package static let shutdown: UInt32 = 0x10
    package static let cleanup: UInt32 = 0x12
    package static let pnp: UInt32 = 0x1B
}

/// Bits of DRIVER_OBJECT.Flags.
package enum DriverFlag {
    package static let unloadInvoked: UInt32 = 0x01
    package static let legacy: UInt32 = 0x02
    package static let builtIn: UInt32 = 0x04
    package static let reinitRegistered: UInt32 = 0x08
    package static let initialized: UInt32 = 0x10
    package static let bootReinitRegistered: UInt32 = 0x20
}

/// Bits of DEVICE_OBJECT.Flags.
package enum DeviceFlag {
    package static let verifyVolume: UInt32 = 0x02
    package static let bufferedIo: UInt32 = 0x04
    package static let exclusive: UInt32 = 0x08
    package static let directIo: UInt32 = 0x10
    package static let hasName: UInt32 = 0x40
    package static let initializing: UInt32 = 0x80
    package static let systemBootPartition: UInt32 = 0x100
    package static let shutdownRegistered: UInt32 = 0x800
    package static let busEnumerated: UInt32 = 0x1000
    package static let powerPagable: UInt32 = 0x2000
    package static let lowPriorityFileSystem: UInt32 = 0x1_0000
}

/// Bits of FILE_OBJECT.Flags.
package enum FileFlag {
    package static let synchronous: UInt32 = 0x02
    package static let alertable: UInt32 = 0x04
    package static let noBuffering: UInt32 = 0x08
    package static let writeThrough: UInt32 = 0x10
    package static let sequentialOnly: UInt32 = 0x20
    package static let directDeviceOpen: UInt32 = 0x800
    package static let cleanupComplete: UInt32 = 0x4000
    package static let handleCreated: UInt32 = 0x4_0000
}
