/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the benchmark. Each works on the heap only, takes a seed and returns a checksum of what it computed; one call is a few million instructions. */
#ifndef BENCH_H
#define BENCH_H

#include "guest.h"

/* 8 MiB at HEAP, 2048 pages whose physical order is shuffled: more than any first-level TLB holds. */
#define HEAP ((uint8_t *)0x40000000)
enum { HEAP_BYTES = 8 << 20 };

void turn_paging_on(void);

uint32_t bench_sort(uint32_t seed);        /* quicksort and heap of random numbers: branches nobody can predict, recursion */
uint32_t bench_hash(uint32_t seed);        /* a hash table over 4 MiB: dependent loads all over the heap */
uint32_t bench_bytecode(uint32_t seed);    /* an interpreter with threaded code: indirect jumps */
uint32_t bench_recursion(uint32_t seed);   /* calls and returns */
uint32_t bench_strings(uint32_t seed);     /* REP MOVS, STOS, SCAS, CMPS and byte loops */
uint32_t bench_matrix(uint32_t seed);      /* multiplication, division */
uint32_t bench_bits(uint32_t seed);        /* CRC, carries, shifts, rotations, set bits */
uint32_t bench_list(uint32_t seed);        /* pointers chased through all pages, a call through a pointer at each */

/* Marsaglia's 32-bit xorshift; never zero when the seed is not. */
static inline uint32_t next_random(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

static inline uint32_t mix(uint32_t checksum, uint32_t value) { return ((checksum << 5 | checksum >> 27) ^ value) * 0x9E3779B1u; }

#endif
