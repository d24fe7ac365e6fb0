// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization

/// A flag that another thread or a signal handler may raise to get `run` to return.
package final class BreakRequest: Sendable {
    private let flag = Atomic<Bool>(false)

    package init() {}

    /// Asks; async-signal-safe.
    package func set() { flag.store(true, ordering: .relaxed) }

    /// Takes the request back, answering whether there was one.
    package func take() -> Bool { flag.exchange(false, ordering: .relaxed) }

    /// Whether there is one.
    var isSet: Bool { flag.load(ordering: .relaxed) }
}
