# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark guest on Unicorn: `unicorn_guest.py GUEST ROUNDS` prints seconds of CPU time and the checksum."""

import struct
import sys
import time

from unicorn import UC_ARCH_X86, UC_MODE_32, Uc


def symbols(elf):
    """Addresses by name (System V ABI, chapter 4)."""
    table, = struct.unpack_from("<I", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 46)
    sections = [struct.unpack_from("<10I", elf, table + index * size) for index in range(count)]
    found = {}
    for section in sections:
        if section[1] == 2:
            names = sections[section[6]][4]
            for index in range(section[5] // 16):
                name, address = struct.unpack_from("<II", elf, section[4] + 16 * index)
                found[elf[names + name:elf.index(b"\0", names + name)].decode()] = address
    return found


def main():
    elf = open(sys.argv[1], "rb").read()
    names = symbols(elf)
    machine = Uc(UC_ARCH_X86, UC_MODE_32)
    machine.mem_map(0, 32 << 20)
    entry, headers = struct.unpack_from("<II", elf, 24)
    size, count = struct.unpack_from("<HH", elf, 42)
    for index in range(count):
        kind, offset, _, address, length = struct.unpack_from("<5I", elf, headers + size * index)
        if kind == 1:
            machine.mem_write(address, elf[offset:offset + length])
    machine.mem_write(names["bench_rounds"], struct.pack("<I", int(sys.argv[2])))
    start = time.process_time()
    machine.emu_start(entry, names["bench_done"])
    print(time.process_time() - start, "%08X" % struct.unpack("<I", machine.mem_read(names["bench_checksum"], 4)))


if __name__ == "__main__":
    main()
