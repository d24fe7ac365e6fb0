// SPDX-License-Identifier: GPL-3.0-or-later

extension Rtl {
    /// `_snprintf(Buffer*, Size, Format*, ...)`: formats into a buffer that always ends in a zero.
    package static let snprintf: Routine = .init("_snprintf", ["Buffer", "Size", "Format"], convention: .cdecl) { f in
        let length = f.call(format, f.argument(0), f.argument(1) - 1, f.argument(2), f.addressOfArgument(3))
        f.if(length >= f.argument(1)) {
            f.set((f.argument(0) + (f.argument(1) - 1)).byte(), 0)
        } else: {
            f.set((f.argument(0) + length).byte(), 0)
        }
        f.return(length)
    }
}
