/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

static uint32_t crc_table[256];

static void make_crc_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        crc_table[byte] = crc;
    }
}

static uint32_t crc(const uint8_t *bytes, uint32_t count) {
    uint32_t crc = ~0u;
    while (count--) crc = crc >> 8 ^ crc_table[(crc ^ *bytes++) & 0xFF];
    return ~crc;
}

/* number = number * factor + addend, over `words` words: one MUL, two additions with carry each. */
static uint32_t multiply_add(uint32_t *number, uint32_t words, uint32_t factor, uint32_t addend) {
    for (uint32_t at = 0; at < words; at++) {
        uint64_t product = (uint64_t)number[at] * factor + addend;
        number[at] = (uint32_t)product;
        addend = (uint32_t)(product >> 32);
    }
    return addend;
}

/* Sieve of Eratosthenes on a bit set; the number of primes below `limit`. */
static uint32_t primes(uint32_t *set, uint32_t limit) {
    uint32_t found = 0;
    for (uint32_t word = 0; word < limit >> 5; word++) set[word] = 0;
    for (uint32_t number = 2; number < limit; number++) {
        if (set[number >> 5] >> (number & 31) & 1) continue;
        found++;
        if (number < 0x8000)
            for (uint32_t multiple = number * number; multiple < limit; multiple += number) set[multiple >> 5] |= 1u << (multiple & 31);
    }
    return found;
}

/* 64-bit Fibonacci hashing, xorshift and set bits: shifts and rotations over register pairs. */
static uint32_t shifts(uint32_t seed) {
    uint64_t state = (uint64_t)seed << 32 | 0x9E3779B9u;
    uint32_t bits = 0;
    for (uint32_t count = 0; count < 40000; count++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint32_t low = (uint32_t)state;
        if (low & 0x100) low = low << (state >> 59) | low >> (-(state >> 59) & 31);
        for (; low; low &= low - 1) bits++;
    }
    return bits ^ (uint32_t)(state >> 16);
}

uint32_t bench_bits(uint32_t seed) {
    enum { WORDS = 200 };
    uint8_t *bytes = HEAP + (7 << 20);
    uint32_t *number = (uint32_t *)bytes, random = seed, checksum = 0;
    make_crc_table();
    for (uint32_t at = 0; at < 1 << 15; at++) number[at] = next_random(&random);
    checksum = mix(checksum, crc(bytes, 1 << 17));
    for (uint32_t count = 0; count < 300; count++) checksum = mix(checksum, multiply_add(number, WORDS, random | 1, count));
    checksum = mix(checksum, primes(number, 1 << 17));
    return mix(checksum, shifts(seed));
}
