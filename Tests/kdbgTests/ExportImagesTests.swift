// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import KdbgTestSupport
import SystemPackage
import Testing

/// `kdbg export-images` as a program: what other people's tools say of the files, and what happens to what is there already.
@Suite struct ExportImagesTests {
    private static let hasPefile = system("python3 -c 'import pefile' 2>/dev/null") == 0
    private let directory = TemporaryDirectory()
    private var target: String { directory.path.appending("images").string }

    private func export(_ arguments: String...) async throws -> Program.Outcome {
        try await Program.run(["export-images"] + arguments)
    }

    @Test func writesEveryImageAndSaysSo() async throws {
        let outcome = try await export(target)
        #expect(outcome.status == 0)
        #expect(outcome.complaints == "")
        let names = outcome.output.split(separator: "\n").map { $0.split(separator: "\t")[0] }
        for name in ["ntoskrnl.exe", "hal.dll", "kdcom.dll", "bootvid.dll", "disk.sys", "fastfat.sys"] {
            #expect(names.contains("\(target)/\(name)"))
        }
        let listing = try await Program.shell("cd \(target) && for f in *; do printf '%s\\t%s bytes\\n' $PWD/$f $(stat -c %s $f); done")
        #expect(outcome.output.split(separator: "\n").sorted() == listing.output.split(separator: "\n").sorted())
    }

    @Test("objdump reads them without a word", .enabled(if: Guests.has("objdump"), "objdump is not installed"))
    func objdump() async throws {
        _ = try await export(target)
        let outcome = try await Program.shell("for f in \(target)/*; do objdump -x -d $f >/dev/null || echo $f; done 2>&1")
        #expect(outcome.output == "")
        let sections = try await Program.shell("objdump -h -w \(target)/fastfat.sys")
        for name in [".text", "PAGE", "INIT", ".rdata", ".idata", ".reloc"] { #expect(sections.output.contains(" \(name) "), "\(name)") }
    }

    @Test("llvm-readobj reads them without a word", .enabled(if: Guests.has("llvm-readobj"), "llvm-readobj is not installed"))
    func readobj() async throws {
        _ = try await export(target)
        let command =
            "for f in \(target)/*; do llvm-readobj --all --coff-imports --coff-exports --coff-basereloc $f >/dev/null || echo $f; done 2>&1"
        #expect(try await Program.shell(command).output == "")
    }

    @Test("pefile reads them without a warning", .enabled(if: ExportImagesTests.hasPefile, "python3 has no pefile"))
    func pefile() async throws {
        _ = try await export(target)
        let outcome = try await Program.shell(
            """
            python3 - \(target) <<'PYTHON'
            import glob, pefile, sys
            images = {path.split("/")[-1]: pefile.PE(path) for path in sorted(glob.glob(sys.argv[1] + "/*"))}
            exports = {name: {s.name: n for n, s in enumerate(pe.DIRECTORY_ENTRY_EXPORT.symbols)} if hasattr(pe, "DIRECTORY_ENTRY_EXPORT") else {}
                       for name, pe in images.items()}
            for name, pe in images.items():
                def complain(text): print(name, text)
                for warning in pe.get_warnings(): complain(warning)
                if not pe.verify_checksum(): complain("checksum")
                if pe.OPTIONAL_HEADER.Subsystem != 1: complain("subsystem")
                bases = {"ntoskrnl.exe": 0x400000, "ntdll.dll": 0x7C900000, "smss.exe": 0x48580000}
                if pe.OPTIONAL_HEADER.ImageBase != bases.get(name, 0x10000): complain("base")
                if list(exports[name]) != sorted(exports[name]): complain("names not sorted")
                for entry in getattr(pe, "DIRECTORY_ENTRY_IMPORT", []):
                    table = exports[entry.dll.decode()]
                    for symbol in entry.imports:
                        if table.get(symbol.name) != symbol.hint: complain("hint of " + symbol.name.decode())
                flags = {s.Name.rstrip(b"\\0").decode(): s.Characteristics for s in pe.sections}
                wanted = {".text": 0x60000020, "PAGE": 0x60000020, "INIT": 0x62000020, ".rdata": 0x40000040, ".data": 0xC0000040,
                          ".idata": 0xC0000040, ".edata": 0x40000040, ".reloc": 0x42000040}
                for section, value in flags.items():
                    zero = section == ".data" and value == 0xC0000080
                    if value != wanted.get(section) and not zero: complain(f"{section} {value:08X}")
                # Every address in the image lies in it, and every relocation in a section that the loader may write at load time.
                for block in getattr(pe, "DIRECTORY_ENTRY_BASERELOC", []):
                    for entry in block.entries:
                        if entry.type == 0: continue
                        value = pe.get_dword_at_rva(entry.rva) - pe.OPTIONAL_HEADER.ImageBase
                        if not 0x1000 <= value <= pe.OPTIONAL_HEADER.SizeOfImage: complain(f"relocation at {entry.rva:X}")
            PYTHON
            """)
        #expect(outcome.output == "")
        #expect(outcome.complaints == "")
        #expect(outcome.status == 0)
    }

    // MARK: What is there already

    @Test func leavesEqualFilesAlone() async throws {
        let first = try await export(target)
        let before = try await Program.shell("stat -c '%n %i %Y' \(target)/*")
        let second = try await export(target)
        #expect(second.status == 0)
        #expect(second.output == first.output.replacing(" bytes\n", with: " bytes, unchanged\n"))
        #expect(try await Program.shell("stat -c '%n %i %Y' \(target)/*").output == before.output)
    }

    @Test("a file with other contents stops everything, before anything is written")
    func refusesForeignFiles() async throws {
        let outcome = try await Program.shell("mkdir \(target) && echo mine >\(target)/fastfat.sys && $KDBG export-images \(target)")
        #expect(outcome.status == 74)
        #expect(
            outcome.complaints
                == "kdbg: \(target)/fastfat.sys: Exists with other contents; nothing was written (--force replaces it)\n")
        #expect(try await Program.shell("ls -A \(target); cat \(target)/fastfat.sys").output == "fastfat.sys\nmine\n")
        let forced = try await export("--force", target)
        #expect(forced.status == 0)
        #expect(try await Program.shell("head -c 2 \(target)/fastfat.sys").output == "MZ")
    }

