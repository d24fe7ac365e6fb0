// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgCore
import KdbgTUI

@main
struct Kdbg {
    static func main() {
        let s = Session(BootConfiguration())
        let f = ScreenFrontEnd(s, signals: Signals())!
        _ = f.run()
    }
}
