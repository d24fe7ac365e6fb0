// SPDX-License-Identifier: GPL-3.0-or-later

/// Commands that drivers add to KDBG (spec/kdbg.md section 1.9): no rows of ours, their routines are the guest's. Here is only what helps to find them.
enum DriverCommands {
    /// fastfat.sys has them, here too.
    static let fat = ["?fat.vols", "?fat.files", "?fat.setdbgfile"]
    /// win32k.sys has them, which the session manager of a real system loads.
    static let gdi = ["!gdi.help", "!gdi.dumpht", "!gdi.handle", "!gdi.entry", "!gdi.baseobject", "!gdi.eventlist"]

    /// Callbacks there is room for.
    static let slots: UInt32 = 10
}

extension KernelDebugger {
    /// Address of the callbacks' table; nil when no driver has registered one.
    var driverCallbacks: UInt32? {
        guard let slots = target.symbols.symbol(named: "KdbCliCallbacks")?.address,
            (0..<DriverCommands.slots).contains(where: { target.read32(slots &+ 4 * $0) ?? 0 != 0 })
        else { return nil }
        return slots
    }

    /// What else is to be said of a line that nobody knows: why no driver answers it.
    func whereDriversAnswer(_ name: String) -> String? {
        guard target.hasKernel, name.hasPrefix("?") || name.hasPrefix("!") else { return nil }
        if DriverCommands.gdi.contains(name) { return "win32k.sys would answer it, and this system has none." }
        let isFAT = DriverCommands.fat.contains(name)
        guard driverCallbacks != nil else { return isFAT ? "fastfat.sys answers it, once it has started." : nil }
        guard contextAddress == nil else { return nil }
        return """
            \(isFAT ? "fastfat.sys answers it" : "Drivers answer commands") only where the guest itself waits in KDBG: at a 'break' line of KDBinit, \
            an INT3, an assertion or a bugcheck.
            """
    }
}
