// SPDX-License-Identifier: GPL-3.0-or-later

/// How KD gets to be called again once there are files (spec/boot.md section 2). One of them is linked; it is an input of the run.
package struct Mechanism: Equatable, Sendable {
    /// What `--mechanism` calls it.
    package let name: String
    /// One sentence.
    package let summary: String
    /// What is linked differently; evaluated for each link.
    let variant: @Sendable () -> LinkVariant

    package static func == (a: Self, b: Self) -> Bool { a.name == b.name }

    /// All of them; the first is the usual one. A new one is a row here.
    package static let all: [Mechanism] = [.hook, .callback, .loadOrder, .bootDriver]

    /// The mechanism of that name.
    package static func named(_ name: String) -> Mechanism? { all.first { $0.name == name } }

    /// The seam in `KdpDriverReinit` where KD's driver object is gone.
    static let afterLastRound = "KD's driver object is gone"

    package static let hook = Mechanism(
        name: "hook",
        summary: "KD patches HalInitPnpDriver in the HAL's dispatch table; the I/O manager calls it, and KD makes itself a driver.",
        variant: { LinkVariant() })

    package static let callback = Mechanism(
        name: "callback",
        summary: """
            The I/O manager calls KdbpCliInit and KdInitSystem(3) behind the boot drivers, as before the commit; the log is opened by its own print \
            routine.
            """,
        variant: { CallbackMechanism.variant })

    package static let loadOrder = Mechanism(
        name: "load-order",
        summary:
            "KD links a made-up library into the loader's list of modules; the I/O manager calls its DllInitialize before the boot drivers.",
        variant: { LoadOrderMechanism.variant })

    package static let bootDriver = Mechanism(
        name: "boot-driver",
        summary: "KD links a made-up module and a boot driver entry; the I/O manager starts it like any boot driver.",
        variant: { BootDriverMechanism.variant })
}
