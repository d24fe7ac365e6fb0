/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

/* Writes `count` words of two to nine letters, each ended by a blank, and a zero; returns the end. */
static char *write_text(char *at, uint32_t count, uint32_t *random) {
    while (count--) {
        uint32_t letters = 2 + (next_random(random) >> 29);
        for (uint32_t bits = *random; letters--; bits = bits << 4 | bits >> 28) *at++ = (char)('a' + (bits & 15));
        *at++ = ' ';
    }
    *at = 0;
    return at;
}

static char *copy(char *to, const char *from, uint32_t bytes) {
    uint32_t count = bytes >> 2;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    count = bytes & 3;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return to;
}

/* Bytes in front of the first `byte` at or behind `text`. */
static uint32_t distance(const char *text, char byte) {
    uint32_t count = ~0u;
    __asm__ volatile("repne scasb" : "+D"(text), "+c"(count) : "a"(byte) : "memory", "cc");
    return ~count - 1;
}

/* Equal bytes in front of the first different one, `bytes` when there is none. */
static uint32_t common(const char *left, const char *right, uint32_t bytes) {
    const char *start = left;
    uint8_t equal;
    __asm__ volatile("cmpl %%eax, %%eax\n\trepe cmpsb\n\tsete %3" : "+S"(left), "+D"(right), "+c"(bytes), "=q"(equal) : "a"(0) : "memory", "cc");
    return (uint32_t)(left - start) - !equal;
}

/* Places where `pattern` starts in `text`, looked for as one does in C. */
static uint32_t occurrences(const char *text, const char *pattern) {
    uint32_t found = 0;
    for (; *text; text++) {
        const char *left = text, *right = pattern;
        while (*right && *left == *right) left++, right++;
        found += !*right;
    }
    return found;
}

uint32_t bench_strings(uint32_t seed) {
    char *text = (char *)HEAP, *second = text + (1 << 20), *lines = text + (3 << 20);
    uint32_t random = seed, checksum = 0;
    uint32_t length = (uint32_t)(write_text(text, 40000, &random) - text);
    copy(second, text, length + 1);
    checksum = mix(checksum, common(text, second, length));
    for (uint32_t count = 0; count < 50; count++) second[next_random(&random) % length] ^= 1;
    for (uint32_t at = 0, same; at < length; at += same + 1) checksum = mix(checksum, same = common(text + at, second + at, length - at));
    /* The words once more, each in a field of 16 bytes. */
    char *line = lines;
    for (const char *word = text; *word; line += 16) {
        uint32_t letters = distance(word, ' ');
        memset(line, '.', 16);
        copy(line, word, letters);
        word += letters + 1;
    }
    for (const char *at = lines; at < line; at += 29) checksum = mix(checksum, (uint8_t)*at);
    return mix(checksum, occurrences(text, "ab") << 8 ^ occurrences(second, "fee"));
}
