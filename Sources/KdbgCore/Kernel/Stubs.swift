// temporary
extension Hal {
    static let dispatchTable: GlobalStructure<HAL_DISPATCH> = .init("HalDispatchTable")
    static let initPnpDriver: Routine = .init("HaliInitPnpDriver", module: .hal) { f in f.return(0) }
}
extension Ob { static let createDirectory: Routine = .init("ObpX", ["Name"]) { f in f.return(0) } }
extension Io { static let createSystemRootLink: Routine = .init("ExpCreateSystemRootLink", ["LoaderBlock"]) { f in f.return(0) } }
