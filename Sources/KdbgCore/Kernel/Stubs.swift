// temporary
extension Kd {
    static let stub: Routine = .init("KdpStub", ["a", "b", "c", "d", "e", "f"]) { f in f.return(0) }
    static let debuggerEnabled: Global = .init("KdDebuggerEnabled")
    static let dbgBreakPointWithStatus: Routine = .init("DbgBreakPointWithStatus", ["Status"]) { f in f.return(0) }
    static let dbgBreakPoint: Routine = .init("DbgBreakPoint") { f in f.return(0) }
    static let breakAfterSymbolLoad: Global = .init("KdBreakAfterSymbolLoad")
    static let notifyImage: Routine = .init("KdpNotifyImage", ["Entry"]) { f in f.return(0) }
}
extension Rtl { static let snprintf: Routine = .init("_snprintf", ["Buffer", "Size", "Format"], convention: .cdecl) { f in f.return(0) } }
extension Hal {
    static let displayString: Routine = .init("HalDisplayString", ["String"], module: .hal) { f in f.return(0) }
    static let dispatchTable: GlobalStructure<HAL_DISPATCH> = .init("HalDispatchTable")
    static let initPnpDriver: Routine = .init("HaliInitPnpDriver", module: .hal) { f in f.return(0) }
}
extension Misc { static let inbvDisplayString: Routine = .init("InbvDisplayString", ["String"]) { f in f.return(0) } }
extension Ob { static let createDirectory: Routine = .init("ObpX", ["Name"]) { f in f.return(0) } }
extension Io { static let createSystemRootLink: Routine = .init("ExpCreateSystemRootLink", ["LoaderBlock"]) { f in f.return(0) } }
