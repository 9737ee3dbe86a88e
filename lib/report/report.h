/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is told of a hook, whatever carries its packets: the one model that JSON (report-json.h), metrics (metrics-hooks.h) and with
 * them the text of every verb are made from.
 */
#ifndef TM_REPORT_H
#define TM_REPORT_H

#include "lib/config/config.h"
#include "explain.h"
#include "hook-counters.h"

#define TM_WARNINGS 6
#define TM_WARNING 200 /* bytes, NUL included */

/* Zero-initialised it tells of nothing. */
struct tm_hook_report {
	char name[TM_HOOK_NAME];
	bool known; /* false: there is such a hook, but nothing can be read of it; only name and warnings count then */
	bool alive; /* sees packets */
	enum tm_mode mode;
	char device[TM_DEVICE_NAME]; /* of a wire the one named `in`; empty: an nfqueue that belongs to no device */
	char out[TM_DEVICE_NAME]; /* of a wire; else empty */
	char attachment[12]; /* "tcx", "clsact", "libxdp", …; empty: nothing to tell */
	int queue; /* number, for mode nfqueue */
	unsigned directions; /* 1 << TM_IN | 1 << TM_OUT */
	struct pk_hook limits; /* as they were given */
	uint32_t prefixes;
	bool learns; /* and obeys learned path MTUs */
	uint32_t device_mtu; /* bytes; 0: not known */
	uint16_t mss[PK_FAMILY_COUNT]; /* what holds for all addresses; 0: none. [PK_NO_FAMILY] is not used. */
	enum pk_source source; /* of that for IPv4 */
	struct tm_hook_counters counters;
	char warnings[TM_WARNINGS][TM_WARNING]; /* what looks wrong, a sentence each */
	unsigned warning_count;
};

/* Reports in one growing array; free list with tm_hook_reports_free(). */
struct tm_hook_reports {
	struct tm_hook_report *list;
	size_t count, room;
};

/* A new one at the end, zero-initialised; the pointer holds until the next. NULL without memory. */
struct tm_hook_report *tm_hook_reports_add(struct tm_hook_reports *reports);

/* By name, as they are shown. */
void tm_hook_reports_sort(struct tm_hook_reports *reports);

void tm_hook_reports_free(struct tm_hook_reports *reports);

/*
 * Fills in what the rules of a hook (hook 0 of the image) come to on a device of this MTU (bytes; 0: not known), and warns of what
 * looks wrong about them. Mode, device and alive are there already.
 */
void tm_hook_report_limits(struct tm_hook_report *r, const struct tm_image *image, uint32_t device_mtu);

/* Adds a warning; those beyond TM_WARNINGS are lost, long ones are cut. */
void tm_hook_report_warn(struct tm_hook_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What `explain` tells of one hook. */
struct tm_hook_explanation {
	char name[TM_HOOK_NAME];
	char device[TM_DEVICE_NAME], out[TM_DEVICE_NAME]; /* as in a report */
	bool alive;
	struct tm_explanation limits; /* tm_explain() */
};

struct tm_hook_explanations {
	struct tm_hook_explanation *list;
	size_t count, room;
};

/* As for reports. */
struct tm_hook_explanation *tm_hook_explanations_add(struct tm_hook_explanations *explanations);
void tm_hook_explanations_sort(struct tm_hook_explanations *explanations);
void tm_hook_explanations_free(struct tm_hook_explanations *explanations);

#endif
