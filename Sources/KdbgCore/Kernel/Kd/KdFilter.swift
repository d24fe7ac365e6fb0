// SPDX-License-Identifier: GPL-3.0-or-later

/// The component filter of debug prints (spec/kdbg.md section 1.8).
extension Kd {
    /// How many components there are.
    package static let componentCount: UInt32 = 155

    /// One mask of level bits per component id.
    package static let componentMasks: Global = .init("KdpComponentMasks", size: 4 * componentCount)

    /// The mask of prints without a component; it lets levels through for every component. Errors only, at first.
    package static let win2000Mask: Global = .init("Kd_WIN2000_Mask") { [.dword(1)] }

    /// `NtQueryDebugFilterState(ComponentId, Level) -> 1 passes, 0 does not, or a status for an id beyond the table (which then passes)`.
    package static let queryDebugFilterState: Routine = .init("NtQueryDebugFilterState", ["ComponentId", "Level"]) { f in
        let mask = maskOfLevel(f, f.argument(1))
        f.if((win2000Mask.dword & mask) != 0) { f.return(1) }
        f.if(f.argument(0) == noComponent) { f.return(0) }
        f.if(f.argument(0) >= Value(componentCount)) { f.return(invalidParameter1) }
        f.return(((componentMasks.value + (f.argument(0) << 2)).dword() & mask) != 0)
    }

    /// `NtSetDebugFilterState(ComponentId, Level, State) -> status`: sets or clears the level's bits.
    package static let setDebugFilterState: Routine = .init("NtSetDebugFilterState", ["ComponentId", "Level", "State"]) { f in
        let mask = maskOfLevel(f, f.argument(1))
        let cell = f.local(win2000Mask)
        f.if(f.argument(0) != noComponent) {
            f.if(f.argument(0) >= Value(componentCount)) { f.return(invalidParameter1) }
            f.set(cell, componentMasks.value + (f.argument(0) << 2))
        }
        f.if(f.argument(2) != 0) {
            f.set(cell.dword(), cell.dword() | mask)
        } else: {
            f.set(cell.dword(), cell.dword() & ~mask)
        }
        f.return(Status.success)
    }

    /// Levels below 32 are bit numbers, others masks; bit 31 does not count.
    private static func maskOfLevel(_ f: Function, _ level: Value) -> Value {
        let mask = f.local(level)
        f.if(level < 32) { f.set(mask, Value(1) << level) }
        f.set(mask, mask & 0x7FFF_FFFF)
        return mask
    }
}
