/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

struct node {
    struct node *next;
    uint32_t (*visit)(uint32_t checksum, struct node *node);
    uint32_t value, visits;
};
enum { NODES = 1 << 14, DISTANCE = 384, LAPS = 6 }; /* 6 MiB of nodes, one in ten a page */

static uint32_t add(uint32_t checksum, struct node *node) { return checksum + node->value; }
static uint32_t exclude(uint32_t checksum, struct node *node) { return checksum ^ node->value; }
static uint32_t turn(uint32_t checksum, struct node *node) { return checksum << 3 | checksum >> 29 | (node->visits += 2); }

static uint32_t choose(uint32_t checksum, struct node *node) {
    if (checksum & 1) return add(checksum, node);
    node->value += checksum;
    return checksum >> 1;
}

uint32_t bench_list(uint32_t seed) {
    static uint32_t (*const visits[])(uint32_t, struct node *) = {add, exclude, turn, choose};
    uint32_t random = seed, checksum = seed, at = 0;
    /* An odd step through a power of two passes every node once and comes back to the first. */
    uint32_t step = (next_random(&random) | 1) & (NODES - 1);
    for (uint32_t count = 0; count < NODES; count++) {
        struct node *node = (struct node *)(HEAP + at * DISTANCE);
        at = (at + step) & (NODES - 1);
        *node = (struct node){(struct node *)(HEAP + at * DISTANCE), visits[next_random(&random) >> 30], random, 0};
    }
    struct node *node = (struct node *)HEAP;
    for (uint32_t count = 0; count < NODES * LAPS; count++, node = node->next) checksum = node->visit(checksum, node);
    return checksum;
}
