// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's side of boot video: who owns the screen and whether strings are shown on it.
extension Misc {
    /// A boot video driver is there: the text screen needs none.
    static let inbvBootDriverInstalled: Global = .init("InbvBootDriverInstalled") { [.dword(1)] }
    /// 0 owned, 1 disabled, 2 lost. There is no logo, so text is shown from the start.
    static let inbvDisplayState: Global = .init("InbvDisplayState")
    /// Strings are shown.
    static let inbvDisplayDebugStrings: Global = .init("InbvDisplayDebugStrings") { [.dword(1)] }
    /// Sees strings before they are shown; NULL shows them all.
    static let inbvDisplayFilter: Global = .init("InbvDisplayFilter")

    /// `InbvIsBootDriverInstalled() -> BOOLEAN`.
    package static let inbvIsBootDriverInstalled: Routine = .init("InbvIsBootDriverInstalled") { f in
        f.return(inbvBootDriverInstalled.byte)
    }

    /// `InbvAcquireDisplayOwnership()`: the screen is the kernel's again.
    package static let inbvAcquireDisplayOwnership: Routine = .init("InbvAcquireDisplayOwnership") { f in
        f.set(inbvDisplayState.dword, 0)
        f.return()
    }

    /// `InbvResetDisplay() -> BOOLEAN`: an empty screen, if it is the kernel's.
    package static let inbvResetDisplay: Routine = .init("InbvResetDisplay") { f in
        f.if(inbvBootDriverInstalled.byte == 0 || inbvDisplayState.dword != 0) { f.return(0) }
        f.call(Vid.resetDisplay, 0x07)
        f.return(1)
    }

    /// `InbvSolidColorFill(Left, Top, Right, Bottom, Color)`: the text screen has one background, so the whole of it takes the colour.
    package static let inbvSolidColorFill: Routine = .init("InbvSolidColorFill", ["Left", "Top", "Right", "Bottom", "Color"]) { f in
        f.if(inbvDisplayState.dword == 0) { f.call(Vid.resetDisplay, (f.argument(4) << 4) | 0x07) }
        f.return()
    }

    /// `InbvSetTextColor(Color)`.
    package static let inbvSetTextColor: Routine = .init("InbvSetTextColor", ["Color"]) { f in
        f.call(Vid.setTextColor, f.argument(0))
        f.return()
    }

    /// `InbvInstallDisplayStringFilter(Filter)`.
    package static let inbvInstallDisplayStringFilter: Routine = .init("InbvInstallDisplayStringFilter", ["DisplayFilter"]) { f in
        f.set(inbvDisplayFilter.dword, f.argument(0))
        f.return()
    }

    /// `InbvEnableDisplayString(Enable) -> what it was`.
    package static let inbvEnableDisplayString: Routine = .init("InbvEnableDisplayString", ["Enable"]) { f in
        let old = f.local(inbvDisplayDebugStrings.byte)
        f.set(inbvDisplayDebugStrings.byte, f.argument(0))
        f.return(old)
    }

    /// `InbvSetScrollRegion(Left, Top, Right, Bottom)`: the text screen always scrolls as a whole.
    package static let inbvSetScrollRegion: Routine = .init("InbvSetScrollRegion", ["Left", "Top", "Right", "Bottom"]) { f in
        f.return()
    }

    /// `InbvDisplayString(String*) -> BOOLEAN`: whether the screen is the kernel's; what is shown passes the filter first.
    package static let inbvDisplayString: Routine = .init("InbvDisplayString", ["String"]) { f in
        f.if(inbvDisplayState.dword != 0) { f.return(0) }
        f.if(inbvDisplayDebugStrings.byte != 0) {
            let text = f.local(f.argument(0))
            f.if(inbvDisplayFilter.dword != 0) { f.callIndirect(inbvDisplayFilter.dword, f.address(of: text)) }
            f.call(Vid.displayString, text)
        }
        f.return(1)
    }
}

extension Hal {
    /// `HalDisplayString(String*)`: the kernel's boot video shows it.
    package static let displayString: Routine = .init("HalDisplayString", ["String"], module: .hal) { f in
        f.return(f.call(Misc.inbvDisplayString, f.argument(0)))
    }
}
