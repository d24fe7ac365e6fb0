// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTUI
import SystemPackage

/// Where commands come from, one line at a time.
protocol CommandSource: AnyObject {
    /// The next line without its line end; nil at end of file.
    func next() throws(Abort) -> String?
}

/// Lines of standard input when that is a file, a pipe, or a terminal without its other half.
final class PlainCommands: CommandSource {
    private let signals: Signals
    private let prompt: (() throws(Abort) -> Void)?
    private var buffer: ArraySlice<UInt8> = []
    /// Bytes of `buffer` known to hold no line end.
    private var searched = 0
    private var isAtEnd = false

    /// `prompt` is called before each line; nil for none.
    init(signals: Signals, prompt: (() throws(Abort) -> Void)?) {
        self.signals = signals
        self.prompt = prompt
    }

    func next() throws(Abort) -> String? {
        try prompt?()
        while true {
            if let end = buffer.dropFirst(searched).firstIndex(of: 0x0A) {
                defer {
                    buffer = buffer[(end + 1)...]
                    searched = 0
                }
                return Self.text(buffer[..<end])
            }
            searched = buffer.count
            if isAtEnd {
                defer {
                    buffer = []
                    searched = 0
                }
                return buffer.isEmpty ? nil : Self.text(buffer)
            }
            try readMore()
        }
    }

    private func readMore() throws(Abort) {
        if case .signal(let number) = signals.wait(for: STDIN_FILENO) { throw .signal(number) }
        do {
            let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = try FileDescriptor.standardInput.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            buffer += piece
            isAtEnd = piece.isEmpty
        } catch Errno.interrupted, Errno.resourceTemporarilyUnavailable {
        } catch {
            throw .failed(name: "standard input", error as! Errno, status: ExitStatus.noInput)
        }
    }

    /// Files from other systems end their lines with CR LF.
    private static func text(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
}
