/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state every case starts from: descriptor tables, tasks, page tables, control and debug registers. */
#include "harness.h"

uint64_t gdt[32] __attribute__((aligned(8))), idt[256] __attribute__((aligned(8))), local_table[16] __attribute__((aligned(8)));
struct task_state task_1 __attribute__((aligned(128))), task_2 __attribute__((aligned(128))), task_3 __attribute__((aligned(128)));
uint32_t page_directory[1024] __attribute__((aligned(4096))), window_table[1024] __attribute__((aligned(4096)));
static uint32_t low_table[1024] __attribute__((aligned(4096)));
uint8_t frames[WINDOW_PAGES * 4096] __attribute__((aligned(4096)));
uint8_t scratch[65536] __attribute__((aligned(4096)));
uint8_t ring_stacks[4][STACK_BYTES] __attribute__((aligned(4096)));
static uint8_t task_stacks[2][STACK_BYTES] __attribute__((aligned(4096)));

/* `rights` as in cases.h: access byte in bits 0 to 7, G and D in bits 15 and 14. */
static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t rights) {
    uint64_t low = (limit & 0xFFFF) | (base & 0xFFFF) << 16;
    uint64_t high = (base >> 16 & 0xFF) | (base & 0xFF000000) | (rights & 0xF0FF) << 8 | (limit & 0xF0000);
    return high << 32 | low;
}

static void set_task(struct task_state *task, const uint8_t *stack) {
    *task = (struct task_state){
        .esp0 = (uint32_t)ring_stacks[0] + STACK_BYTES - 2048, .ss0 = DATA(0),
        .esp1 = (uint32_t)ring_stacks[1] + STACK_BYTES, .ss1 = DATA(1) | 1,
        .esp2 = (uint32_t)ring_stacks[2] + STACK_BYTES, .ss2 = DATA(2) | 2,
        .cr3 = (uint32_t)page_directory, .eflags = 2, .esp = (uint32_t)stack + STACK_BYTES,
        .eax = 0xA2, .ecx = 0xC2, .edx = 0xD2, .ebx = 0xB2, .ebp = 0x52, .esi = 0x62, .edi = 0x72,
        .es = DATA(0), .cs = CODE(0), .ss = DATA(0), .ds = DATA(0), .fs = DATA(0), .gs = DATA(0),
        .bitmap_offset = offsetof(struct task_state, bitmap),
    };
    memset(task->bitmap, 0xFF, sizeof task->bitmap);
}

static void set_descriptors(void) {
    memset(gdt, 0, sizeof gdt);
    memset(local_table, 0, sizeof local_table);
    for (uint32_t ring = 0; ring < 4; ring++) {
        gdt[CODE(ring) / 8] = descriptor(0, 0xFFFFF, 0xC09B | ring << 5);
        gdt[DATA(ring) / 8] = descriptor(0, 0xFFFFF, 0xC093 | ring << 5);
    }
    gdt[TASK / 8] = descriptor((uint32_t)&task_1, sizeof task_1 - 1, 0x89);
    gdt[TASK_2 / 8] = descriptor((uint32_t)&task_2, sizeof task_2 - 1, 0x89);
    gdt[TASK_3 / 8] = descriptor((uint32_t)&task_3, sizeof task_3 - 1, 0x89);
    gdt[LOCAL_TABLE / 8] = descriptor((uint32_t)local_table, sizeof local_table - 1, 0x82);
    gdt[CODE_16_BIT / 8] = descriptor(0, 0xFFFF, 0x9B);
    gdt[DATA_16_BIT / 8] = descriptor((uint32_t)scratch, 0xFFFF, 0x93);
    gdt[CONFORMING / 8] = descriptor(0, 0xFFFFF, 0xC09F);
    for (uint32_t vector = 0; vector < 256; vector++) {
        uint32_t stub = (uint32_t)trap_stubs + 16 * vector, rights = vector == VECTOR_END || vector == VECTOR_USER ? 0xEE00 : 0x8E00;
        idt[vector] = (uint64_t)((stub & 0xFFFF0000) | rights) << 32 | CODE(0) << 16 | (stub & 0xFFFF);
    }
}

static void set_pages(void) {
    for (uint32_t page = 0; page < 1024; page++) {
        low_table[page] = page << 12 | 7;
        window_table[page] = page < WINDOW_PAGES ? ((uint32_t)frames + (page << 12)) | 7 : 0;
    }
    memset(page_directory, 0, sizeof page_directory);
    page_directory[0] = (uint32_t)low_table | 7;
    page_directory[WINDOW >> 22] = (uint32_t)window_table | 7;
}

static void load_tables(void) {
    struct {
        uint16_t limit;
        const void *base;
    } __attribute__((packed)) gdtr = {sizeof gdt - 1, gdt}, idtr = {sizeof idt - 1, idt};
    __asm__ volatile("lgdt %0\n\tlidt %1\n\tlldt %w2\n\tltr %w3" : : "m"(gdtr), "m"(idtr), "r"(0), "r"(TASK) : "memory");
}

void reset_machine(void) {
    clear_control();
    set_descriptors();
    set_task(&task_1, task_stacks[0]);
    set_task(&task_2, task_stacks[0]);
    set_task(&task_3, task_stacks[1]);
    set_pages();
    memset(scratch, 0, sizeof scratch);
    memset(frames, 0, sizeof frames);
    memset(ring_stacks, 0, sizeof ring_stacks);
    load_tables();
    observed_count = 0;
}

void clear_control(void) {
    uint32_t value;
    __asm__ volatile("movl %%cr0, %0" : "=r"(value));
    /* PE, ET and NE stay; PG, WP, AM, NW, CD, TS, EM and MP go. */
    __asm__ volatile("movl %0, %%cr0" : : "r"((value & 0x20) | 0x11) : "memory");
    __asm__ volatile("movl %0, %%cr4\n\tmovl %0, %%cr2\n\tmovl %0, %%cr3" : : "r"(0) : "memory");
    __asm__ volatile("movl %0, %%db7\n\tmovl %1, %%db6" : : "r"(0x400), "r"(0xFFFF0FF0));
    __asm__ volatile("movl %0, %%db0\n\tmovl %0, %%db1\n\tmovl %0, %%db2\n\tmovl %0, %%db3" : : "r"(0));
}

void set_control(const struct test_case *test_case) {
    uint32_t value;
    if (test_case->mode & LARGE_PAGES) __asm__ volatile("movl %0, %%cr4" : : "r"(0x10));
    if (!(test_case->mode & PAGING)) return;
    __asm__ volatile("movl %0, %%cr3" : : "r"(page_directory) : "memory");
    __asm__ volatile("movl %%cr0, %0" : "=r"(value));
    __asm__ volatile("movl %0, %%cr0" : : "r"(value | 1u << 31 | (test_case->mode & PROTECT ? 1 << 16 : 0)) : "memory");
}
