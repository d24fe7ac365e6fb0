/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line of a case. Its format is `name: how, what changed, | what was observed`. */
#include "harness.h"

static const char *const mnemonics[20] = {"DE", "DB", "NMI", "BP", "OF", "BR", "UD", "NM", "DF", "9", "TS", "NP", "SS", "GP", "PF", "15", "MF", "AC", "MC", "XM"};
enum { ERROR_VECTORS = 1 << 8 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 17, RESUME = 0x10000, VIRTUAL = 0x20000 };

static void print_field(const char *name, uint32_t value, int digits) {
    print(" ");
    print(name);
    print(" ");
    print_hexadecimal(value, digits);
}

static void print_change(const char *name, uint32_t value, uint32_t initial, int digits) {
    if (value != initial) print_field(name, value, digits);
}

/* A difference with its sign. */
static void print_distance(const char *name, uint32_t distance) {
    print(name);
    print((int32_t)distance < 0 ? "-" : "+");
    print_hexadecimal((int32_t)distance < 0 ? -distance : distance, (distance + 0x8000) >> 16 ? 8 : 4);
}

static void print_reason(const struct test_case *test_case, const struct frame *frame) {
    if (frame->vector == VECTOR_END) return print(" end");
    if (frame->vector >= 20) return print_field("vector", frame->vector, 2);
    print(" #");
    print(mnemonics[frame->vector]);
    if (!(test_case->mode & REAL) && ERROR_VECTORS >> frame->vector & 1) {
        print("(");
        print_hexadecimal(frame->error, 4);
        print(")");
    }
    if (frame->vector == 14) print_field("cr2", read_cr2(), 8);
    if (frame->vector == 1) print_field("dr6", read_dr6(), 8);
}

static void print_registers(const struct frame *frame) {
    print_change("eax", frame->eax, INITIAL_EAX, 8);
    print_change("ecx", frame->ecx, INITIAL_ECX, 8);
    print_change("edx", frame->edx, INITIAL_EDX, 8);
    print_change("ebx", frame->ebx, INITIAL_EBX, 8);
    print_change("ebp", frame->ebp, INITIAL_EBP, 8);
    print_change("esi", frame->esi, INITIAL_ESI, 8);
    print_change("edi", frame->edi, INITIAL_EDI, 8);
}

/* Stack and segment registers against what the case started with. */
static void print_segments(const struct test_case *test_case, const struct frame *frame, uint32_t stack_base) {
    uint32_t ring = test_case->mode & 3, data = DATA(ring) | ring, top = (uint32_t)ring_stacks[ring] + STACK_BYTES - 256;
    uint32_t code = test_case->mode & CODE_16 ? FREE(15) | ring : CODE(ring) | ring, stack = data;
    int real = (test_case->mode & (VIRTUAL_86 | REAL)) != 0, outer = test_case->mode & REAL || frame->cs & 3 || frame->eflags & VIRTUAL;
    uint32_t data_now[4] = {frame->ds, frame->es, frame->fs, frame->gs}, data_before[4] = {data, data, data, data};
    uint32_t esp = outer ? frame->esp : (uint32_t)&frame->esp - stack_base, ss = outer ? frame->ss : frame->handler_esp;
    if (real) {
        const uint32_t before[4] = {REAL_DATA >> 4, REAL_DATA >> 4, 0, 0};
        memcpy(data_before, before, sizeof before);
        code = REAL_CODE >> 4, stack = REAL_STACK >> 4, top = REAL_STACK_TOP;
    }
    if (frame->eflags & VIRTUAL) {
        const uint32_t now[4] = {frame->ds16, frame->es16, frame->fs16, frame->gs16};
        memcpy(data_now, now, sizeof now);
    }
    print_change("cs", frame->cs & 0xFFFF, code, 4);
    print_change("ss", ss & 0xFFFF, stack, 4);
    if (esp != top) print_distance(" esp", esp - top);
    static const char *const names[] = {"ds", "es", "fs", "gs"};
    for (int at = 0; at < 4; at++) print_change(names[at], data_now[at] & 0xFFFF, data_before[at], 4);
}

void report(const struct test_case *test_case, const struct frame *frame, uint32_t stack_base) {
    uint32_t start = code_start(test_case), end = start + (uint32_t)(test_case->end - test_case->code);
    print(test_case->name);
    print(":");
    print_reason(test_case, frame);
    if (frame->vector != VECTOR_END || frame->eip != end) print_distance(" at ", frame->eip - start);
    print_field("flags", frame->eflags & ~test_case->hidden_flags & ~(test_case->mode & SHOW_RF ? 0 : RESUME), 8);
    print_segments(test_case, frame, stack_base);
    print_registers(frame);
    if (observed_count) print(" |");
    for (uint32_t at = 0; at < observed_count; at++) {
        print(" ");
        print_hexadecimal(observed[at], 8);
    }
    print("\n");
}
