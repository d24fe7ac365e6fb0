// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Testing

/// `--disk`: what is kept, what is refused, and that a refused image stays as it is.
struct DiskTests {
    private static let hasTools: Bool = {
        let found = system("command -v fsck.fat mkfs.fat mdir mtype mcopy mmd flock >/dev/null 2>&1") == 0
        if !found { print("DiskTests: skipped, dosfstools or mtools are not installed") }
        return found
    }()

    /// Runs a shell script in a directory of its own; `$KDBG` is the program.
    private func shell(_ script: String) async throws -> Program.Outcome {
        try await Program.shell("d=$(mktemp -d); trap 'rm -rf $d' EXIT; cd $d; export MTOOLS_SKIP_CHECK=1\n" + script)
    }

    @Test(.enabled(if: hasTools)) func madeUsedAndAppended() async throws {
        let run = try await shell(
            """
            printf '? 1+1\\n' > a; printf '? 2+3\\n' > b
            $KDBG --disk new.img --script a --log log1 > out1 || exit 10
            $KDBG --script a > out2; cmp out1 out2 || exit 11
            dd if=new.img of=part bs=512 skip=63 conv=sparse status=none; fsck.fat -n part || exit 12
            mtype -i new.img@@32256 ::/ReactOS/debug.log | cmp - log1 || exit 13
            $KDBG --disk new.img --script b --log log2 > out3 || exit 14
            head -c $(stat -c %s log1) log2 | cmp - log1 || exit 15
            [ $(stat -c %s log2) -gt $(stat -c %s log1) ] || exit 16
            mtype -i new.img@@32256 ::/ReactOS/System32/drivers/etc/KDBinit | cmp - b || exit 17
            # Without --script the one on the disk is executed.
            printf 'cont\\n' | $KDBG --plain --disk new.img > out4; grep -q 0x00000005 out4 || { tail -5 out4; exit 18; }
            ls -A | grep kdbg && exit 19
            exit 0
            """)
        #expect(run.status == 0, "\(run.output)\(run.complaints)")
    }

    /// Images with and without partition table, in both formats, all with the tree of our own disk.
    @Test(
        .enabled(if: hasTools),
        arguments: [
            "mkfs.fat -F 32 -C x.img 65536 >/dev/null; o=0", "mkfs.fat -F 16 -s 4 -C x.img 65536 >/dev/null; o=0",
            "truncate -s 64M x.img; mkfs.fat -F 32 --offset 2048 x.img 63488 >/dev/null; part 2048 129024 0c 0; o=1048576",
            "truncate -s 64M x.img; mkfs.fat -F 16 --offset 22528 x.img 54272 >/dev/null; part 2048 20480 83 0; part 22528 108544 0e 1; o=11534336",
        ])
    func foreignImages(make: String) async throws {
        let run = try await shell(
            """
            le() { for s in 0 8 16 24; do printf "\\x$(printf %02x $(($1 >> s & 255)))"; done; }
            # An entry of the partition table: start, sectors, type, number.
            part() {
                { printf '\\0\\0\\0\\0'"\\x$3"'\\0\\0\\0'; le $1; le $2; } | dd of=x.img bs=1 seek=$((446 + 16 * $4)) conv=notrunc status=none
                printf '\\125\\252' | dd of=x.img bs=1 seek=510 conv=notrunc status=none
            }
            \(make)
            $KDBG --disk own.img --script /dev/null > /dev/null || exit 10
            mkdir tree; mcopy -n -s -i own.img@@32256 ::/ReactOS tree || exit 11
            rm -f tree/ReactOS/debug.log
            mcopy -s -i x.img@@$o tree/ReactOS :: || exit 12
            printf '? 6*7\\n' > s
            $KDBG --disk x.img --script s --log log > out || exit 13
            dd if=x.img of=part bs=512 skip=$((o / 512)) conv=sparse status=none; fsck.fat -n part || exit 14
            mtype -i x.img@@$o ::/ReactOS/debug.log | cmp - log || exit 15
            grep -q 42 log || exit 16
            $KDBG --disk x.img --script s --log log2 > out || exit 17
            dd if=x.img of=part bs=512 skip=$((o / 512)) conv=sparse status=none; fsck.fat -n part || exit 18
            cmp -n $(stat -c %s log) log log2 || exit 19
            """)
        #expect(run.status == 0, "\(run.status): \(run.output)\(run.complaints)")
    }

