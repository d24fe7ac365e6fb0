// SPDX-License-Identifier: GPL-3.0-or-later

/// Driver objects.
extension Io {
    /// `IoCreateDriver(DriverName, InitializationFunction)`: makes a driver object for code that is already there.
    package static let createDriver: Routine = .init("IoCreateDriver", ["DriverName", "InitializationFunction"]) { f in
        f.return(Status.notImplemented)
    }

    /// `IoDeleteDriver(DriverObject)`: drops the creator's reference.
    package static let deleteDriver: Routine = .init("IoDeleteDriver", ["DriverObject"]) { f in
        f.return(Status.notImplemented)
    }

    /// `IoRegisterBootDriverReinitialization(DriverObject, DriverReinitializationRoutine, Context)`: queues a routine for the end of boot driver start.
    package static let registerBootDriverReinitialization: Routine = .init(
        "IoRegisterBootDriverReinitialization",
        ["DriverObject", "DriverReinitializationRoutine", "Context"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `IoRegisterDriverReinitialization(DriverObject, DriverReinitializationRoutine, Context)`: queues a routine for the end of system driver start.
    package static let registerDriverReinitialization: Routine = .init(
        "IoRegisterDriverReinitialization",
        ["DriverObject", "DriverReinitializationRoutine", "Context"]
    ) { f in
        f.return(Status.notImplemented)
    }

    /// `IoInitSystem(LoaderBlock)`: spec/boot.md section 1.9; BOOLEAN.
    package static let initSystem: Routine = .init("IoInitSystem", ["LoaderBlock"]) { f in
        f.return(Status.notImplemented)
    }
}
