// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import KdbgCore

/// A value of `--mechanism`, and an argument of `compare`.
struct MechanismOption: ExpressibleByArgument {
    let mechanism: Mechanism

    init?(argument: String) {
        guard let mechanism = Mechanism.named(argument) else { return nil }
        self.mechanism = mechanism
    }

    static var allValueStrings: [String] { Mechanism.all.map(\.name) }

    static let help: String =
        "How KD gets to be called once there are files: hook (usual), callback (before the commit), load-order, boot-driver."
}