    /// What cannot be a boot disk: how it is made, the status, and a part of the message.
    @Test(
        .enabled(if: hasTools),
        arguments: [
            (": > x", 66, "empty"), ("truncate -s 8T x", 66, "2 TiB"), ("truncate -s 1000 x", 66, "no multiple of 512"),
            ("mkdir x", 66, "a directory"), ("mkfifo x", 66, "a FIFO"), ("ln -s /dev/full x", 66, "a device"),
            ("ln -s nowhere x", 66, "leads nowhere"), ("truncate -s 1M x", 66, "does not end in 55 AA"),
            ("$KDBG --disk x --script /dev/null >/dev/null; chmod 444 x", 74, "read-only"),
            ("mkfs.fat -F 16 -C x 32768 >/dev/null", 66, "without \\ReactOS"),
            ("truncate -s 1M x; printf '\\353\\122\\220NTFS    ' | dd of=x conv=notrunc status=none", 66, "NTFS"),
            ("truncate -s 4M x; printf '\\123\\357' | dd of=x bs=1 seek=1080 conv=notrunc status=none", 66, "ext4"),
            ("head -c 1M /dev/urandom > x; printf '\\0\\0' | dd of=x bs=1 seek=510 conv=notrunc status=none", 66, "sector 0"),
            // Two chains through one cluster, a chain that bites its tail, tables that differ, and a boot sector with a bad number.
            ("mk; poke $((o + 512 + 2 * 5)) '\\005\\000'", 66, "differ"),
            ("mk; f=$(first); for c in 0 1; do poke $((o + 512 + c * t + 2 * f)) \\\\x$(printf %02x $f)'\\000'; done", 66, "loop"),
            ("mk; poke $((o + 13)) '\\003'", 66, "3 sectors in a cluster"), ("mk; poke $((o + 22)) '\\001\\000'", 66, "too few"),
            ("mk; poke $((o + 32)) '\\377\\377\\377\\177'", 66, "room for"),
        ] as [(String, Int32, String)])
    func refused(make: String, status: Int32, message: String) async throws {
        let run = try await shell(
            """
            o=32256
            mk() { $KDBG --disk x --script /dev/null > /dev/null; t=$((512 * $(od -An -tu2 -j$((o + 22)) -N2 x))); }
            poke() { printf "$2" | dd of=x bs=1 seek=$1 conv=notrunc status=none; }
            first() { echo 2; }
            \(make)
            [ -f x ] && { [ $(stat -c %s x) -lt 200000000 ] && cp --sparse=always -p x y || stat -c %Y x > y; }
            $KDBG --disk x --script /dev/null > out 2> err; s=$?
            cat err
            [ -f x ] && { [ $(stat -c %s x) -lt 200000000 ] && { cmp x y || exit 99; } || stat -c %Y x | cmp - y || exit 98; }
            exit $s
            """)
        #expect(run.status == status, "\(run.output)\(run.complaints)")
        #expect(run.output.contains(message) && run.output.hasPrefix("kdbg: x: "), "\(run.output)")
    }

