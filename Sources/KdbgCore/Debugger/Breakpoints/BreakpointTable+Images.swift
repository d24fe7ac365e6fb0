// SPDX-License-Identifier: GPL-3.0-or-later

/// Breakpoints belong to the image they are in, and go where it goes: the code and the variables there are the same. An INT3 that KDBG had written would
/// have gone along with the page.
extension BreakpointTable {
    /// Images have moved, come or gone. Breakpoints whose image is gone wait for it.
    /// - Parameters:
    ///   - old: where images were.
    ///   - new: where they are.
    mutating func follow(from old: SymbolTable, to new: SymbolTable, in target: any Target) {
        for (number, breakpoint) in all {
            guard let place = breakpoint.awaited ?? old.place(of: breakpoint.address) else { continue }
            let address = new.address(of: place)
            if breakpoint.awaited == nil, address == breakpoint.address { continue }
            if breakpoint.awaited != nil, address == nil { continue }
            var moved = breakpoint
            switch breakpoint.armed {
            case .codeStop: target.removeCodeStop(at: breakpoint.address)
            case .dataStop(let id): target.removeDataStop(id)
            case .waiting, nil: break
            }
            if let address { moved.address = address }
            moved.awaited = address == nil ? place : nil
            if breakpoint.isEnabled { moved.armed = address == nil ? .waiting : Self.arm(moved, in: target) }
            slots[number] = moved
        }
    }

    /// The same breakpoints in another machine, with those in images where the images are there. One whose memory is not there is disabled.
    /// - Parameter old: where images were in the machine they come from.
    func rearmed(in new: any Target, from old: SymbolTable) -> BreakpointTable {
        var table = self
        table.last = nil
        for (number, breakpoint) in all {
            table.slots[number]?.armed = nil
            table.slots[number]?.debugRegister = nil
            let place = breakpoint.awaited ?? old.place(of: breakpoint.address)
            let address = place.flatMap(new.symbols.address)
            if let address { table.slots[number]?.address = address }
            table.slots[number]?.awaited = address == nil ? place : nil
            if breakpoint.isEnabled { try? table.enable(UInt64(number), in: new) }
        }
        return table
    }

    /// Compiles the conditions anew, whose symbols may have moved; one that names what is gone stays as it was.
    mutating func recompileConditions(_ compile: ([UInt8]) throws(ExpressionError) -> Expression) {
        for (number, breakpoint) in all {
            guard let condition = breakpoint.condition, let again = try? compile(Array(condition.text.utf8)), again != condition else {
                continue
            }
            slots[number]?.condition = again
        }
    }
}
