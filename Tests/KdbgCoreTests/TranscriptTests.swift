// SPDX-License-Identifier: GPL-3.0-or-later

import KdbgTestSupport
import Testing

@testable import KdbgCore

/// Every file of Tests/Transcripts is a test. `KDBG_RECORD=1` rewrites the files, and the run that does it fails.
struct TranscriptTests {
    private static var files: [String] {
        Transcript.names(in: Golden.directory.appending("Transcripts"))
    }

    @Test(arguments: files)
    func transcript(name: String) throws {
        let path = "Transcripts/\(name)"
        let recorded = Transcript(try Golden.read(Golden.directory.appending(path)))
        expectGolden(recorded.replayed(in: Session(recorded.configuration)).text, at: path)
    }

    /// The harness itself can fail: a transcript is read, written back, and compared line by line.
    @Test func aTranscriptIsReadAndWrittenBack() {
        let text = """
            # a comment
            # options: DEBUG DEBUGPORT=COM1
            # script: break
            # script: set syntax intel
            kdb:> ? 1
            0x00000001           1
            >>> run go

            Entered debugger
            <<< debugger

            """
        let transcript = Transcript(text)
        #expect(transcript.text == text)
        #expect(transcript.configuration.bootOptions == "DEBUG DEBUGPORT=COM1")
        #expect(transcript.configuration.script == Array("break\r\nset syntax intel\r\n".utf8))
        #expect(transcript.exchanges.map(\.input) == ["kdb:> ? 1", ">>> run go"])
        #expect(transcript.exchanges[1].output == ["", "Entered debugger", "<<< debugger"])
        #expect(transcript.exchanges[0] != Transcript("kdb:> ? 1\n0x00000002           2\n").exchanges[0])
    }
}
