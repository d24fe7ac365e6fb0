// SPDX-License-Identifier: GPL-3.0-or-later

extension KdProvider {
    /// Debug output on the screen: `DEBUGPORT=SCREEN`.
    package static let screen: KdProvider = KdProvider(
        name: "Screen", modeBit: 1, portWord: "SCREEN", readPort: nil, initialize: Kd.screenInit)
}

/// The Screen provider (spec/kdbg.md section 7.5).
extension Kd {
    /// Characters of a line before it is shown in any case.
    static let screenLineLength: UInt32 = 80
    /// The line being written, with a terminating zero.
    static let screenLineBuffer: Global = .init("KdpScreenLineBuffer", size: screenLineLength + 1)
    /// How much of it is on the screen.
    static let screenLineBufferPos: Global = .init("KdpScreenLineBufferPos")
    /// How much of it there is.
    static let screenLineBufferLength: Global = .init("KdpScreenLineLength")

    /// `KdpScreenInit(DispatchTable*, BootPhase) -> status`.
    package static let screenInit: Routine = Routine(
        "KdpScreenInit", ["DispatchTable", "BootPhase"],
        step: .init(
            "2.4 #1", "Screen provider",
            """
            Phase 0: if DEBUGPORT=SCREEN chose it, it prints from now on. Phase 1: it takes the display from the boot screen and signs on. It asks \
            for no further phase.
            """)
    ) { f in
        f.if((debugMode.dword & Value(KdProvider.screen.modeBit)) == 0) { f.return(Status.portDisconnected) }
        f.if(f.argument(1) == 0) {
            f.call(registerProvider, f.argument(0), screenPrint, screenInit)
        } else: {
            f.if(f.argument(1) == 1) {
                f.call(screenAcquire)
                f.call(Hal.displayString, f.text("\r\n   Screen debugging enabled\r\n\r\n"))
            }
        }
        f.return(Status.success)
    }

    /// `KdpScreenAcquire()`: the whole screen, white on black, strings shown unfiltered.
    static let screenAcquire: Routine = .init("KdpScreenAcquire") { f in
        f.if(f.call(Misc.inbvIsBootDriverInstalled) == 0) { f.return() }
        f.call(Misc.inbvAcquireDisplayOwnership)
        f.call(Misc.inbvResetDisplay)
        f.call(Misc.inbvSolidColorFill, 0, 0, 639, 479, 0)
        f.call(Misc.inbvSetTextColor, 15)
        f.call(Misc.inbvInstallDisplayStringFilter, 0)
        f.call(Misc.inbvEnableDisplayString, 1)
        f.call(Misc.inbvSetScrollRegion, 0, 0, 639, 479)
        f.return()
    }

    /// `KdpScreenPrint(String*, Length)`: collects a line of at most 80 characters; a line feed, a full line and the end of the call show what is
    /// not on the screen yet. A backspace shows the shortened line again. Stops at a zero.
    package static let screenPrint: Routine = .init("KdpScreenPrint", ["String", "Length"]) { f in
        let text = f.local(f.argument(0))
        let end = f.local(text + f.argument(1))
        let length = screenLineBufferLength.dword
        let shown = screenLineBufferPos.dword
        f.while(text < end && text.byte() != 0) {
            f.if(text.byte() == 0x08) {
                f.if(length != 0) {
                    f.add(length, 0xFFFF_FFFF)
                    f.set((screenLineBuffer.value + length).byte(), 0)
                    f.call(Hal.displayString, f.text("\r"))
                    f.call(Hal.displayString, screenLineBuffer)
                    f.set(shown, length)
                }
            } else: {
                f.set((screenLineBuffer.value + length).byte(), text.byte())
                f.add(length, 1)
                f.set((screenLineBuffer.value + length).byte(), 0)
            }
            f.if(text.byte() == 0x0A || length == Value(screenLineLength)) {
                f.call(Hal.displayString, screenLineBuffer.value + shown)
                f.set(length, 0)
                f.set(shown, 0)
            }
            f.add(text, 1)
        }
        f.if(shown != length) {
            f.call(Hal.displayString, screenLineBuffer.value + shown)
            f.set(shown, length)
        }
        f.return()
    }
}
