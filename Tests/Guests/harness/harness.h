/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the harness share. See cases.h for what a case is. */
#ifndef HARNESS_H
#define HARNESS_H

#include "cases.h"
#include "guest.h"

/* As the macros in cases.h lay it out. */
struct test_case {
    const char *name;
    uint32_t mode;
    uint32_t hidden_flags;
    void (*prepare)(void);
    const uint8_t *code, *end;
};
extern const struct test_case cases_start[], cases_end[];

/* What trap stubs push; the part from esp on is there only after a change of ring, the one from es16 on only from virtual-8086 mode. */
struct frame {
    uint32_t gs, fs, es, ds;
    uint32_t edi, esi, ebp, handler_esp, ebx, edx, ecx, eax;
    uint32_t vector, error;
    uint32_t eip, cs, eflags;
    uint32_t esp, ss;
    uint32_t es16, ds16, fs16, gs16;
};

struct task_state {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi, es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, bitmap_offset;
    uint8_t bitmap[33]; /* ports 00h to FFh, all denied, and the byte of ones behind */
} __attribute__((packed));

/* The EIP a case starts with. */
static inline uint32_t code_start(const struct test_case *test_case) {
    return test_case->mode & (CODE_16 | VIRTUAL_86 | REAL) ? 0 : (uint32_t)test_case->code;
}

extern uint64_t gdt[32], idt[256], local_table[16];
extern struct task_state task_1, task_2, task_3;
extern uint32_t page_directory[1024], window_table[1024];
extern uint8_t frames[], scratch[], ring_stacks[4][4096];
enum { STACK_BYTES = 4096, REAL_CODE = 0x8000, REAL_STACK = 0x9000, REAL_STACK_TOP = 0x1000, REAL_DATA = 0xA000 };

/* What the code of a case starts with. `esp` is where an IRET frame lies. */
struct entry {
    uint32_t esp, ds, es, fs, gs;
};
void enter_case(const struct entry *entry); /* comes back through leave_case */
void enter_real_mode(uint32_t flags);       /* the same into REAL_CODE */
_Noreturn void leave_case(void);

extern const uint8_t trap_stubs[]; /* 16 bytes apart */

void reset_machine(void);                     /* tables, control and debug registers as cases.h says */
void set_control(const struct test_case *test_case); /* paging and the like, last of all */
void clear_control(void);                     /* paging and the like off again */

extern uint32_t observed[], observed_count;
enum { OBSERVED_MAXIMUM = 64 };
void write_down(uint32_t value);

/* Prints the line of a case; `stack_base` is what the frame's stack segment adds to its ESP. */
void report(const struct test_case *test_case, const struct frame *frame, uint32_t stack_base);

static inline uint32_t read_cr2(void) {
    uint32_t value;
    __asm__ volatile("movl %%cr2, %0" : "=r"(value));
    return value;
}

static inline uint32_t read_dr6(void) {
    uint32_t value;
    __asm__ volatile("movl %%db6, %0" : "=r"(value));
    return value;
}

static inline void write_dr6(uint32_t value) { __asm__ volatile("movl %0, %%db6" : : "r"(value)); }

#endif
