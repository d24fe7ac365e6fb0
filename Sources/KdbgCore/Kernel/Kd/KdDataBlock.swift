// SPDX-License-Identifier: GPL-3.0-or-later

/// What debuggers on the other end of a wire look for (spec/boot.md sections 1.3, action 4, and 5.18). Addresses are sign-extended to 64 bits.
extension Kd {
    /// Tag of the data block, 'KDBG'.
    static let dataBlockTag: UInt32 = poolTag("KDBG")

    /// DBGKD_GET_VERSION64; the PCR points to it.
    package static let versionBlock: GlobalStructure<DBGKD_GET_VERSION64> = .init("KdVersionBlock") {
        [
            .dword(0),
            // Protocol 6 (64-bit addresses, version 2), secondary version 0; flags: has data.
            .bytes([6, 0]), .word(2),
            // Machine i386; highest packet type, state change and manipulate code.
            .word(0x014C), .bytes([12, 3, 0x31, 0]), .word(0),
        ]
    }

    /// KDDEBUGGER_DATA64; what its cells hold stands in `KdDataCells.swift`.
    package static let debuggerDataBlock: GlobalStructure<KDDEBUGGER_DATA64> = .init("KdDebuggerDataBlock") { dataCells() }

    /// Head of a list with 64-bit links; zero until `KdInitSystem(0)`.
    package static let debuggerDataListHead: Global = .init("KdpDebuggerDataListHead", size: 16, alignment: 8)

    /// `KdpRegisterDataBlocks()`.
    static let registerDataBlocks: Routine = .init(
        "KdpRegisterDataBlocks",
        step: .init(
            "1.3 #4", "Version and data blocks",
            """
            Through two structures a remote debugger finds the module list, the process list and the kernel's variables. The data block has held their \
            addresses since the kernel was built; now it gets its tag and a place in a list, to which the version block leads, and to that the PCR. Once only.
            """)
    ) { f in
        let version = versionBlock.pointer
        f.set(version.MajorVersion, buildNumber.dword >> 28)
        f.set(version.MinorVersion, buildNumber.dword)
        setAddress(f, version.address(of: \.PsLoadedModuleList), Mm.loadedModuleList)
        setAddress(f, version.address(of: \.DebuggerDataList), debuggerDataListHead)
        f.set(Value.fs(Int32(offset(of: \KPCR.KdVersionBlock))), versionBlock)

        let block = debuggerDataBlock.pointer
        f.set(block.Header.OwnerTag, dataBlockTag)
        f.set(block.Header.Size, KDDEBUGGER_DATA64.size)

        // One element in a circular list with 64-bit links.
        let list = block.Header.value
        setAddress(f, debuggerDataListHead.value, list)
        setAddress(f, debuggerDataListHead.value + 8, list)
        setAddress(f, list, debuggerDataListHead)
        setAddress(f, list + 8, debuggerDataListHead)
        f.return()
    }

    /// Stores a kernel address in a 64-bit cell.
    private static func setAddress(_ f: Function, _ cell: Value, _ address: some Operand) {
        f.set(cell.dword(), address)
        f.set(cell.dword(4), 0xFFFF_FFFF)
    }

    /// 3790 of a checked build.
    static let buildNumber: Global = .init("NtBuildNumber") { [.dword(0xC000_0ECE)] }
}
