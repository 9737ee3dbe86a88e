/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which events a watcher wants: all that is given must match. Plain data of a fixed size.
 */
#ifndef TM_EVENT_FILTER_H
#define TM_EVENT_FILTER_H

#include "lib/error.h"
#include "event.h"

/* Zero-initialised it wants everything. */
struct tm_event_filter {
	char hook[TM_HOOK_NAME]; /* "": any */
	uint8_t family; /* enum pk_family of `host`; PK_NO_FAMILY: any host */
	uint8_t bits; /* of `host` that count */
	uint8_t host[16]; /* network order; either end of the connection */
	uint16_t port; /* of either end, 0: any; together with a host, of that end */
	uint32_t reasons; /* 1 << reason, 0: any */
};

/*
 * Each takes a word of the command line or of a request: "198.51.100.7" or "2001:db8::/32"; "443"; "wan"; "clamped". Reasons add up, of
 * the others the last counts. 0, or -EINVAL with *e filled.
 */
int tm_event_filter_host(struct tm_event_filter *f, const char *text, struct tm_error *e);
int tm_event_filter_port(struct tm_event_filter *f, const char *text, struct tm_error *e);
int tm_event_filter_hook(struct tm_event_filter *f, const char *text, struct tm_error *e);
int tm_event_filter_reason(struct tm_event_filter *f, const char *text, struct tm_error *e);

/*
 * Whether the event is wanted. Those of paths are where the host is the path's or who reported it, unless ports or reasons of SYNs were
 * asked for. Notices are as far as they are about a wanted hook, unless hosts, ports or reasons were asked for:
 * then only errors and what was left out are.
 */
bool tm_event_wanted(const struct tm_event_filter *f, const struct tm_event *e);

/* The word for the kernel: which reasons must be told so that nothing wanted is missed. */
uint32_t tm_event_filter_reasons(const struct tm_event_filter *f);

#endif
