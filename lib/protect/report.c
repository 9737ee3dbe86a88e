/* SPDX-License-Identifier: BSD-2-Clause */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tm_protect_report *tm_protect_reports_add(struct tm_protect_reports *reports,
						 const struct tm_config_protect *config)
{
	if (reports->count == reports->room) {
		size_t room = reports->room ? reports->room * 2 : 8;
		struct tm_protect_report *list = reallocarray(reports->list, room, sizeof(*list));

		if (!list)
			return NULL;
		reports->list = list;
		reports->room = room;
	}
	reports->list[reports->count] = (struct tm_protect_report){ .config = config };
	return &reports->list[reports->count++];
}

static int compare_reports(const void *va, const void *vb)
{
	const struct tm_protect_report *a = va, *b = vb;

	return strcmp(a->config->name, b->config->name);
}

static int compare_servers(const void *va, const void *vb)
{
	const struct tm_protect_server_report *a = va, *b = vb;
	int order = a->family - b->family;

	if (!order)
		order = memcmp(a->address, b->address, sizeof(a->address));
	return order ? order : a->port - b->port;
}

static int compare_devices(const void *va, const void *vb)
{
	const struct tm_protect_device_report *a = va, *b = vb;
	int order = (int)a->side - (int)b->side;

	return order ? order : strcmp(a->name, b->name);
}

void tm_protect_reports_sort(struct tm_protect_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		struct tm_protect_report *r = &reports->list[i];

		if (r->server_count)
			qsort(r->servers, r->server_count, sizeof(*r->servers), compare_servers);
		if (r->device_count)
			qsort(r->devices, r->device_count, sizeof(*r->devices), compare_devices);
	}
	if (reports->count)
		qsort(reports->list, reports->count, sizeof(*reports->list), compare_reports);
}

void tm_protect_reports_free(struct tm_protect_reports *reports)
{
	for (size_t i = 0; i < reports->count; i++) {
		free(reports->list[i].servers);
		free(reports->list[i].devices);
	}
	free(reports->list);
	*reports = (struct tm_protect_reports){ 0 };
}

void tm_protect_report_control(struct tm_protect_report *r, const struct tm_protect_control *c)
{
	r->state = c->state;
	r->since = c->now - c->since;
	r->armed = c->armed;
	r->half_open = c->half_open;
	r->rates = tm_protect_control_rates(c);
}

void tm_protect_report_warn(struct tm_protect_report *r, const char *format, ...)
{
	va_list ap;

	if (r->warning_count == TM_WARNINGS)
		return;
	va_start(ap, format);
	vsnprintf(r->warnings[r->warning_count++], TM_WARNING, format, ap);
	va_end(ap);
}

const char *tm_protect_reason_name(enum pk_protect_reason reason)
{
	static const char *const names[PK_PROTECT_REASON_COUNT] = { [PK_PROTECT_NONE] = "?",
#define PK_X(constant, name, text) [PK_PROTECT_##constant] = name,
								    PK_PROTECT_REASONS(PK_X)
#undef PK_X
	};

	return reason < PK_PROTECT_REASON_COUNT ? names[reason] : "?";
}
