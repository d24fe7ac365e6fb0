# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel: its boot, as a user sees it."""

import os

from .runs import Run, figures, median

SAMPLE = os.path.join("kdbinit.samples", "KDBinit")


def boot(table, kdbg, count):
    """The main job: the sample script, booted to the end."""
    arguments = [kdbg, "--script", SAMPLE]
    Run(arguments).checked()  # warms the page cache
    runs = [Run(arguments).checked() for _ in range(count)]
    table.add("boot with the sample, CPU time", median(runs, "cpu") * 1000, "ms", 400, digits=1)
    table.add("boot with the sample, wall time", median(runs, "wall") * 1000, "ms", digits=1)
    table.add("boot with the sample, peak resident", max(run.resident for run in runs) / 1e6, "MB", 300, digits=1)
    hashed = [Run(arguments + ["--state-hash"]).checked() for _ in range(2)]
    states = [run.note("state") for run in hashed]
    table.add_truth("every run prints the same bytes", len({run.out for run in runs + hashed}) == 1)
    table.add_truth("two runs end in the same state", states[0] is not None and states[0] == states[1])
    instructions = hashed[0].note("instructions")
    if instructions:
        table.add("instructions of that boot", int(instructions) / 1e6, "million", digits=2)


def start(table, kdbg, count):
    """What the process costs before it does anything."""
    runs = [Run([kdbg, "--version"]).checked() for _ in range(count)]
    table.add("process start (--version), CPU time", median(runs, "cpu") * 1000, "ms", digits=1)
    table.add("process start (--version), wall time", median(runs, "wall") * 1000, "ms", digits=1)


def loops(table, driver):
    """X86 alone, in three tight loops."""
    for name, speed in figures([driver, "loops"]).items():
        table.add(f"X86, {name}", speed, "million/s")


def dumps(table, kdbg, count):
    """What a megabyte costs in x and dt: ten of them against none, in the line shell, at the end of a boot. Writing the text out is part of it."""
    count = max(count // 4, 1)
    head = "until MiZeroFreePages\n"

    def typed(line):
        return median([Run([kdbg, "--plain"], head + line * 10).checked() for _ in range(count)], "cpu")

    nothing = typed("? 1\n")
    for figure, line in (
        ("x of 1 MiB, CPU time", "x [MmNonPagedPoolStart] L 262144\n"),
        ("x of 1 MiB in an image, CPU time", "x 0x80400000 L 262144\n"),
        ("dt of 1 MiB (POOL_DESCRIPTOR), CPU time", "dt POOL_DESCRIPTOR [MmNonPagedPoolStart] L 253\n"),
        ("dt of 1 MiB (ETHREAD), CPU time", "dt ETHREAD [MmNonPagedPoolStart] L 1771\n"),
        ("dt of 1 MiB (LIST_ENTRY), CPU time", "dt LIST_ENTRY [MmNonPagedPoolStart] L 131072\n"),
    ):
        table.add(figure, (typed(line) - nothing) * 100, "ms", 100, digits=1)
