/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ncurses for Swift: what are macros, variadics and C globals there are functions here. */
#pragma once
#define _XOPEN_SOURCE_EXTENDED 1
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <curses.h>

/* Uses the environment's locale for characters; 1 when that is UTF-8. */
static inline int kdbg_use_utf8(void) {
    setlocale(LC_CTYPE, "");
    const char *codeset = nl_langinfo(CODESET);
    return codeset && (!strcmp(codeset, "UTF-8") || !strcmp(codeset, "utf8"));
}

/* newterm and not initscr: initscr ends the process when it does not know the terminal. */
static inline SCREEN *kdbg_open_screen(void) {
    SCREEN *screen = newterm(NULL, stdout, stdin);
    if (!screen) return NULL;
    raw();
    noecho();
    nonl();
    intrflush(stdscr, FALSE);
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    return screen;
}

static inline int kdbg_columns(void) { return COLS; }
static inline int kdbg_lines(void) { return LINES; }

static inline void kdbg_set_attributes(int bold, int reverse, int dim, int pair) {
    attr_t attributes = (bold ? A_BOLD : 0) | (reverse ? A_REVERSE : 0) | (dim ? A_DIM : 0);
    attr_set(attributes, (short)pair, NULL);
}

static inline void kdbg_put(int row, int column, const char *text, int length) { mvaddnstr(row, column, text, length); }
static inline void kdbg_move(int row, int column) { move(row, column); }
static inline void kdbg_erase(void) { erase(); }
static inline void kdbg_redraw(void) { clearok(curscr, TRUE); }
static inline void kdbg_refresh(void) { refresh(); }

/* The next key: 0 none, 1 a character, 2 a function key (KEY_...). */
static inline int kdbg_next_key(unsigned int *key) {
    wint_t wide = 0;
    int kind = get_wch(&wide);
    *key = (unsigned int)wide;
    return kind == OK ? 1 : kind == KEY_CODE_YES ? 2 : 0;
}

static inline unsigned int kdbg_function_key(int number) { return KEY_F(number); }

/* Not ncurses, but terminals need it too: what Swift's Glibc module does not import. */

static inline int kdbg_open_signals(const sigset_t *signals) { return signalfd(-1, signals, SFD_NONBLOCK | SFD_CLOEXEC); }

/* The signal that has arrived, 0 when there is none. */
static inline int kdbg_next_signal(int descriptor) {
    struct signalfd_siginfo info;
    return read(descriptor, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

static inline int kdbg_open_memory(const char *name) { return (int)syscall(SYS_memfd_create, name, 1u /* MFD_CLOEXEC */); }
