/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *tm_result_name(enum tm_result result)
{
	switch (result) {
	case TM_OK:
		return "ok";
	case TM_WARNING:
		return "warning";
	case TM_FAULT:
		return "fault";
	}
	return "?";
}

static bool make_room(struct tm_findings *f)
{
	size_t room = f->room ? f->room * 2 : 32;
	struct tm_finding *list;

	if (f->count < f->room)
		return true;
	list = realloc(f->list, room * sizeof(*list));
	if (!list)
		return false;
	f->list = list;
	f->room = room;
	return true;
}

void tm_find(struct tm_findings *f, enum tm_result result, const char *name, const char *hook, const char *format, ...)
{
	struct tm_finding *found;
	va_list ap;

	f->faults += result == TM_FAULT;
	f->warnings += result == TM_WARNING;
	if (!make_room(f)) {
		f->lost = true;
		return;
	}
	found = &f->list[f->count++];
	*found = (struct tm_finding){ .result = result, .name = name };
	if (hook)
		snprintf(found->hook, sizeof(found->hook), "%s", hook);
	va_start(ap, format);
	vsnprintf(found->text, sizeof(found->text), format, ap);
	va_end(ap);
}

void tm_advise(struct tm_findings *f, const char *format, ...)
{
	va_list ap;

	if (!f->count || f->lost)
		return;
	va_start(ap, format);
	vsnprintf(f->list[f->count - 1].advice, sizeof(f->list->advice), format, ap);
	va_end(ap);
}

void tm_findings_free(struct tm_findings *f)
{
	free(f->list);
	*f = (struct tm_findings){ 0 };
}
