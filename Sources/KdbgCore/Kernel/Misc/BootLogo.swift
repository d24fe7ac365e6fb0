// SPDX-License-Identifier: GPL-3.0-or-later

/// The boot screen (spec/boot.md section 1.8 #4): a logo with a progress bar, or text with SOS, or nothing with NOGUIBOOT.
extension Misc {
    /// `ExpInitializeBootVideo(LoaderBlock)`.
    static let inbvInitialize: Routine = .bootStep(
        "1.8 #4", "ExpInitializeBootVideo", ["LoaderBlock"], "Boot video",
        """
        The options become upper case. Until here nothing could be shown: now bootvid.dll gets the screen. With SOS it shows text, as the drivers start; without, a logo with a progress bar, and \
        strings are kept back until the boot is over. NOGUIBOOT gives the display away: nothing is shown until somebody acquires it, as KD does for DEBUGPORT=SCREEN, and a crash. \
        MININT sets InitIsWinPEMode.
        """
    ) { f in
        let options = f.local(f.argument(0, LOADER_PARAMETER_BLOCK.self).LoadOptions)
        let noGuiBoot = f.local(0)
        f.if(options != 0) {
            f.call(Rtl.strupr, options)
            f.set(noGuiBoot, f.call(Rtl.strstr, options, f.text("NOGUIBOOT")) != 0)
            f.set(showDrivers.dword, f.call(Rtl.strstr, options, f.text("SOS")) != 0)
            f.set(isWinPE.dword, f.call(Rtl.strstr, options, f.text("MININT")) != 0)
        }
        f.call(inbvEnableBootDriver, noGuiBoot == 0)
        f.call(inbvDriverInitialize, f.argument(0), 0)
        f.if(noGuiBoot == 0) {
            f.call(inbvEnableDisplayString, showDrivers.dword)
            f.if(showDrivers.dword == 0) { f.call(displayBootBitmap) }
        } else: {
            f.call(inbvNotifyDisplayOwnershipLost, 0)
            f.call(inbvEnableDisplayString, 0)
        }
        f.return(1)
    }

    static let isWinPE: Global = .init("InitIsWinPEMode")
    /// Whether the name of each boot driver is shown as it starts.
    package static let showDrivers: Global = .init("SosEnabled")

    /// `InbvDriverInitialize(LoaderBlock, ImageCount) -> BOOLEAN`: boot video is installed when its driver finds a screen.
    static let inbvDriverInitialize: Routine = .init("InbvDriverInitialize", ["LoaderBlock", "ImageCount"]) { f in
        f.if(inbvBootDriverInstalled.byte != 0) { f.return(1) }
        f.set(inbvBootDriverInstalled.byte, f.call(Vid.initialize, 1))
        f.return(inbvBootDriverInstalled.byte)
    }

    /// `DisplayBootBitmap()`: the logo, which on a text screen is a word, and the bar.
    private static let displayBootBitmap: Routine = .init("DisplayBootBitmap", section: .initialization) { f in
        f.call(Vid.displayStringXY, f.text("ReactOS"), 292, 192, 1)
        f.call(inbvSetProgressBarCoordinates, barLeft, barTop)
        f.return()
    }

    /// `FinalizeBootLogo()`: the bar stays as it is, and strings are shown whether there was a logo or not.
    static let finalizeBootLogo: Routine = .init("FinalizeBootLogo") { f in
        f.set(inbvShowProgressBar.dword, 0)
        f.call(inbvEnableDisplayString, 1)
        f.return()
    }

    // MARK: The bar

    /// Pixels: where the logo's bar begins.
    private static let barLeft: UInt32 = 160
    private static let barTop: UInt32 = 288
    private static let barWidth: UInt32 = 320
    private static let barHeight: UInt32 = 12

    static let inbvShowProgressBar: Global = .init("ShowProgressBar")
    private static let barPlace: Global = .init("ProgressBarPlace", size: 8)
    /// Percent: 00 floor and 04 ceiling of the part of the bar that the next figures are about.
    private static let progressState: Global = .init("InbvProgressState", size: 8) { [.dword(0), .dword(100)] }
    /// How many drivers have started, how many are expected, and the last percentage.
    private static let progressIndicator: Global = .init("InbvProgressIndicator", size: 12) { [.dword(0), .dword(25), .dword(0)] }
    /// Percent of the whole bar.
    static let progress: Global = .init("InbvProgress")

    /// `InbvSetProgressBarCoordinates(Left, Top)`: there is a bar from now on.
    package static let inbvSetProgressBarCoordinates: Routine = .init("InbvSetProgressBarCoordinates", ["Left", "Top"]) { f in
        f.set(barPlace.dword, f.argument(0))
        f.set(barPlace.value.dword(4), f.argument(1))
        f.set(inbvShowProgressBar.dword, 1)
        f.return()
    }

    /// `InbvSetProgressBarSubset(Floor, Ceiling)`: 0 and 100 of what follows are these percentages of the bar.
    package static let inbvSetProgressBarSubset: Routine = .init("InbvSetProgressBarSubset", ["Floor", "Ceiling"]) { f in
        f.set(progressState.dword, f.argument(0))
        f.set(progressState.value.dword(4), f.argument(1))
        f.return()
    }

    /// `InbvUpdateProgressBar(Progress)`: percent of the subset.
    package static let inbvUpdateProgressBar: Routine = .init("InbvUpdateProgressBar", ["Progress"]) { f in
        let floor = progressState.dword
        f.set(progress.dword, floor + (progressState.value.dword(4) - floor) * f.argument(0) / 100)
        f.if(inbvShowProgressBar.dword != 0 && inbvBootDriverInstalled.byte != 0 && inbvDisplayState.dword == 0) {
            let filled = f.local(progress.dword * Value(barWidth) / 100)
            f.if(filled != 0) {
                let left = barPlace.dword
                let top = barPlace.value.dword(4)
                f.call(Vid.solidColorFill, left, top, left + filled - 1, top + Value(barHeight), 8)
            }
        }
        f.return()
    }

    /// `InbvIndicateProgress()`: a driver starts.
    package static let inbvIndicateProgress: Routine = .init("InbvIndicateProgress") { f in
        let indicator = progressIndicator.value
        f.add(indicator.dword(), 1)
        let percentage = f.local(indicator.dword() * 100 / indicator.dword(4))
        f.if(percentage > 99) { f.set(percentage, 99) }
        f.if(percentage != indicator.dword(8)) {
            f.set(indicator.dword(8), percentage)
            f.call(inbvUpdateProgressBar, percentage)
        }
        f.return()
    }
}
