/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is wrong with a configuration, in the order of the file.
 */
#ifndef TM_CONFIG_ERRORS_H
#define TM_CONFIG_ERRORS_H

#include <stdbool.h>
#include <stddef.h>

struct tm_config_error {
	char *file;
	unsigned line; /* 0: the file as a whole */
	char *word; /* NULL: no word in particular */
	char *message; /* what is wrong; what would be right */
	size_t number; /* in which order they were found */
};

/* Owns all that it points to. Zero-initialised it is empty. */
struct tm_config_errors {
	struct tm_config_error *list;
	size_t count, room;
	bool memory; /* there was not enough for all of them */
};

/* Adds one. Word and message are cut to a sensible length, and bytes that are not printable ASCII become '?'. */
void tm_config_error(struct tm_config_errors *errors, const char *file, unsigned line, const char *word,
		     const char *format, ...) __attribute__((format(printf, 5, 6)));

/* By file and line. */
void tm_config_errors_sort(struct tm_config_errors *errors);

/* "FILE:LINE: 'WORD': message", as snprintf() would. */
int tm_config_error_text(char *text, size_t size, const struct tm_config_error *error);

void tm_config_errors_free(struct tm_config_errors *errors);

#endif
