/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest.h"

enum { DEBUG_CONSOLE = 0xE9, DEBUG_EXIT = 0xF4 };

void print_character(char character) { out8(DEBUG_CONSOLE, (uint8_t)character); }

void print(const char *text) {
    while (*text) print_character(*text++);
}

void print_hexadecimal(uint32_t value, int digits) {
    while (digits-- > 0) print_character("0123456789ABCDEF"[value >> (4 * digits) & 15]);
}

void guest_exit(uint32_t value) {
    __asm__ volatile("outl %0, %1" : : "a"(value), "Nd"((uint16_t)DEBUG_EXIT));
    for (;;) __asm__ volatile("cli\n\thlt");
}

uint32_t option(const struct multiboot *information, const char *name, uint32_t otherwise) {
    if (!information || !(information->flags & 4)) return otherwise;
    for (const char *at = information->command_line; *at; at++) {
        size_t length = 0;
        while (name[length] && at[length] == name[length]) length++;
        if (name[length] || at[length] != '=') continue;
        uint32_t number = 0;
        for (at += length + 1; *at >= '0' && *at <= '9'; at++) number = number * 10 + (uint32_t)(*at - '0');
        return number;
    }
    return otherwise;
}

/* The compiler calls these two by name. */
void *memcpy(void *to, const void *from, size_t count) {
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return start;
}

void *memset(void *to, int value, size_t count) {
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
    return start;
}
