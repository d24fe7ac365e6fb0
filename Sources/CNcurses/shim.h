/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#define _XOPEN_SOURCE_EXTENDED 1
#include <locale.h>
#include <curses.h>
