/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every guest has: ports, printing on the debug console, a defined end. Nothing here looks at a clock or at the machine. */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
#include <stdint.h>

/* Multiboot 1, the fields we read (Multiboot Specification 0.6.96, section 3.3). */
struct multiboot {
    uint32_t flags; /* bit 2: command_line is valid */
    uint32_t memory_lower, memory_upper, boot_device;
    const char *command_line;
};

/* The guest's own program; what it returns is written to the debug-exit port. */
uint32_t guest_main(uint32_t magic, const struct multiboot *information);

/* Ends the run: port F4h makes the process end with status (value << 1) | 1; a machine without that port halts. */
_Noreturn void guest_exit(uint32_t value);

void print_character(char character); /* to port E9h */
void print(const char *text);
void print_hexadecimal(uint32_t value, int digits); /* upper case, without prefix */

/* The number behind `name=` on the command line, decimal; `otherwise` when it is not there. */
uint32_t option(const struct multiboot *information, const char *name, uint32_t otherwise);

void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port)); }

static inline uint8_t in8(uint16_t port) {
    uint8_t value;
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

#endif
