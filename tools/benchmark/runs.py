# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that are measured, and the table of what they took."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Run:
    """One process: what it used and what it said."""

    def __init__(self, arguments, typed=""):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.TemporaryFile() as keys:
            self.arguments = arguments
            keys.write(typed.encode())
            keys.seek(0)
            start = time.monotonic()
            process = subprocess.Popen(["timeout", "300", *arguments], cwd=ROOT, stdin=keys, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.monotonic() - start
            process.returncode = self.status = os.waitstatus_to_exitcode(status)
            self.cpu = usage.ru_utime + usage.ru_stime
            self.resident = usage.ru_maxrss * 1024
            out.seek(0)
            err.seek(0)
            self.out, self.err = out.read(), err.read().decode(errors="replace")

    def checked(self, status=0):
        """The run itself, or the end of the benchmark: figures of a failing run mean nothing."""
        if self.status != status:
            sys.exit(f"tools/bench: {' '.join(self.arguments)}\nended with status {self.status}, not {status}:\n{self.err}")
        return self

    def note(self, name):
        """The value of a `name value` line of standard error."""
        match = re.search(rf"^{name} (\S+)$", self.err, re.MULTILINE)
        return match.group(1) if match else None


class Table:
    """Rows of figure, value, target; a target is a bound and which side of it is good."""

    def __init__(self):
        self.rows = [("figure", "measured", "target", "")]
        self.missed = False

    def add(self, figure, value, unit, target=None, below=True, digits=0):
        shown = f"{value:,.{digits}f} {unit}"
        if target is None:
            return self.rows.append((figure, shown, "", ""))
        good = value < target if below else value >= target
        self.missed |= not good
        self.rows.append((figure, shown, f"{'<' if below else '>='} {target:,} {unit}", "ok" if good else "MISSED"))

    def add_truth(self, figure, truth):
        self.missed |= not truth
        self.rows.append((figure, "yes" if truth else "no", "yes", "ok" if truth else "MISSED"))

    def skip(self, figure, reason):
        self.rows.append((figure, "skipped: " + reason, "", ""))

    def show(self):
        widths = [max(len(row[column]) for row in self.rows if not row[1].startswith("skipped")) for column in range(4)]
        for figure, value, target, verdict in self.rows:
            print(f"{figure:{widths[0]}}  {value:>{widths[1]}}  {target:>{widths[2]}}  {verdict}".rstrip())


def median(runs, key):
    return statistics.median(getattr(run, key) for run in runs)


def figures(arguments):
    """What a program says in lines of `name value`."""
    run = Run(arguments).checked()
    return {name: float(value) for name, value in re.findall(r"^(\S+) (\S+)$", run.out.decode(), re.MULTILINE)}
