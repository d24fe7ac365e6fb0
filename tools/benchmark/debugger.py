# SPDX-License-Identifier: GPL-3.0-or-later
"""Single steps and conditional breakpoints, against gdb on QEMU's stub (issues 3 and 5)."""

import os
import shutil
import socket
import subprocess
import sys
import time

from .machine import GUESTS
from .runs import figures, median

GUEST = os.path.join(GUESTS, "calls.elf")
CALLS = 4_000_000


def gdb(qemu, commands):
    """Seconds that gdb takes for commands on a fresh QEMU that waits at its first instruction."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    machine = subprocess.Popen(
        [qemu, "-accel", "tcg", "-S", "-gdb", f"tcp:127.0.0.1:{port}", "-display", "none", "-monitor", "none", "-serial", "null",
         "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", GUEST],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        script = ["set confirm off", "set pagination off", f"target remote 127.0.0.1:{port}", "break *&start", "continue", "delete", *commands, "kill"]
        arguments = ["gdb", "-nx", "-batch", GUEST] + [word for line in script for word in ("-ex", line)]
        start = time.monotonic()
        run = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if run.returncode != 0 or "Breakpoint" not in run.stdout:
            sys.exit(f"tools/bench: gdb failed:\n{run.stdout}{run.stderr}")
        return time.monotonic() - start
    finally:
        machine.kill()
        machine.wait()


def per_second(qemu, commands, few, many):
    """How many a second: the difference between many and few, so that starting does not count."""
    times = sorted(gdb(qemu, commands(many)) - gdb(qemu, commands(few)) for _ in range(3))
    return (many - few) / times[1]


def steps(table, machines, driver):
    """Each step is a call of Session.run; each of gdb's is a stepi."""
    ours = figures([driver, "steps", GUEST])["steps"]
    table.add("single steps through Session", ours / 1e6, "million/s", 5, below=False, digits=3)
    if reason := missing(machines):
        return table.skip("single steps, against gdb", reason)
    theirs = per_second(machines.qemu, lambda count: [f"stepi {count}"], 200, 5200)
    table.add("stepi of gdb on QEMU's stub", theirs, "/s")
    table.add("single steps, against gdb", ours / theirs, "x", 1000, below=False)


def conditions(table, machines, count):
    """A breakpoint whose condition is false at each of four million hits."""
    typed = "bpx called IF eax == 0xffffffff\ncont\n"
    without = median([machines.on_kdbg(GUEST) for _ in range(count)], "cpu")
    run = median([machines.on_kdbg(GUEST, typed=typed) for _ in range(count)], "cpu")
    table.add("breakpoint hits with a false condition", CALLS / run / 1e6, "million/s", 1, below=False, digits=3)
    table.add("what such a hit costs", (run - without) / CALLS * 1e6, "microseconds", 1, digits=3)
    if reason := missing(machines):
        return table.skip("such hits, against gdb", reason)
    theirs = per_second(machines.qemu, lambda last: [f"break *&called if $eax == {last}", "continue"], 200, 5200)
    table.add("such hits of gdb on QEMU's stub", theirs, "/s")
    table.add("such hits, against gdb", CALLS / run / theirs, "x", 1000, below=False)


def missing(machines):
    """Why there is no peer; None when there is one."""
    if not machines.qemu:
        return "qemu-system-i386 is not installed"
    return None if shutil.which("gdb") else "gdb is not installed"
