/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that is told of a protect block: the one model that JSON (protect-json.h), metrics (metrics-protect.h) and with them the text of
 * every verb are made from.
 */
#ifndef TM_PROTECT_REPORT_H
#define TM_PROTECT_REPORT_H

#include "control.h"
#include "lib/report/report.h"

/* A server whose answers were seen. */
struct tm_protect_server_report {
	uint8_t family; /* enum pk_family */
	uint8_t address[16]; /* network order, IPv4 in the first four bytes */
	uint16_t port;
	uint16_t mss; /* bytes, that is announced to clients; 0: not known yet */
	uint16_t own_mss; /* that it announces itself; 0: without the option */
	uint16_t route_mtu; /* bytes, toward it; 0: not known */
	uint8_t wscale; /* that is announced; TM_WSCALE_NONE: none */
	uint8_t offers; /* enum tm_server_offers */
	uint64_t seen; /* ms since it answered last */
};

enum tm_protect_side { TM_CLIENT_SIDE, TM_SERVER_SIDE };

/* A device where a program of the block is, or should be. */
struct tm_protect_device_report {
	char name[TM_DEVICE_NAME];
	enum tm_protect_side side;
	char attachment[12]; /* "tcx", "clsact", "xdp", …; empty: not attached */
	uint32_t mtu; /* bytes; 0: not known */
};

/* Zero-initialised but for the configuration it tells of an idle block. Owns `servers` and `devices`: tm_protect_reports_free(). */
struct tm_protect_report {
	const struct tm_config_protect *config; /* not owned */
	enum tm_protection state;
	uint64_t since; /* ms since the state began */
	uint64_t armed; /* how often it was, since the daemon began */
	uint64_t half_open; /* struct tm_protect_control */
	struct tm_protect_rates rates;
	struct tm_protect_counters counters; /* over all CPUs */
	struct tm_protect_server_report *servers;
	size_t server_count;
	size_t servers_known; /* server_count and those that are not listed */
	struct tm_protect_device_report *devices;
	size_t device_count;
	char warnings[TM_WARNINGS][TM_WARNING]; /* what looks wrong, a sentence each */
	unsigned warning_count;
};

/* Reports in one growing array, as tm_hook_reports. */
struct tm_protect_reports {
	struct tm_protect_report *list;
	size_t count, room;
};

/* A new one at the end, zero-initialised but for the configuration; the pointer holds until the next. NULL without memory. */
struct tm_protect_report *tm_protect_reports_add(struct tm_protect_reports *reports,
						 const struct tm_config_protect *config);

/* By name, servers by address and port, devices by side and name. */
void tm_protect_reports_sort(struct tm_protect_reports *reports);

void tm_protect_reports_free(struct tm_protect_reports *reports);

/* Fills in what the controller knows. */
void tm_protect_report_control(struct tm_protect_report *r, const struct tm_protect_control *c);

/* Adds a warning; those beyond TM_WARNINGS are lost, long ones are cut. */
void tm_protect_report_warn(struct tm_protect_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* How the counters spell it: "passed-idle", "answered", …; "?" for another number. */
const char *tm_protect_reason_name(enum pk_protect_reason reason);

#endif
