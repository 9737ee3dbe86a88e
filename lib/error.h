/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One clear sentence for a person: what is wrong, where, what would be right. The library fills it, the callers print it.
 */
#ifndef TM_ERROR_H
#define TM_ERROR_H

struct tm_error {
	char text[320];
};

/* Writes the sentence and returns -EINVAL, so that a check can end with `return tm_error(e, …)`. */
int tm_error(struct tm_error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for a system error: returns `code` (−errno). */
int tm_error_code(struct tm_error *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
