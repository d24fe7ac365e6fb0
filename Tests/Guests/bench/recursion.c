/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

static __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline-functions"))) uint32_t fibonacci(uint32_t n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/* Takeuchi's function: three arguments on the stack, four calls, little else. */
static __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline-functions"))) int tak(int x, int y, int z) {
    return y >= x ? z : tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y));
}

/* Solutions of the queens problem, by sets of attacked columns. */
static __attribute__((noinline)) uint32_t queens(uint32_t all, uint32_t columns, uint32_t left, uint32_t right) {
    if (columns == all) return 1;
    uint32_t solutions = 0;
    for (uint32_t free = all & ~(columns | left | right); free; free &= free - 1) {
        uint32_t queen = free & -free;
        solutions += queens(all, columns | queen, (left | queen) << 1, (right | queen) >> 1);
    }
    return solutions;
}

uint32_t bench_recursion(uint32_t seed) {
    uint32_t checksum = mix(seed, fibonacci(22 + seed % 3));
    checksum = mix(checksum, (uint32_t)tak(15, 10, (int)(seed % 5)));
    return mix(checksum, queens((1 << 9) - 1, 0, 0, 0));
}
