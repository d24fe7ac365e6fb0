/* SPDX-License-Identifier: GPL-3.0-or-later */
/* readline for Swift: its global variables as functions. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readline/readline.h>
#include <readline/history.h>

/* What both front ends want. rl_change_environment: else LINES and COLUMNS are set and hide later resizes from ncurses. */
static inline void kdbg_rl_configure(
    rl_completion_func_t *complete, rl_compdisp_func_t *show_matches, char *(*word_breaks)(void), rl_linebuf_func_t *is_no_history) {
    rl_readline_name = "kdbg";
    rl_change_environment = 0;
    rl_catch_signals = 0;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = show_matches;
    rl_basic_word_break_characters = rl_completer_word_break_characters = " \t\n()[]+-*/%<>=&|^~,;";
    rl_completion_word_break_hook = word_breaks;
    history_inhibit_expansion_function = is_no_history;
    rl_basic_quote_characters = rl_completer_quote_characters = "";
    using_history();
}

/* For a prompt inside a pane: readline touches no terminal, its keys come from `next` and its line is drawn by `redisplay`. */
static inline void kdbg_rl_detach(rl_getc_func_t *next, rl_hook_func_t *available, rl_voidfunc_t *redisplay) {
    FILE *nowhere = fopen("/dev/null", "r+");
    if (nowhere) rl_instream = rl_outstream = nowhere;
    rl_getc_function = next;
    rl_input_available_hook = available;
    rl_redisplay_function = redisplay;
    rl_catch_sigwinch = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_variable_bind("bell-style", "none");
    rl_variable_bind("enable-bracketed-paste", "off");
}

static inline const char *kdbg_rl_prompt(void) { return rl_display_prompt ? rl_display_prompt : ""; }

/* What show-mode-in-prompt puts in front of a prompt, as the user has written it; readline has no access to its own drawing of it. */
static inline const char *kdbg_rl_mode(void) {
    const char *shown = rl_variable_value("show-mode-in-prompt");
    const char *name = rl_editing_mode == 1 ? "emacs-mode-string" : rl_get_keymap() == vi_movement_keymap ? "vi-cmd-mode-string" : "vi-ins-mode-string";
    const char *mode = shown && strcmp(shown, "on") == 0 ? rl_variable_value(name) : NULL;
    return mode ? mode : "";
}

static inline const char *kdbg_rl_line(void) { return rl_line_buffer ? rl_line_buffer : ""; }
static inline int kdbg_rl_point(void) { return rl_point; }

/* The completer's answer is final: file names are no completions. */
static inline void kdbg_rl_completion_is_over(void) { rl_attempted_completion_over = 1; }

/* No blank behind the only match: it is not a whole word. */
static inline void kdbg_rl_completion_goes_on(void) { rl_completion_suppress_append = 1; }

/* What ends a word when a file is named. */
static inline char *kdbg_rl_blanks(void) {
    static char blanks[] = " \t";
    return blanks;
}

/* Forgets the line being typed, and a search or half a key sequence with it. */
static inline void kdbg_rl_clear_line(void) {
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_replace_line("", 1);
    rl_point = rl_end = 0;
    rl_clear_message();
}

/* After output went to the terminal between two keys: shows prompt and line again. */
static inline void kdbg_rl_show_again(void) {
    rl_on_new_line();
    rl_forced_update_display();
}

/* Somebody else has had the terminal: takes it into readline's modes again. */
static inline void kdbg_rl_prepare_again(void) {
    rl_deprep_terminal();
    rl_prep_terminal(1);
    rl_forced_update_display();
}

/* Forgets every history line that is this one. */
static inline void kdbg_rl_forget(const char *line) {
    for (int i = history_length - 1; i >= 0; i--) {
        HIST_ENTRY *entry = history_get(history_base + i);
        if (entry && strcmp(entry->line, line) == 0) free_history_entry(remove_history(i));
    }
}

static inline int kdbg_rl_history_length(void) { return history_length; }
static inline int kdbg_rl_history_base(void) { return history_base; }

static inline const char *kdbg_rl_history_line(int number) {
    HIST_ENTRY *entry = history_get(number);
    return entry ? entry->line : NULL;
}

static inline const char *kdbg_rl_last_history_line(void) {
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    return last ? last->line : NULL;
}
