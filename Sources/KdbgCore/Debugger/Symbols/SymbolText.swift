// SPDX-License-Identifier: GPL-3.0-or-later

/// Addresses as `module!symbol+offset`, the way WinDbg writes them.
enum SymbolText {
    /// The name of an address that lies in a symbol; nil elsewhere.
    static func name(of address: UInt32, in target: any Target) -> String? {
        guard address != 0, let symbol = target.symbols.symbol(containing: address) else { return nil }
        let offset = address - symbol.address
        return "\(symbol.module)!\(symbol.name)" + (offset == 0 ? "" : "+0x\(offset.hex())")
    }

    /// The name in brackets behind the address in hex, or the address alone.
    static func address(_ address: UInt32, in target: any Target) -> String {
        address.pointer + (name(of: address, in: target).map { " (\($0))" } ?? "")
    }
}
