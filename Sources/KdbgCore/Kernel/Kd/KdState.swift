// SPDX-License-Identifier: GPL-3.0-or-later

/// The variables of KD (spec/boot.md sections 1.3, 2.1, 5.21). BOOLEANs use the first byte of their cell.
extension Kd {
    // MARK: On or off

    /// KD is on: prints and exceptions reach it.
    package static let debuggerEnabled: Global = .init("KdDebuggerEnabled")
    /// KD was wanted but could not start, or was not wanted.
    package static let debuggerNotPresent: Global = .init("KdDebuggerNotPresent")
    /// KD may never be enabled.
    package static let pitchDebugger: Global = .init("KdPitchDebugger") { [.dword(1)] }
    /// Inside the debugger.
    package static let enteredDebugger: Global = .init("KdEnteredDebugger")
    /// How often KD was disabled.
    package static let disableCount: Global = .init("KdDisableCount")
    /// KD was on when it was disabled first.
    package static let previouslyEnabled: Global = .init("KdPreviouslyEnabled")
    /// Nobody may enable KD.
    package static let blockEnable: Global = .init("KdBlockEnable")
    /// Enable KD at the first event that wants it.
    package static let autoEnableOnEvent: Global = .init("KdAutoEnableOnEvent")
    /// First-chance exceptions of user mode are not for KD.
    package static let ignoreUmExceptions: Global = .init("KdIgnoreUmExceptions")
    /// Stop when the next image's symbols are loaded.
    package static let breakAfterSymbolLoad: Global = .init("KdBreakAfterSymbolLoad")
    /// The one-time structures exist.
    package static let debuggerStructuresInitialized: Global = .init("KdpDebuggerStructuresInitialized")

    /// Switches processors for the debugger.
    package static let debugSwitchRoutine: Global = .init("KiDebugSwitchRoutine")

    /// Clocks per second of the performance counter, 64 bits.
    package static let performanceCounterRate: Global = .init("KdPerformanceCounterRate", size: 8, alignment: 8)

    // MARK: Providers

    /// The providers that print, in order.
    package static let providerList: GlobalStructure<LIST_ENTRY> = Global.listHead("KdProviders")
    /// One bit per provider that the boot options chose: 1 Screen, 2 Serial, 4 File.
    package static let debugMode: Global = .init("KdpDebugMode")
    /// 1 input from the serial line, 2 no echo, 4 every first-chance condition is `always`.
    package static let debugState: Global = .init("KdbDebugState")

    // MARK: The hook

    /// What the HAL dispatch table held before the hook.
    package static let orgHalInitPnpDriver: Global = .init("orgHalInitPnpDriver")
    /// The hook has run.
    package static let initCalled: Global = .init("InitCalled")

    // MARK: Breakpoints of the wire protocol

    /// 32 slots; KDBG's own breakpoints live in the host.
    package static let breakpointTable: GlobalStructure<BREAKPOINT_ENTRY> = .init("KdpBreakpointTable", count: 32)
    /// Retries and the Ctrl-C flag.
    package static let context: GlobalStructure<KD_CONTEXT> = .init("KdpContext")

    // MARK: Variables of other components

    /// Base of the kernel image.
    static let ntosImageBase: Global = .init("PsNtosImageBase")

    // MARK: Statuses that only KD uses

    /// STATUS_INVALID_PARAMETER_1.
    static let invalidParameter1: Value = 0xC000_00EF
    /// STATUS_DEVICE_NOT_CONNECTED: a print without a debugger.
    static let deviceNotConnected: Value = 0xC000_009D
}
