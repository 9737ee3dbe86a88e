/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words and lines of what iptables-save(8) and `nft list ruleset` print. What is in quotes is one word.
 */
#ifndef TM_FIREWALL_WORDS_H
#define TM_FIREWALL_WORDS_H

#include <stdbool.h>

#define TM_WORD 64 /* bytes with the NUL; the rest of a longer one is left out */

/* The next word of a line, which ends at a newline or NUL; false at its end. */
bool tm_next_word(const char **line, char word[TM_WORD]);

/* Where the next line begins, NULL behind the last one. */
const char *tm_next_line(const char *line);

#endif
