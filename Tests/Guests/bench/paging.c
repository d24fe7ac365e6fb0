/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

enum { PRESENT = 1, WRITABLE = 2, HEAP_PAGES = HEAP_BYTES / 4096, HEAP_PHYSICAL = 4 << 20, PAGING = 1u << 31, WRITE_PROTECT = 1 << 16 };

static uint32_t directory[1024] __attribute__((aligned(4096)));
static uint32_t low_table[1024] __attribute__((aligned(4096)));
static uint32_t heap_tables[2][1024] __attribute__((aligned(4096)));

/* The first 4 MiB where they are, the heap above them in an order without neighbours (781 is odd, so every page comes once). */
void turn_paging_on(void) {
    for (uint32_t page = 0; page < 1024; page++) low_table[page] = page << 12 | PRESENT | WRITABLE;
    for (uint32_t page = 0; page < HEAP_PAGES; page++)
        heap_tables[page >> 10][page & 1023] = (HEAP_PHYSICAL + (page * 781 % HEAP_PAGES << 12)) | PRESENT | WRITABLE;
    directory[0] = (uint32_t)low_table | PRESENT | WRITABLE;
    for (uint32_t table = 0; table < 2; table++)
        directory[((uint32_t)HEAP >> 22) + table] = (uint32_t)heap_tables[table] | PRESENT | WRITABLE;
    uint32_t cr0;
    __asm__ volatile("movl %0, %%cr3" : : "r"(directory) : "memory");
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movl %0, %%cr0\n\tjmp 1f\n1:" : : "r"(cr0 | PAGING | WRITE_PROTECT) : "memory");
}
