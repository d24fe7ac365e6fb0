// SPDX-License-Identifier: GPL-3.0-or-later

/// What ntoskrnl.exe and hal.dll offer to drivers although no driver of this system imports it: linked and exported all the same.
///
/// Each component lists its own, by topic; the order here is that of the export table behind the imported names.
package enum KernelExports {
    package static let all: [any Item] =
        Io.exports + Io.requestExports + Cm.exports + Ke.exports + Ob.exports + Mm.exports + Se.exports
        + FsRtl.exports + Hal.exports
}
