/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths and what is known of them as JSON, for pmtu show and explain.
 */
#ifndef TM_PMTU_JSON_H
#define TM_PMTU_JSON_H

#include <jansson.h>

#include "learn.h"

/*
 * {"destination", "device", "mtu", "mss", "df", "state", "origin", "reporter", "age", "raise_in", "ceiling", "hits"}: times in
 * seconds, null for what there is not. `device` is the tag's name, "" for none. `aging`: deadlines run. NULL without memory.
 */
json_t *tm_pmtu_json(const struct tm_pmtu_entry *e, const char *device, bool aging, uint64_t now_ms);

/*
 * {"reporter", "told", "source", "source_port", "port", "sequence", "quoted_length", "resent_length", "df_clear", "window", "why",
 * "why_text", "told_ago", "believed_after_ms"}: the PTB that was believed last, and why.
 */
json_t *tm_evidence_json(const struct tm_evidence *e, uint64_t now_ms);

#endif
