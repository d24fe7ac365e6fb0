// SPDX-License-Identifier: GPL-3.0-or-later

/// Lines that are executed without anybody typing them: files being sourced and the commands of a breakpoint that was hit. A line that lets the machine run
/// interrupts them; they go on when it has stopped.
package struct LineQueue: Sendable {
    /// A line and where it stands.
    package struct Line: Equatable, Sendable {
        package var text: String
        /// `FILE:LINE` for sourced files; nil for a breakpoint's commands.
        package var place: String?
    }

    private struct Frame {
        /// The file's name; nil for a breakpoint's commands.
        var file: String?
        /// Numbers from 1, and what is to be executed.
        var lines: [(number: Int, text: String)]
        var next = 0
    }

    private var frames: [Frame] = []
    /// Files that one line at the prompt has led to, directly or not.
    private var files = 0
    /// A `break` line of a file has opened the prompt; the next line that would let the machine run goes on with the file instead.
    package private(set) var isPaused = false

    /// Files may source each other that deeply.
    package static let maximumDepth = 16
    /// And so many times in all.
    package static let maximumFiles = 1000

    package var isEmpty: Bool { frames.isEmpty }

    /// Puts a file's lines in front of everything else.
    /// - Throws: when files are nested too deeply or there are too many.
    package mutating func push(file: String, text: ScriptText) throws(CommandError) {
        guard frames.count < Self.maximumDepth else {
            throw CommandError("source: \(file.harmless()): files are nested more than \(Self.maximumDepth) deep.")
        }
        guard files < Self.maximumFiles else { throw CommandError("source: More than \(Self.maximumFiles) files for one line.") }
        files += 1
        let lines = text.lines.filter(\.isCommand).map { (number: $0.number, text: String(decoding: $0.bytes, as: UTF8.self)) }
        frames.append(Frame(file: file, lines: lines))
    }

    /// Puts a breakpoint's commands in front of everything else.
    package mutating func push(commands: [String]) {
        frames.append(Frame(file: nil, lines: commands.enumerated().map { ($0.offset + 1, $0.element) }))
    }

    /// The next line that is neither blank nor a comment; nil when there is none, or when a `break` line has handed over to the prompt.
    package mutating func next() -> Line? {
        while !isPaused, var frame = frames.last {
            guard frame.next < frame.lines.count else {
                frames.removeLast()
                if frames.isEmpty { files = 0 }
                continue
            }
            let (number, text) = frame.lines[frame.next]
            frame.next += 1
            frames[frames.count - 1] = frame
            let bytes = Array(text.utf8).drop { $0 == UInt8(ascii: " ") || (9...13).contains($0) }
            if bytes.isEmpty || bytes.first == UInt8(ascii: "#") { continue }
            if frame.file != nil, ScriptInterpreter.isBreak(bytes) {
                isPaused = true
                return nil
            }
            return Line(text: text, place: frame.file.map { "\($0):\(number)" })
        }
        return nil
    }

    /// Whether a breakpoint's commands begin with `silent`, which is taken off them.
    package mutating func takeSilence() -> Bool {
        guard let frame = frames.last, frame.file == nil, frame.next == 0,
            frame.lines.first?.text.split(whereSeparator: \.isWhitespace) == ["silent"]
        else { return false }
        frames[frames.count - 1].next = 1
        return true
    }

    /// A line has let the machine run: what is left of a breakpoint's commands is dropped, as gdb does.
    package mutating func machineRuns() {
        while let frame = frames.last, frame.file == nil { frames.removeLast() }
    }

    /// The prompt that a `break` line opened is left.
    package mutating func resume() { isPaused = false }

    /// Forgets everything.
    package mutating func clear() { self = LineQueue() }
}
