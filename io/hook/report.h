/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is told (lib/report/report.h) of the hooks that are pinned.
 */
#ifndef IO_HOOK_REPORT_H
#define IO_HOOK_REPORT_H

#include "hook.h"
#include "lib/report/report.h"

/* Of an open hook. 0 or −errno with *e filled. */
int io_hook_report(struct tm_hook_report *report, const struct io_hook *hook, struct tm_error *e);

/* Appends one for every hook of this network namespace, by name. 0 or −errno with *e filled; what was appended stays. */
int io_hook_reports(struct tm_hook_reports *reports, struct tm_error *e);

/*
 * Appends which limit a SYN from an address (network order: 4 bytes, or 16 with ipv6) gets on each hook of this network namespace. 0 or
 * −errno with *e filled.
 */
int io_hook_explanations(struct tm_hook_explanations *explanations, bool ipv6, const uint8_t *address,
			 struct tm_error *e);

#endif
