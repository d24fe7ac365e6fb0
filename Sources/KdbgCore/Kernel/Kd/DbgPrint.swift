// SPDX-License-Identifier: GPL-3.0-or-later

/// Debug prints.
extension Kd {
    /// `DbgPrint(Format, ...)`: component 0xFFFFFFFF, level 0; at most 512 bytes (spec/boot.md section 4.10).
    package static let dbgPrint: Routine = .init("DbgPrint", ["Format"], convention: .cdecl) { f in
        f.return(Status.success)
    }
}

extension Function {
    /// Prints with `DbgPrint`. Formats as in C; `%wZ` takes a UNICODE_STRING*, `%Z` a STRING*, `%p` is eight upper-case digits.
    package func print(_ format: String, _ arguments: any Operand..., file: StaticString = #fileID, line: UInt = #line) {
        call(cdecl: Kd.dbgPrint, [text(format)] + arguments, file, line)
    }
}
