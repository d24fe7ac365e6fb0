// SPDX-License-Identifier: GPL-3.0-or-later

extension Fault {
    /// Whether the boot volume is made differently for it.
    package var changesVolume: Bool {
        switch effect {
        case .missing, .fullVolume: true
        default: false
        }
    }
}
