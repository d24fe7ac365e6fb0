// SPDX-License-Identifier: GPL-3.0-or-later

/// Formatted text.
extension Rtl {
    /// `RtlpFormat(Buffer*, Size, Format*, ArgList*) -> length, or 0xFFFFFFFF when it did not fit`.
    ///
    /// Writes at most `Size` bytes, and a terminating zero when there is room for it, as `_vsnprintf` does. A leaf service: nobody steps through it.
    package static let format: Routine = .native("RtlpFormat", ["Buffer", "Size", "Format", "ArgList"]) { call in
        let size = min(Int(call.argument(1)), 0x1_0000)
        var formatter = Formatter(limit: size, arguments: call.argument(3)) { call.machine.read8(linear: $0) }
        formatter.format(call.argument(2))
        let room = formatter.text.count < size
        _ = call.machine.writeBytes(linear: call.argument(0), formatter.text + (room ? [0] : []))
        return formatter.isTruncated ? UInt32.max : UInt32(formatter.text.count)
    }
}