    /// A disk that lacks what comes from it: what is said beforehand, on standard error only, and what comes of it.
    @Test(.enabled(if: hasTools)) func whatIsMissing() async throws {
        let run = try await shell(
            """
            s=::/ReactOS/System32; i=new.img@@32256
            $KDBG --disk new.img --script /dev/null > out 2> err || exit 10
            [ -s err ] && exit 11
            mdel -i $i $s/drivers/beep.sys $s/drivers/null.sys || exit 12
            $KDBG --disk new.img --script /dev/null > out 2> err || exit 13
            [ $(wc -l < err) = 1 ] && grep -q 'warning.*2 system drivers beep.sys, null.sys: they will not be loaded' err || exit 14
            grep -q "Driver 'beep.sys' load failed, status (c0000034)" out || exit 15
            # An empty program, none at all, and what is no program.
            mdel -i $i $s/smss.exe; : > smss.exe; mcopy -i $i smss.exe $s || exit 16
            $KDBG --disk new.img --script /dev/null > out 2> err; [ $? = 3 ] || exit 17
            grep -q 'smss.exe is empty: the boot will end in bug check 0x6F' err && grep -q 'Fatal System Error: 0x0000006f' out || exit 18
            mdel -i $i $s/smss.exe; printf %0100d 1 > smss.exe; mcopy -i $i smss.exe $s || exit 19
            $KDBG --disk new.img --script /dev/null > out 2> err; [ $? = 3 ] || exit 20
            grep -q 'smss.exe is no program: the boot' err && grep -q 'Fatal System Error: 0x0000006f' out || exit 21
            mdel -i $i $s/smss.exe
            $KDBG --disk new.img --script /dev/null > out 2> err; [ $? = 3 ] || exit 22
            grep -qF '\\ReactOS\\System32\\smss.exe is missing: the boot' err && grep -q 'Fatal System Error: 0x0000006f' out || exit 23
            grep -q warning out && exit 24
            # The system DLL comes first: the boot ends before anybody looks for smss.exe.
            mdel -i $i $s/ntdll.dll
            $KDBG --disk new.img --script /dev/null > out 2> err; [ $? = 3 ] || exit 25
            [ $(grep -c 'bug check' err) = 1 ] && grep -qF '\\ReactOS\\System32\\ntdll.dll is missing: the boot' err || exit 26
            grep -q 'Fatal System Error: 0x00000069' out && grep -q 'ntdll.dll cannot be used, status 0xc0000034' out || exit 27
            exit 0
            """)
        #expect(run.status == 0, "\(run.status): \(run.output)\(run.complaints)")
    }

    @Test(.enabled(if: hasTools)) func lockedAndLinked() async throws {
        let run = try await shell(
            """
            $KDBG --disk x --script /dev/null > /dev/null
            flock x $KDBG --disk x --script /dev/null > out 2> err; [ $? = 75 ] || exit 10
            grep -q 'in use' err || exit 11
            mkdir sub; ln -s ../x sub/link; ln x other; cp x before
            $KDBG --disk sub/link --script /dev/null > out || exit 12
            [ -L sub/link ] || exit 13
            cmp -s x before && exit 14
            # Another name of the old file keeps the old contents.
            cmp other before || exit 15
            $KDBG --disk nodir/x --script /dev/null > out 2> err; [ $? = 74 ] || exit 16
            """)
        #expect(run.status == 0, "\(run.status): \(run.output)\(run.complaints)")
    }

    /// A file system without room: the image stays whole, and the failure is told.
    @Test(.enabled(if: hasTools)) func hostWithoutRoom() async throws {
        let run = try await shell(
            """
            $KDBG --disk x --script /dev/null > /dev/null; cp x before
            # No file may grow beyond this, like on a full disk.
            (ulimit -f 100; trap '' XFSZ; $KDBG --disk x --script /dev/null > out 2> err); [ $? = 74 ] || { cat err; exit 10; }
            grep -q 'is lost' err || exit 11
            cmp x before || exit 12
            ls -A | grep kdbg && exit 13
            exit 0
            """)
        #expect(run.status == 0, "\(run.status): \(run.output)\(run.complaints)")
    }

    @Test(.enabled(if: hasTools)) func changedByAnotherProgram() async throws {
        let run = try await shell(
            """
            $KDBG --disk x --script /dev/null > /dev/null
            { sleep 0.3; printf 'X' | dd of=x bs=1 seek=40000000 conv=notrunc status=none; cp x mine; echo cont; } \\
                | $KDBG --plain --disk x > out 2> err; [ $? = 74 ] || { cat err; exit 10; }
            grep -q 'another program' err || exit 11
            cmp x mine || exit 12
            """)
        #expect(run.status == 0, "\(run.status): \(run.output)\(run.complaints)")
    }
}
