# SPDX-License-Identifier: GPL-3.0-or-later
"""The PC against its peers: the same guest on kdbg, QEMU's translator and Unicorn (issue 3)."""

import os
import re
import subprocess
import sys

from .runs import ROOT, Run, figures, median

GUESTS = os.path.join(ROOT, ".build", "guests")
GUEST = os.path.join(GUESTS, "bench.elf")
HEAP = 8 << 20
# The debug-exit port makes of the value v the status 2v + 1.
DONE = 1


class Machines:
    """The three machines, and what of them is there."""

    def __init__(self, kdbg, qemu, unicorn):
        self.kdbg, self.qemu, self.unicorn = kdbg, qemu, unicorn

    def on_kdbg(self, guest=GUEST, typed="", status=DONE, options=()):
        debug = ["--debug"] if typed else []
        return Run([self.kdbg, "bare", "--kernel", guest, *debug, *options], typed).checked(status)

    def on_qemu(self, guest=GUEST, status=DONE, options=()):
        devices = ["-debugcon", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-serial", "null"]
        screen = ["-display", "none", "-monitor", "none", "-no-reboot"]
        return Run([self.qemu, "-accel", "tcg", "-m", "128", *screen, *devices, "-kernel", guest, *options]).checked(status)

    def on_unicorn(self, rounds):
        """Seconds of CPU time and the checksum; Unicorn has no ports, so the guest stops before it prints."""
        script = os.path.join(ROOT, "tools", "benchmark", "unicorn_guest.py")
        output = subprocess.run([self.unicorn, script, GUEST, str(rounds)], capture_output=True, text=True, timeout=300)
        if output.returncode != 0:
            sys.exit(f"tools/bench: Unicorn: {output.stderr}")
        seconds, checksum = output.stdout.split()
        return float(seconds), checksum


def checksum(run):
    """The guest's last line; commands may have printed before."""
    found = re.search(rb"^checksum: ([0-9A-F]{8})$", run.out, re.MULTILINE)
    return found.group(1).decode() if found else f"none in {run.out[-200:]}"


def agree(table, machines):
    """No figure before all machines compute the same."""
    short = ["--append", "rounds=1"]
    sums = {checksum(machines.on_kdbg(options=short))}
    if machines.qemu:
        sums.add(checksum(machines.on_qemu(options=["-append", "rounds=1"])))
    if machines.unicorn:
        sums.add(machines.on_unicorn(1)[1])
    table.add_truth("the guest's checksum is the same on every machine", len(sums) == 1)
    if len(sums) != 1:
        sys.exit(f"tools/bench: the machines disagree: {sums}")


def speed(table, machines, count):
    """Instructions per second, against each peer and against itself with breakpoints."""
    typed = stops()
    ours, stopping, theirs = [], [], []
    for _ in range(count):
        ours.append(machines.on_kdbg(options=["-v"]))
        stopping.append(machines.on_kdbg(typed=typed))
        if machines.qemu:
            theirs.append(machines.on_qemu())
    sums = {checksum(run) for run in ours + stopping + theirs}
    if len(sums) != 1:
        sys.exit(f"tools/bench: checksums differ: {sums}")
    instructions = int(re.search(r"^After (\d+) instructions", ours[0].err, re.MULTILINE).group(1))
    cpu = median(ours, "cpu")
    table.add("the guest", instructions / 1e6, "million instructions")
    table.add("instructions per second, no debugging", instructions / cpu / 1e6, "million/s")
    if machines.qemu:
        table.add("the same on QEMU (TCG)", instructions / median(theirs, "cpu") / 1e6, "million/s")
        table.add("speed, against QEMU", median(theirs, "cpu") / cpu, "x", 0.4, below=False, digits=2)
    else:
        table.skip("speed, against QEMU", "qemu-system-i386 is not installed")
    if machines.unicorn:
        seconds, found = machines.on_unicorn(16)
        if found not in sums:
            sys.exit(f"tools/bench: Unicorn's checksum is {found}, not {sums}")
        table.add("the same on Unicorn 2, no hooks", instructions / seconds / 1e6, "million/s")
        table.add("speed, against Unicorn", seconds / cpu, "x", 3, below=False, digits=2)
    else:
        table.skip("speed, against Unicorn", "PyPI's unicorn cannot be had")
    table.add("with 100 breakpoints and 4 watchpoints never hit", cpu / median(stopping, "cpu"), "x", 0.95, below=False, digits=2)
    beyond = max(run.resident for run in ours) - HEAP
    table.add("memory beyond the guest's 8 MiB", beyond / 1e6, "MB", 64, digits=1)


def stops():
    """Commands that set 100 breakpoints on busy pages and 4 watchpoints on another, none of which is ever hit: the breakpoints lie inside instructions."""
    listing = subprocess.check_output(["objdump", "-d", "--no-show-raw-insn", GUEST], text=True)
    addresses = [int(found, 16) for found in re.findall(r"^ +([0-9a-f]+):", listing, re.MULTILINE)]
    inside = [first + 1 for first, second in zip(addresses, addresses[1:]) if 3 <= second - first <= 15]
    chosen = inside[:: len(inside) // 100][:100]
    lines = [f"bpx 0x{address:x}" for address in chosen]
    lines += [f"bpm {kind} dword bench_watched+0x{offset:x}" for kind, offset in (("w", 0), ("w", 4), ("rw", 8), ("rw", 12))]
    return "\n".join(lines + ["cont", ""])


def snapshots(table, driver):
    """A snapshot every million instructions."""
    found = figures([driver, "snapshots", GUEST])
    table.add("with a snapshot every million instructions", found["without"] / found["with"], "x", 0.8, below=False, digits=2)


def starting(table, machines, count):
    """From the start of the process through the guest's first instruction, which ends the run."""
    guest = os.path.join(GUESTS, "first.elf")
    # The multiboot magic in EAX goes to the exit port.
    status = (0x2BADB002 * 2 + 1) & 0xFF
    ours = median([machines.on_kdbg(guest, status=status) for _ in range(count)], "wall")
    table.add("process start to first instruction, wall time", ours * 1000, "ms", 15, digits=1)
    if machines.qemu:
        theirs = median([machines.on_qemu(guest, status=status) for _ in range(count)], "wall")
        table.add("the same, QEMU", theirs * 1000, "ms", digits=1)
        table.add("faster than QEMU", theirs / ours, "x", 2, below=False, digits=1)
    else:
        table.skip("faster than QEMU", "qemu-system-i386 is not installed")
