// SPDX-License-Identifier: GPL-3.0-or-later

/// Variables of the kernel that several topics share.
extension Ke {
    package static let loaderBlock: Global = .init("KeLoaderBlock")
    /// `KeLoaderBlock` as a pointer.
    package static var loader: Pointer<LOADER_PARAMETER_BLOCK> { Pointer(loaderBlock.dword) }
    package static let numberProcessors: Global = .init("KeNumberProcessors")
    static let activeProcessors: Global = .init("KeActiveProcessors")
    static let bootCycles: Global = .init("BootCycles", size: 8)
    static let machineType: Global = .init("KeI386MachineType")
    static let freezeExecutionLock: Global = .init("KiFreezeExecutionLock")
    package static let processorBlock: Global = .init("KiProcessorBlock", size: 4 * 32)
    /// Stack of the boot CPU until it has become the idle thread's; the lowest page becomes a guard page.
    static let bootStack: Global = .init("P0BootStackData", size: 0x3000, alignment: 0x1000)
    static let doubleFaultStack: Global = .init("KiDoubleFaultStackData", size: 0x3000, alignment: 0x1000)
    package static let initialThread: GlobalStructure<ETHREAD> = .init("KiInitialThread")
    package static let initialProcess: GlobalStructure<EPROCESS> = .init("KiInitialProcess")
    static let doubleFaultTss: Global = .init("KiDoubleFaultTSS", size: 0x68, alignment: 8)
    static let nmiTss: Global = .init("KiNMITSS", size: 0x68, alignment: 8)
    /// What an exception is offered to first: `KdpStub` or `KdpTrap`.
    package static let debugRoutine: Global = .init("KiDebugRoutine") { [.address(Kd.stub)] }
    package static let featureBits: Global = .init("KeFeatureBits")
    package static let ntGlobalFlag: Global = .init("NtGlobalFlag") { [.dword(0x44_0000)] }

    /// The PCR of CPU 0.
    package static let pcr: Pointer<KPCR> = Pointer(0xFFDF_F000)
    /// The PRCB inside it.
    package static var prcb: Pointer<KPRCB> { Pointer(Value(0xFFDF_F120 as UInt32)) }
    /// The kernel's view of the page that user mode sees at 0x7FFE0000.
    package static let sharedUserData: Pointer<KUSER_SHARED_DATA> = Pointer(0xFFDF_0000)
}
