/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

struct slot {
    uint32_t key, count, sum, last;
};
enum { SLOTS = 1 << 18, OPERATIONS = 150000 }; /* 4 MiB */

/* The slot of a key or the empty one where it belongs: open addressing, linear probing. */
static struct slot *find(struct slot *table, uint32_t key) {
    uint32_t at = key * 0x85EBCA6Bu >> 14;
    while (table[at].key && table[at].key != key) at = (at + 1) & (SLOTS - 1);
    return &table[at];
}

uint32_t bench_hash(uint32_t seed) {
    struct slot *table = (struct slot *)(HEAP + (2 << 20));
    uint32_t random = seed, checksum = 0;
    for (uint32_t at = 0; at < SLOTS; at++) table[at].key = 0;
    for (uint32_t operation = 0; operation < OPERATIONS; operation++) {
        uint32_t key = next_random(&random) & 0x3FFFF ? random & 0x3FFFF : 1;
        if (!key) key = 2;
        struct slot *slot = find(table, key);
        if (!slot->key) {
            slot->key = key;
            slot->count = slot->sum = 0;
        } else if (random & 0x80000000) {
            checksum = mix(checksum, slot->sum ^ slot->last);
        } else {
            slot->sum += checksum;
        }
        slot->count++;
        slot->last = operation;
    }
    return checksum;
}
