/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

enum { COUNT = 1 << 16 };

static void quicksort(int32_t *first, int32_t *last) {
    while (last - first > 12) {
        int32_t pivot = first[(last - first) >> 1];
        int32_t *left = first, *right = last;
        while (left <= right) {
            while (*left < pivot) left++;
            while (pivot < *right) right--;
            if (left > right) break;
            int32_t value = *left;
            *left++ = *right;
            *right-- = value;
        }
        quicksort(first, right);
        first = left;
    }
    for (int32_t *at = first + 1; at <= last; at++) {
        int32_t value = *at, *hole = at;
        for (; hole > first && hole[-1] > value; hole--) *hole = hole[-1];
        *hole = value;
    }
}

/* Sinks the root of heap[0 ..< count] to its place. */
static void sink(uint32_t *heap, uint32_t count) {
    uint32_t at = 0, value = heap[0];
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && heap[child + 1] > heap[child]) child++;
        if (heap[child] <= value) break;
        heap[at] = heap[child];
    }
    heap[at] = value;
}

/* A priority queue that gets a new key for each one taken, as an event simulation does. */
static uint32_t priority_queue(uint32_t *heap, uint32_t *random) {
    enum { KEYS = 1 << 14, STEPS = 1 << 15 };
    uint32_t checksum = 0;
    for (uint32_t at = 0; at < KEYS; at++) heap[at] = ~0u - at;
    for (uint32_t step = 0; step < STEPS; step++) {
        checksum = mix(checksum, heap[0]);
        heap[0] -= next_random(random) >> 4;
        sink(heap, KEYS);
    }
    return checksum;
}

uint32_t bench_sort(uint32_t seed) {
    int32_t *numbers = (int32_t *)HEAP;
    uint32_t random = seed, checksum = 0;
    for (uint32_t at = 0; at < COUNT; at++) numbers[at] = (int32_t)next_random(&random);
    quicksort(numbers, numbers + COUNT - 1);
    for (uint32_t at = 0; at < COUNT; at += 7) checksum = mix(checksum, (uint32_t)numbers[at]);
    return mix(checksum, priority_queue((uint32_t *)(HEAP + (1 << 20)), &random));
}
