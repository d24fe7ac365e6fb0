/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A register machine in threaded code: every operation ends in an indirect jump to the next. */
#include "bench.h"

enum { ADD, SUBTRACT, EXCLUDE, AND, SHIFT, CONSTANT, LOAD, STORE, JUMP_BELOW, JUMP_ODD, MULTIPLY, END };

struct operation {
    uint8_t code, target, left, right;
};
#define OPERATION(code, target, left, right) {code, target, left, right}

/* Lengths of Collatz sequences from r0 = 1 to r7, summed up in r6, each stored in a ring of 1024 words and mixed with an older one. Jumps name their target. */
static const struct operation program[] = {
    /*  0 */ OPERATION(CONSTANT, 0, 0, 1),
    /*  1 */ OPERATION(CONSTANT, 5, 0, 1),
    /*  2 */ OPERATION(CONSTANT, 1, 0, 0),
    /*  3 */ OPERATION(ADD, 1, 1, 0),    /* next number: r1 = r0 */
    /*  4 */ OPERATION(CONSTANT, 2, 0, 0),
    /*  5 */ OPERATION(JUMP_ODD, 9, 1, 0),
    /*  6 */ OPERATION(SHIFT, 1, 1, 1),  /* even: r1 >>= 1 */
    /*  7 */ OPERATION(ADD, 2, 2, 5),
    /*  8 */ OPERATION(JUMP_BELOW, 5, 2, 7),
    /*  9 */ OPERATION(JUMP_BELOW, 11, 5, 1), /* odd: done when it is 1 */
    /* 10 */ OPERATION(JUMP_BELOW, 17, 3, 7),
    /* 11 */ OPERATION(CONSTANT, 3, 0, 3),
    /* 12 */ OPERATION(MULTIPLY, 1, 1, 3),
    /* 13 */ OPERATION(ADD, 1, 1, 5),
    /* 14 */ OPERATION(ADD, 2, 2, 5),
    /* 15 */ OPERATION(CONSTANT, 3, 0, 0),
    /* 16 */ OPERATION(JUMP_BELOW, 6, 3, 7),
    /* 17 */ OPERATION(ADD, 6, 6, 2),
    /* 18 */ OPERATION(STORE, 2, 0, 0),
    /* 19 */ OPERATION(LOAD, 4, 6, 0),
    /* 20 */ OPERATION(EXCLUDE, 6, 6, 4),
    /* 21 */ OPERATION(ADD, 0, 0, 5),
    /* 22 */ OPERATION(CONSTANT, 1, 0, 0),
    /* 23 */ OPERATION(JUMP_BELOW, 3, 0, 7),
    /* 24 */ OPERATION(END, 0, 0, 0),
};

static __attribute__((noinline, optimize("no-gcse", "no-crossjumping"))) uint32_t interpret(const struct operation *program, uint32_t *r, uint32_t *memory) {
    static const void *const labels[] = {&&add, &&subtract, &&exclude, &&and, &&shift, &&constant, &&load, &&store, &&jump_below, &&jump_odd, &&multiply, &&end};
    const struct operation *at = program;
#define NEXT goto *labels[at->code]
#define BINARY(name, expression)                                       \
    name : {                                                           \
        uint32_t left = r[at->left], right = r[at->right];             \
        r[at->target] = (expression);                                  \
        at++;                                                          \
        NEXT;                                                          \
    }
    NEXT;
    BINARY(add, left + right)
    BINARY(subtract, left - right)
    BINARY(exclude, left ^ right)
    BINARY(and, left &right)
    BINARY(multiply, left * right)
shift:
    r[at->target] = r[at->left] >> at->right;
    at++;
    NEXT;
constant:
    r[at->target] = at->right;
    at++;
    NEXT;
load:
    r[at->target] = memory[r[at->left] & 1023];
    at++;
    NEXT;
store:
    memory[r[at->left] & 1023] = r[at->target];
    at++;
    NEXT;
jump_below:
    at = r[at->left] < r[at->right] ? program + at->target : at + 1;
    NEXT;
jump_odd:
    at = r[at->left] & 1 ? program + at->target : at + 1;
    NEXT;
end:
    return r[6];
#undef BINARY
#undef NEXT
}

uint32_t bench_bytecode(uint32_t seed) {
    uint32_t *memory = (uint32_t *)(HEAP + (5 << 20)), registers[8] = {0};
    for (uint32_t at = 0; at < 1024; at++) memory[at] = seed * at;
    registers[7] = 3000 + (seed & 511);
    return interpret(program, registers, memory);
}
