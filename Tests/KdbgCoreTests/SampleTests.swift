// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import SystemPackage
import Testing

@testable import KdbgCore

/// Every KDBinit of kdbinit.samples is booted. Its comments say how often it stops (`# Stops: 2`, none when nothing is said) and what it shows (`# Shows: text`).
struct SampleTests {
    private static let directory = Golden.directory.appending("../kdbinit.samples")
    private static let files = directoryEntries(directory).filter { !$0.hasPrefix(".") && $0 != "README.md" }
    /// Command files are run by the program, in its own tests.
    private static let scripts = files.filter { !$0.hasSuffix(".kdb") }

    @Test(arguments: scripts)
    func sample(name: String) throws {
        let text = try Golden.read(Self.directory.appending(name))
        let session = Session(BootConfiguration(script: Array(text.utf8)))
        let (stops, seen) = Self.boot(session)
        #expect(session.stop == .bootComplete)
        #expect(session.scriptErrors == [])
        #expect(stops == Self.values(of: "Stops", in: text).first.map { Int($0) } ?? 0)
        for line in Self.values(of: "Shows", in: text) {
            #expect(seen.contains(line))
        }
    }

    /// `kdbg check` finds nothing wrong in what we offer as an example.
    @Test(arguments: scripts)
    func isClean(name: String) throws {
        let text = try Golden.read(Self.directory.appending(name))
        let errors = Linter.check(Array(text.utf8), symbols: LintTests.symbols).filter { $0.severity == .error }
        #expect(errors == [])
    }

    @Test func everySampleIsInTheList() throws {
        let list = try Golden.read(Self.directory.appending("README.md"))
        #expect(Self.scripts.count > 6 && Self.files.count > Self.scripts.count + 6)
        for name in Self.files {
            #expect(list.contains("`\(name)`"), "kdbinit.samples/README.md says nothing about \(name)")
        }
    }

    /// Lets the machine run to its end, as if `cont` were typed wherever it stops.
    private static func boot(_ session: Session) -> (stops: Int, seen: String) {
        var stops = 0
        var seen = ""
        for _ in 0..<2000 {
            let result = session.run(.go, budget: 1_000_000)
            seen += String(decoding: session.drainSerial(), as: UTF8.self)
            guard case .stopped(let stop, let banner) = result else { continue }
            seen += banner
            if stop == .bootComplete || stop.isFinal { break }
            stops += 1
        }
        return (stops, seen)
    }

    /// What stands behind `# KEY: ` in the comments.
    private static func values(of key: String, in text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("# \(key): ") }.map { String($0.dropFirst(key.count + 4)) }
    }
}
