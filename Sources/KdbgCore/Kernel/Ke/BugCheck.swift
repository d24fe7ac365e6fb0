// SPDX-License-Identifier: GPL-3.0-or-later

/// Crashes.
extension Ke {
    /// `KeBugCheckEx(Code, P1, P2, P3, P4)`; never returns.
    package static let bugCheckEx: Routine = .init(
        "KeBugCheckEx", ["BugCheckCode", "BugCheckParameter1", "BugCheckParameter2", "BugCheckParameter3", "BugCheckParameter4"]
    ) { f in
        f.return()
    }

    /// `KeBugCheck(Code)`: four zero parameters.
    package static let bugCheck: Routine = .init("KeBugCheck", ["BugCheckCode"]) { f in
        f.call(bugCheckEx, f.argument(0), 0, 0, 0, 0)
        f.return()
    }
}