    @Test("what is no regular file is never replaced", arguments: ["mkdir", "ln -s /etc/hostname", "mkfifo"])
    func refusesOddFiles(command: String) async throws {
        let outcome = try await Program.shell(
            "mkdir \(target) && \(command) \(target)/hal.dll && $KDBG export-images --force \(target); echo $?; ls -A \(target)")
        #expect(outcome.output == "74\nhal.dll\n")
        #expect(outcome.complaints == "kdbg: \(target)/hal.dll: Not a regular file; it stays as it is\n")
    }

    @Test func saysWhatIsWrongWithTheDirectory() async throws {
        let file = try directory.file("file", [1])
        let cases = [
            ("\(file)", "Not a directory"), ("\(file)/x", "Not a directory"), ("\(directory.path)/no/where", "No such file or directory"),
            ("/proc/kdbg", "No such file or directory"),
        ]
        for (name, reason) in cases {
            let outcome = try await export(name)
            #expect(outcome.status == 74)
            #expect(outcome.complaints == "kdbg: \(name): \(reason)\n")
        }
        #expect(try await export().status == 64)
        #expect(try await export("").status == 64)
        #expect(try await export(target, "more").status == 64)
    }

    @Test func survivesAClosedPipe() async throws {
        let outcome = try await Program.shell("$KDBG export-images \(target) | true; echo ${PIPESTATUS[0]}; ls \(target) | wc -l")
        let lines = outcome.output.split(separator: "\n")
        #expect(["0", "141"].contains(lines[0]))
        // Everything is written before anything is said.
        #expect(Int(lines[1]) ?? 0 > 10)
    }
}
