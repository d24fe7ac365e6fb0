// SPDX-License-Identifier: GPL-3.0-or-later

extension FaultScenario {
    /// Security and processes (spec/boot.md sections 1.6 #22 and #23, 1.8 #14).
    static let ofSecurity: [FaultScenario] = [
        FaultScenario(
            "security-phase-2", "SeInitSystem is called when start-up is over.", "early:SeInitSystem@MmZeroPageThread",
            outcome: "It has nothing to do in phase 2: bugcheck 0x33(0, 2, 0, 0) (section 1.6 #22)."),
        FaultScenario(
            "processes-phase-2", "PsInitSystem is called when start-up is over.", "early:PsInitSystem@MmZeroPageThread",
            outcome: "It has nothing to do in phase 2: bugcheck 0x33(1, 2, 0, 0) (section 1.6 #23)."),
        FaultScenario(
            "no-lsa-event", "The event of the authentication service cannot be made.",
            "status:NtCreateEvent@SepInitializationPhase1:STATUS_INSUFFICIENT_RESOURCES",
            outcome: "SeInitSystem returns FALSE: bugcheck 0x63 (section 1.8 #14)."),
    ]
}
