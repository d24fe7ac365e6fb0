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
        FaultScenario(
            "no-sids", "No pool for the third of the well-known SIDs.", "pool:SeSi@SepMakeSid:3",
            outcome: "SeInitSystem returns FALSE: bugcheck 0x5F (section 1.6 #22)."),
        FaultScenario(
            "no-token", "No pool for what the system's token holds.", "pool:SeTd@SepAllocateTokenParts:1",
            outcome: "The token is deleted again and SeInitSystem returns FALSE: bugcheck 0x5F (section 1.6 #22)."),
        FaultScenario(
            "no-shared-resources", "No pool for the resources that file systems share.", "pool:FSrs@FsRtlInitSystem:1",
            outcome: "FsRtlInitSystem returns FALSE: bugcheck 0x68 (section 1.8 #21)."),
        FaultScenario(
            "no-port-type", "The type WaitablePort cannot be made.",
            "status:ObCreateObjectType@LpcInitSystem:STATUS_INSUFFICIENT_RESOURCES:2",
            outcome: "LpcInitSystem returns FALSE: bugcheck 0x6A (section 1.8 #25)."),
        FaultScenario(
            "no-lid-notification", "Power cannot be told of lids.",
            "status:IoRegisterPlugPlayNotification@PopInitSystemPhase1:STATUS_INSUFFICIENT_RESOURCES:2",
            outcome: "PoInitSystem returns FALSE: bugcheck 0xA0 (section 1.8 #32)."),
        FaultScenario(
            "no-reference-monitor", "The thread that would serve the security authority cannot be made.",
            "status:PsCreateSystemThread@SeRmInitPhase1:STATUS_INSUFFICIENT_RESOURCES",
            outcome: "SeRmInitPhase1 returns FALSE: bugcheck 0x6B (section 1.8 #35)."),
    ]
}
