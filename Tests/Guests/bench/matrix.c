/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

enum { SIZE = 96 };
typedef int32_t matrix[SIZE][SIZE];

static void multiply(matrix *product, matrix *left, matrix *right) {
    for (int row = 0; row < SIZE; row++)
        for (int column = 0; column < SIZE; column++) {
            int32_t sum = 0;
            for (int at = 0; at < SIZE; at++) sum += (*left)[row][at] * (*right)[at][column];
            (*product)[row][column] = sum;
        }
}

static uint32_t greatest_common_divisor(uint32_t a, uint32_t b) {
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* base to the exponent, modulo a 32-bit number: 64-bit products, 64-by-32 divisions. */
static uint32_t power(uint32_t base, uint32_t exponent, uint32_t modulus) {
    uint32_t result = 1, high, quotient;
    for (; exponent; exponent >>= 1) {
        uint32_t low = result;
        if (exponent & 1) {
            __asm__("mull %2" : "+a"(low), "=d"(high) : "rm"(base) : "cc");
            __asm__("divl %3" : "=a"(quotient), "=d"(result) : "0"(low), "rm"(modulus), "1"(high) : "cc");
        }
        low = base;
        __asm__("mull %2" : "+a"(low), "=d"(high) : "rm"(base) : "cc");
        __asm__("divl %3" : "=a"(quotient), "=d"(base) : "0"(low), "rm"(modulus), "1"(high) : "cc");
    }
    return result;
}

uint32_t bench_matrix(uint32_t seed) {
    matrix *a = (matrix *)(HEAP + (6 << 20)), *b = a + 1, *c = a + 2;
    uint32_t random = seed, checksum = 0;
    for (int row = 0; row < SIZE; row++)
        for (int column = 0; column < SIZE; column++) {
            (*a)[row][column] = (int32_t)next_random(&random) >> 8;
            (*b)[row][column] = (int32_t)next_random(&random) >> 16;
        }
    multiply(c, a, b);
    for (int row = 0; row < SIZE; row++)
        for (int column = row % 5; column < SIZE; column += 5) checksum = mix(checksum, (uint32_t)(*c)[row][column] / (uint32_t)(row * 3 + 7));
    for (int count = 0; count < 3000; count++) checksum = mix(checksum, greatest_common_divisor(next_random(&random), (uint32_t)count * 7919));
    for (int count = 0; count < 800; count++) checksum = mix(checksum, power(next_random(&random) % 0xFFFFFFFBu, random >> 4, 0xFFFFFFFBu));
    return checksum;
}
