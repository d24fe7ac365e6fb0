/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The benchmark: every part in turn, `rounds` times, then one line per part and the checksum of all. Same lines on every i386. */
#include "bench.h"

static const struct {
    const char *name;
    uint32_t (*run)(uint32_t seed);
} parts[] = {
    {"sort", bench_sort},       {"hash", bench_hash},     {"bytecode", bench_bytecode}, {"recursion", bench_recursion},
    {"strings", bench_strings}, {"matrix", bench_matrix}, {"bits", bench_bits},         {"list", bench_list},
};
enum { PARTS = sizeof parts / sizeof *parts };

/* A machine without command line (Unicorn) writes the rounds here; one without ports stops at bench_done and reads the checksum. */
volatile uint32_t bench_rounds = 16;
volatile uint32_t bench_checksum;
/* Never read or written: where measurements put watchpoints, on a page that is busy. */
uint32_t bench_watched[4];

__attribute__((noinline)) void bench_done(void) { __asm__ volatile("" : : : "memory"); }

uint32_t guest_main(uint32_t magic, const struct multiboot *information) {
    uint32_t rounds = magic == 0x2BADB002 ? option(information, "rounds", bench_rounds) : bench_rounds;
    uint32_t checksums[PARTS] = {0}, whole = 0;
    turn_paging_on();
    for (uint32_t round = 1; round <= rounds; round++)
        for (int part = 0; part < PARTS; part++) checksums[part] = mix(checksums[part], parts[part].run(round * 0x2545F491u | 1));
    for (int part = 0; part < PARTS; part++) whole = mix(whole, checksums[part]);
    bench_checksum = whole;
    bench_done();
    for (int part = 0; part < PARTS; part++) {
        print(parts[part].name);
        print(": ");
        print_hexadecimal(checksums[part], 8);
        print("\n");
    }
    print("checksum: ");
    print_hexadecimal(whole, 8);
    print("\n");
    return 0;
}
