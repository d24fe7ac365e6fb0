/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs the cases in order. */
#include "harness.h"

static const struct test_case *current;
uint32_t observed[OBSERVED_MAXIMUM], observed_count;

void write_down(uint32_t value) {
    if (observed_count < OBSERVED_MAXIMUM) observed[observed_count++] = value;
}

/* Puts what IRET takes where `entry` says: on the case's own stack in ring 0, else in a buffer. */
static struct entry make_entry(const struct test_case *test_case) {
    static uint32_t outer[9];
    uint32_t ring = test_case->mode & 3, mode = test_case->mode;
    uint32_t flags = 2 | (mode & IOPL(3)) | (mode & MODE_TRACE ? 0x100 : 0) | (mode & MODE_NESTED ? 0x4000 : 0);
    uint32_t data = DATA(ring) | ring, top = (uint32_t)ring_stacks[ring] + STACK_BYTES - 256;
    uint32_t *frame = ring ? outer : (uint32_t *)top - 3;
    if (mode & VIRTUAL_86) {
        static const uint32_t segments[] = {0, REAL_CODE >> 4, 0, REAL_STACK_TOP, REAL_STACK >> 4, REAL_DATA >> 4, REAL_DATA >> 4, 0, 0};
        memcpy(outer, segments, sizeof outer);
        outer[2] = flags | 0x20000;
        return (struct entry){(uint32_t)outer, DATA(0), DATA(0), DATA(0), DATA(0)};
    }
    uint32_t base = (uint32_t)test_case->code;
    frame[0] = mode & CODE_16 ? 0 : base;
    frame[1] = mode & CODE_16 ? FREE(15) | ring : CODE(ring) | ring;
    frame[2] = flags;
    if (mode & CODE_16) gdt[FREE(15) / 8] = (uint64_t)((base >> 16 & 0xFF) | (base & 0xFF000000) | (0x9B | ring << 5) << 8) << 32 | base << 16 | 0xFFFF;
    if (ring) {
        frame[3] = top;
        frame[4] = data;
    }
    return (struct entry){(uint32_t)frame, data, data, data, data};
}

static void run_case(const struct test_case *test_case) {
    current = test_case;
    reset_machine();
    __asm__ volatile("call *%0" : : "m"(test_case->prepare) : "eax", "ecx", "edx", "ebx", "esi", "edi", "memory", "cc");
    if (test_case->mode & (VIRTUAL_86 | REAL)) {
        memset((void *)REAL_STACK, 0, REAL_DATA + 0x11000 - REAL_STACK);
        memcpy((void *)REAL_CODE, test_case->code, (size_t)(test_case->end - test_case->code));
    }
    struct entry entry = make_entry(test_case);
    set_control(test_case);
    if (test_case->mode & REAL)
        enter_real_mode(2);
    else
        enter_case(&entry);
}

/* Writes a debug exception down; the code goes on. */
static void log_debug(struct frame *frame) {
    write_down(frame->eip - code_start(current));
    write_down(read_dr6());
    write_dr6(0xFFFF0FF0);
    frame->eflags |= 0x10000;
}

/* Writes a page fault down and maps the page to the frame of its number. */
static void log_page(struct frame *frame) {
    uint32_t address = read_cr2(), page = (address - WINDOW) >> 12;
    write_down(address);
    write_down(frame->error);
    write_down(frame->eip - code_start(current));
    write_down(frame->ecx);
    window_table[page] = ((uint32_t)frames + (page % WINDOW_PAGES << 12)) | 7;
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Called by the stubs on the stack of the frame. Comes back when the interrupted code is to go on. */
void handle_trap(struct frame *frame, uint32_t stack_base) {
    if (frame->vector == 1 && current->mode & LOG_DEBUG && observed_count < OBSERVED_MAXIMUM - 1) return log_debug(frame);
    if (frame->vector == 14 && current->mode & LOG_PAGES && (read_cr2() ^ WINDOW) < 1 << 22 && observed_count < OBSERVED_MAXIMUM - 3) return log_page(frame);
    report(current, frame, stack_base);
    leave_case();
}

/* The same for real mode, where the frame is a made-up one and nothing goes on. */
_Noreturn void handle_real_trap(struct frame *frame, uint32_t stack_base) {
    frame->vector &= 0xFF;
    report(current, frame, stack_base);
    leave_case();
}

uint32_t guest_main(uint32_t magic, const struct multiboot *information) {
    (void)magic, (void)information;
    out8(0x21, 0xFF); /* no interrupts but those a case asks for, even with IF set */
    out8(0xA1, 0xFF);
    for (const struct test_case *test_case = cases_start; test_case < cases_end; test_case++) run_case(test_case);
    print("done\n");
    return 0;
}
