/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events and filters as JSON.
 */
#ifndef TM_EVENT_JSON_H
#define TM_EVENT_JSON_H

#include <jansson.h>

#include "event-filter.h"

/*
 * {"schema_version", "time": "2026-11-21T05:12:01.123456Z", "event", …}; tcpmss(8) tells the fields of each event. NULL without memory;
 * the caller has the reference.
 */
json_t *tm_event_json(const struct tm_event *e);

/*
 * Filter and JSON object: "host", "port", "hook", "reasons", each left out where it is not asked for. Reading takes these from an
 * object that may hold other keys as well: 0, or -EINVAL with *e filled.
 */
json_t *tm_event_filter_json(const struct tm_event_filter *f);
int tm_event_filter_read(struct tm_event_filter *f, const json_t *object, struct tm_error *e);

#endif
