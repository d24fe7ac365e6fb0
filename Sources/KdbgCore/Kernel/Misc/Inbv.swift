// SPDX-License-Identifier: GPL-3.0-or-later

/// The kernel's side of boot video: who owns the screen and whether strings are shown on it.
extension Misc {
    /// A boot video driver is there: from 1.8 #4 on.
    static let inbvBootDriverInstalled: Global = .init("InbvBootDriverInstalled")
    /// INBV_DISPLAY_STATE: 0 owned, 1 disabled, 2 lost. Until 1.8 #4 nothing is shown.
    static let inbvDisplayState: Global = .init("InbvDisplayState") { [.dword(1)] }
    /// Strings are shown.
    static let inbvDisplayDebugStrings: Global = .init("InbvDisplayDebugStrings")
    /// Called with the size of the screen in characters when the display is acquired from somebody else; NULL for nobody.
    static let inbvResetDisplayParameters: Global = .init("InbvResetDisplayParameters")
    /// Sees strings before they are shown; NULL shows them all.
    static let inbvDisplayFilter: Global = .init("InbvDisplayFilter")

    /// `InbvIsBootDriverInstalled() -> BOOLEAN`.
    package static let inbvIsBootDriverInstalled: Routine = .init("InbvIsBootDriverInstalled") { f in
        f.return(inbvBootDriverInstalled.byte)
    }

    /// `InbvEnableBootDriver(Enable)`: the screen is the kernel's, or nobody's; one that is lost stays lost.
    package static let inbvEnableBootDriver: Routine = .init("InbvEnableBootDriver", ["Enable"]) { f in
        f.if(inbvBootDriverInstalled.byte != 0 && inbvDisplayState.dword >= 2) { f.return() }
        f.if(inbvBootDriverInstalled.byte != 0 && inbvDisplayState.dword == 0) { f.call(Vid.cleanUp) }
        f.set(inbvDisplayState.dword, (f.argument(0) & 0xFF) == 0)
        f.return()
    }

    /// `InbvNotifyDisplayOwnershipLost(Callback)`: somebody else draws from now on; `Callback(Columns, Rows)` is called when the kernel takes the screen back.
    package static let inbvNotifyDisplayOwnershipLost: Routine = .init("InbvNotifyDisplayOwnershipLost", ["Callback"]) { f in
        f.if(inbvBootDriverInstalled.byte != 0 && inbvDisplayState.dword != 2) { f.call(Vid.cleanUp) }
        f.set(inbvResetDisplayParameters.dword, f.argument(0))
        f.set(inbvDisplayState.dword, 2)
        f.return()
    }

    /// `InbvAcquireDisplayOwnership()`: the screen is the kernel's again.
    package static let inbvAcquireDisplayOwnership: Routine = .init("InbvAcquireDisplayOwnership") { f in
        f.if(inbvResetDisplayParameters.dword != 0 && inbvDisplayState.dword == 2) {
            f.callIndirect(inbvResetDisplayParameters.dword, Vid.TextScreen.columns, Vid.TextScreen.rows)
        }
        f.set(inbvDisplayState.dword, 0)
        f.return()
    }

    /// `InbvResetDisplay() -> BOOLEAN`: an empty screen, if it is the kernel's.
    package static let inbvResetDisplay: Routine = .init("InbvResetDisplay") { f in
        f.if(inbvBootDriverInstalled.byte == 0 || inbvDisplayState.dword != 0) { f.return(0) }
        f.set(inbvShowProgressBar.dword, 0)
        f.call(Vid.resetDisplay, 1)
        f.return(1)
    }

    /// `InbvSolidColorFill(Left, Top, Right, Bottom, Color)`: pixels of 640 by 480.
    package static let inbvSolidColorFill: Routine = .init("InbvSolidColorFill", ["Left", "Top", "Right", "Bottom", "Color"]) { f in
        f.if(inbvDisplayState.dword == 0) {
            f.call(Vid.solidColorFill, f.argument(0), f.argument(1), f.argument(2), f.argument(3), f.argument(4))
        }
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
