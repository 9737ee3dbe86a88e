/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a check-up finds. Facts go in, findings come out: nothing here looks at the machine, and each judgement is a
 * function that can be tested with made-up facts.
 */
#ifndef TM_DOCTOR_H
#define TM_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/words.h"

enum tm_result { TM_OK, TM_WARNING, TM_FAULT };

/* One line of the report. */
struct tm_finding {
	enum tm_result result;
	const char *name; /* of the check, a constant */
	char hook[TM_HOOK_NAME]; /* empty: the machine's */
	char text[320]; /* what was found */
	char advice[320]; /* what to do next; empty for nothing */
};

struct tm_findings {
	struct tm_finding *list;
	size_t count, room;
	unsigned faults, warnings;
	bool lost; /* one was left out for want of memory */
};

/* "ok", "warning", "fault" */
const char *tm_result_name(enum tm_result result);

/* Appends one without advice. `hook` may be null; `name` is kept as a pointer. */
void tm_find(struct tm_findings *f, enum tm_result result, const char *name, const char *hook, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Sets the advice of the finding that was added last. */
void tm_advise(struct tm_findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

void tm_findings_free(struct tm_findings *f);

#endif
