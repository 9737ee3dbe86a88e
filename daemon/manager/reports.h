/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the daemon tells of its hooks: those that are pinned, and those that only it knows of.
 */
#ifndef DAEMON_REPORTS_H
#define DAEMON_REPORTS_H

#include "hooks.h"
#include "io/hook/hook.h"
#include "lib/report/report.h"

/* All hooks of the configuration, and whatever else is pinned. 0 or −errno with *e filled; what was appended is the caller's to free. */
int reports_fill(const struct hooks *h, struct tm_hook_reports *reports, struct tm_error *e);

/* The same for `explain` (io_hook_explanations()). */
int reports_explain(const struct hooks *h, struct tm_hook_explanations *list, bool ipv6, const uint8_t *address,
		    struct tm_error *e);

/* As io_hook_stats(). */
int reports_stats(const struct hooks *h, const char *name, enum io_stats what, struct tm_hook_counters *counters,
		  struct tm_error *e);

#endif
