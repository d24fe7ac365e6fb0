// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import KdbgCore

/// What `!analyze` says of bugcheck codes (spec/boot.md section 1.11).
struct BugcheckTextTests {
    /// The codes that stand in calls of KeBugCheck and KeBugCheckEx.
    private static func raised() -> Set<UInt32> {
        let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/Sources/KdbgCore/Kernel"
        let lines = Shell.run("grep -rhoE 'bugCheck(Ex)?, 0x[0-9A-F]+' '\(folder)'").output.split(separator: "\n")
        return Set(lines.compactMap { UInt32($0.split(separator: "x").last ?? "", radix: 16) })
    }

    @Test func everyCodeOfTheKernelIsDescribed() throws {
        let raised = Self.raised()
        #expect(raised.count > 30)
        let rows = BugcheckText.rows
        for code in raised { #expect(rows.contains { $0.code == code }, "0x\(code.hex(2))") }
        #expect(rows.map(\.code) == rows.map(\.code).sorted() && Set(rows.map(\.code)).count == rows.count)
    }

    @Test func statusesHaveTheirNames() throws {
        let session = Session(BootConfiguration(faults: [try Fault(parsing: #"missing:\SystemRoot\System32\smss.exe"#)]))
        while case .running = session.run(.go, budget: 10_000_000) {}
        let lines = session.execute("!analyze").output.split(separator: "\n")
        #expect(lines.contains { $0.contains("P1  C0000034  status STATUS_OBJECT_NAME_NOT_FOUND") })
        #expect(lines.contains("smss.exe, or a process for it, could not be had."))
    }

    @Test func anUnknownCodeSaysSo() {
        #expect(BugcheckText(0x1234).name == "unknown" && BugcheckText(0x1234).parameter(3).isEmpty)
    }
}
