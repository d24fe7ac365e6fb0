#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes x86 test vectors: random instructions with random state, executed by Unicorn (pip install unicorn).

usage: generate.py [SEED [PER_OPCODE [16]]] > x86-integer.txt, or x86-real.txt with 16: real-address mode,
       or x86-sequence.txt with seq: PER_OPCODE runs of eight instructions, whose flags feed each other (token n)

One line per vector: seed of the initial state, code bytes, then what came out and differs from what went in:
a0...a7 registers in Intel's order, p EIP minus the code's address (see code_address), f EFLAGS, m address:bytes, x exception vector.
The initial state is a function of the seed (`state` below; Swift has the same); memory starts as `pattern`.
"""
import random
import sys
import unicorn as uc
from unicorn import x86_const as x

M64 = (1 << 64) - 1
CODE = 0x300000
REAL = len(sys.argv) > 3 and sys.argv[3] == "16"
SIZE = 0x400000
REGS = [x.UC_X86_REG_EAX, x.UC_X86_REG_ECX, x.UC_X86_REG_EDX, x.UC_X86_REG_EBX,
        x.UC_X86_REG_ESP, x.UC_X86_REG_EBP, x.UC_X86_REG_ESI, x.UC_X86_REG_EDI]


def splitmix(s):
    s = (s + 0x9E3779B97F4A7C15) & M64
    z = s
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & M64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
    return s, z ^ (z >> 31)


def state(seed):
    s = seed
    regs = []
    for i in range(8):
        s, r = splitmix(s)
        kind = r & 7
        v = r >> 8
        if i == 4:
            regs.append(0x28000 + (v & 0xFFF))
        elif kind < 4:
            regs.append(0x20000 + (v & 0xFFFF))
        elif kind == 4:
            regs.append(v & 0xFF)
        elif kind == 5:
            regs.append(0xFFFFFFFF - (v & 0xFF))
        else:
            regs.append(v & 0xFFFFFFFF)
    s, r = splitmix(s)
    flags = (r & 0x8D5) | 2 | (0x400 if r >> 60 == 0 else 0)
    return regs, flags


def code_address(seed):
    """Unicorn keeps translated code, so every vector has an address of its own."""
    if REAL:
        return 0xC000 + (seed & 0x1FF) * 32
    return CODE + (seed & 0x3FFF) * 64


PATTERN = bytes(((a * 0x9E3779B1) & 0xFFFFFFFF) >> 24 for a in range(SIZE))

# opcode text: bytes, then /r any ModRM, /n group member, ib iw iz immediates, rel branches, o moffs. "r" forbids memory, "m" forbids registers.
ONE = []
for b in range(0, 0x40, 8):
    ONE += [("%02x" % (b + i), "/r") for i in range(4)] + [("%02x" % (b + 4), "ib"), ("%02x" % (b + 5), "iz")]
ONE += [("27", ""), ("2f", ""), ("37", ""), ("3f", ""), ("60", ""), ("61", ""), ("68", "iz"), ("6a", "ib"), ("69", "/r iz"), ("6b", "/r ib")]
ONE += [("%02x" % b, "") for b in list(range(0x40, 0x60)) + [0x90, 0x91, 0x92, 0x93, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9C, 0x9E, 0x9F, 0xC9, 0xD6, 0xD7]]
ONE += [("%02x" % b, "ib") for b in range(0x70, 0x80)]
ONE += [("80", "/%d ib" % d) for d in range(8)] + [("81", "/%d iz" % d) for d in range(8)] + [("83", "/%d ib" % d) for d in range(8)]
ONE += [("%02x" % b, "/r") for b in (0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8B)] + [("8d", "/r m"), ("8f", "/0")]
ONE += [("a0", "o"), ("a1", "o"), ("a2", "o"), ("a3", "o"), ("a8", "ib"), ("a9", "iz")]
ONE += [("%02x" % b, "") for b in (0xA4, 0xA5, 0xA6, 0xA7, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF)] * 2
ONE += [("%02x" % b, "ib") for b in range(0xB0, 0xB8)] + [("%02x" % b, "iz") for b in range(0xB8, 0xC0)]
for b in (0xC0, 0xC1):
    ONE += [("%02x" % b, "/%d ib" % d) for d in range(8)]
for b in (0xD0, 0xD1, 0xD2, 0xD3):
    ONE += [("%02x" % b, "/%d" % d) for d in range(8)]
ONE += [("c2", "iw"), ("c3", ""), ("c6", "/0 ib"), ("c7", "/0 iz"), ("c8", "iw lv"), ("d4", "ib"), ("d5", "ib")]
ONE += [("e0", "ib"), ("e1", "ib"), ("e2", "ib"), ("e3", "ib"), ("e8", "iz"), ("e9", "iz"), ("eb", "ib")]
ONE += [("f5", ""), ("f8", ""), ("f9", ""), ("fc", ""), ("fd", "")]
ONE += [("f6", "/0 ib"), ("f7", "/0 iz")] + [("f6", "/%d" % d) for d in range(2, 8)] + [("f7", "/%d" % d) for d in range(2, 8)]
ONE += [("fe", "/0"), ("fe", "/1"), ("ff", "/0"), ("ff", "/1"), ("ff", "/2"), ("ff", "/4"), ("ff", "/6")]
TWO = [("0f%02x" % b, "/r") for b in list(range(0x40, 0x50)) + list(range(0x90, 0xA0)) + [0xA3, 0xA5, 0xAB, 0xAD, 0xAF, 0xB0, 0xB1, 0xB3, 0xB6, 0xB7, 0xBB, 0xBC, 0xBD, 0xBE, 0xBF, 0xC0, 0xC1]]
TWO += [("0fa4", "/r ib"), ("0fac", "/r ib"), ("0fc7", "/1 m")] + [("0fba", "/%d ib" % d) for d in range(4, 8)]
TWO += [("0f%02x" % b, "iz") for b in range(0x80, 0x90)] + [("0f%02x" % b, "") for b in range(0xC8, 0xD0)]
STRING = {0xA4, 0xA5, 0xA6, 0xA7, 0xAA, 0xAB, 0xAC, 0xAD, 0xAE, 0xAF}


def modrm(rng, digit, a16, shape):
    reg = digit if digit is not None else rng.randrange(8)
    if shape == "r" or (shape != "m" and rng.random() < 0.45):
        return bytes([0xC0 | reg << 3 | rng.randrange(8)])
    mod, rm = rng.randrange(3), rng.randrange(8)
    out = [mod << 6 | reg << 3 | rm]
    if a16:
        size = 2 if (mod == 0 and rm == 6) or mod == 2 else mod
        return bytes(out) + bytes(rng.randrange(256) for _ in range(size))
    base = rm
    if rm == 4:
        sib = rng.randrange(256)
        base = sib & 7
        out.append(sib)
    if mod == 0 and base == 5:
        return bytes(out) + (0x20000 + rng.randrange(0x10000)).to_bytes(4, "little")
    if mod == 2:
        return bytes(out) + (rng.randrange(-0x8000, 0x8000) & 0xFFFFFFFF).to_bytes(4, "little")
    return bytes(out) + (bytes([rng.randrange(256)]) if mod == 1 else b"")


def encode(rng, opcode, spec):
    o16, a16 = rng.random() < 0.25, rng.random() < 0.06
    out = b""
    if o16:
        out += b"\x66"
    if REAL:
        o16, a16 = not o16, True
    elif a16:
        out += b"\x67"
    op = bytes.fromhex(opcode)
    rep = False
    if op[0] in STRING and rng.random() < 0.6:
        out += rng.choice([b"\xf3", b"\xf2"]) if op[0] in (0xA6, 0xA7, 0xAE, 0xAF) else b"\xf3"
        rep = True
    out += op
    parts = spec.split()
    for p in parts:
        if p[0] == "/":
            shape = "m" if "m" in parts else "r" if "r" in parts else ""
            out += modrm(rng, None if p == "/r" else int(p[1]), a16, shape)
        elif p == "ib":
            out += bytes([rng.choice([rng.randrange(256), rng.randrange(256), 0, 1, 0x80, 0xFF, rng.randrange(32)])])
        elif p == "lv":
            out += bytes([rng.randrange(4)])
        elif p == "iw":
            out += rng.randrange(0x200).to_bytes(2, "little")
        elif p == "iz":
            v = rng.choice([rng.randrange(1 << 32), rng.randrange(256), 0xFFFFFF00 + rng.randrange(256), 0x80000000, 0x7FFFFFFF])
            if op[0] in (0xE8, 0xE9) or (op[0] == 0x0F and op[1] & 0xF0 == 0x80):
                v = rng.randrange(-0x8000, 0x8000) & 0xFFFFFFFF
            out += (v & 0xFFFF).to_bytes(2, "little") if o16 else v.to_bytes(4, "little")
        elif p == "o":
            out += (rng.randrange(0x10000)).to_bytes(2, "little") if a16 else (0x20000 + rng.randrange(0x10000)).to_bytes(4, "little")
    return out, rep, a16


class Runner:
    def __init__(self):
        self.u = uc.Uc(uc.UC_ARCH_X86, uc.UC_MODE_16 if REAL else uc.UC_MODE_32)
        self.u.mem_map(0, SIZE)
        self.u.mem_write(0, PATTERN)
        self.writes = []
        self.failed = False
        self.intno = None
        self.u.hook_add(uc.UC_HOOK_MEM_WRITE, lambda u, a, addr, size, v, d: self.writes.append((addr, size)))
        self.u.hook_add(uc.UC_HOOK_INTR, self.interrupt)

    def interrupt(self, u, number, d):
        self.intno = number
        u.emu_stop()

    def run(self, seed, code, rep, count=1):
        regs, flags = state(seed)
        u = self.u
        self.writes, self.intno = [], None
        start = code_address(seed)
        u.mem_write(start, code + b"\x90" * 16)
        for r, v in zip(REGS, regs):
            u.reg_write(r, v)
        u.reg_write(x.UC_X86_REG_EFLAGS, flags)
        error = None
        try:
            if rep:
                u.emu_start(start, start + len(code), timeout=200000)
            else:
                u.emu_start(start, start + 0x1000, count=count)
        except uc.UcError as e:
            error = e
        out = None
        if error is None and self.intno in (None, 0):
            line = ["%x" % seed, code.hex()]
            if count > 1:
                line.append("n%d" % count)
            pc = u.reg_read(x.UC_X86_REG_EIP)
            if self.intno is None and pc == start and not rep and code.lstrip(b"\x66\x67")[0] in (0xD4, 0xF6, 0xF7):
                self.intno = 0  # a divide error is not always reported to the hook
            if self.intno is not None:
                line.append("x%d" % self.intno)
            else:
                if pc != start + len(code):
                    line.append("p%x" % ((pc - start) & 0xFFFFFFFF))
                for i, r in enumerate(REGS):
                    v = u.reg_read(r)
                    if v != regs[i]:
                        line.append("a%d%x" % (i, v))
                f = u.reg_read(x.UC_X86_REG_EFLAGS) & 0xCD5 | 2
                if f != flags:
                    line.append("f%x" % f)
                if REAL and (pc > 0xFFFF or any(a + n > 0x10000 or 0xC000 <= a for a, n in self.writes)):
                    line = None
                touched = line and sorted({a for addr, size in self.writes for a in range(addr, addr + size)})
                if line and len(touched) > 128:
                    line = None
                k = 0
                while line and k < len(touched):
                    e = k
                    while e + 1 < len(touched) and touched[e + 1] == touched[e] + 1:
                        e += 1
                    data = bytes(u.mem_read(touched[k], e - k + 1))
                    line.append("m%x:%s" % (touched[k], data.hex()))
                    k = e + 1
            out = " ".join(line) if line else None
        for addr, size in self.writes:
            if addr + size <= SIZE:
                u.mem_write(addr, PATTERN[addr:addr + size])
        u.mem_write(start, PATTERN[start:start + 32])
        if error is not None:
            self.failed = True
        return out


def sequences(rng, number):
    """Only instructions that leave no flag but AF undefined, and none that reads AF."""
    arithmetic = [(o, p) for o, p in ONE if len(o) == 2 and int(o, 16) < 0x40 and int(o, 16) & 7 < 6]
    pool = arithmetic + [(o, p) for o, p in ONE if o in ("80", "81", "83", "84", "85", "86", "87", "88", "89", "8a", "8b", "8d", "98", "99", "a8", "a9", "d0", "d1", "f5", "f8", "f9", "fe")]
    pool += [("%02x" % b, "") for b in range(0x40, 0x60)] + [("f6", "/2"), ("f6", "/3"), ("f7", "/2"), ("f7", "/3"), ("ff", "/0"), ("ff", "/1"), ("ff", "/6")]
    pool += [(o, p) for o, p in TWO if o[2] in "49" or o[2:] in ("b0", "b1", "b6", "b7", "be", "bf", "c0", "c1")]
    runner, used, made = Runner(), set(), 0
    while made < number:
        code = b"".join(encode(rng, *rng.choice(pool))[0] for _ in range(8))
        s = rng.getrandbits(40)
        if len(code) > 48 or code_address(s) in used:
            continue
        used.add(code_address(s))
        if len(used) > 12000:
            used.clear()
            runner = Runner()
        line = runner.run(s, code, False, 8)
        if runner.failed:
            runner = Runner()
        if line and " p" not in line:
            print(line)
            made += 1


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    per = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    rng = random.Random(seed)
    if len(sys.argv) > 3 and sys.argv[3] == "seq":
        return sequences(rng, per)
    runner = Runner()
    used = set()
    for opcode, spec in ONE + TWO:
        made = tries = 0
        while made < per and tries < per * 40:
            tries += 1
            code, rep, a16 = encode(rng, opcode, spec)
            s = rng.getrandbits(40)
            if code_address(s) in used:
                continue
            used.add(code_address(s))
            if len(used) > (480 if REAL else 12000):
                used.clear()
                runner = Runner()
            regs, _ = state(s)
            if REAL and code[0] == 0xC8 or code.lstrip(b"\x67")[:2] == b"\x66\xc8":
                continue  # QEMU writes all of EBP, the manual says BP
            if rep and (regs[1] & (0xFFFF if a16 else 0xFFFFFFFF)) > 40:
                continue
            line = runner.run(s, code, rep)
            if runner.failed or REAL:
                runner = Runner()
            if line:
                print(line)
                made += 1


main()
