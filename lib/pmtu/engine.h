/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine's own parts, for lib/pmtu only.
 */
#ifndef TM_PMTU_ENGINE_H
#define TM_PMTU_ENGINE_H

#include "store.h"

struct tm_pmtu {
	struct tm_pmtu_store store;
	struct tm_pmtu_options options; /* its table is the one below */
	uint16_t table[TM_PMTU_TABLE_MAX];
	tm_pmtu_changed *changed;
	void *ctx;
	uint64_t now; /* the latest that was told, as slots have times: it does not go back, or queues lost their order */
	uint64_t disabled_at; /* 0: enabled */
	struct tm_pmtu_counts counts; /* its first two lines */
};

/* The latest of what was told and now_ms, as slots have times. */
uint64_t tm_pmtu_time(struct tm_pmtu *p, uint64_t now_ms);

/* When a slot is due, as slots have times; 0: never. */
uint64_t tm_pmtu_due(const struct tm_pmtu *p, const struct tm_pmtu_slot *slot);

void tm_pmtu_entry_of(const struct tm_pmtu *p, const struct tm_pmtu_slot *slot, struct tm_pmtu_entry *entry);

/* Takes an entry away, and tells it. */
void tm_pmtu_remove(struct tm_pmtu *p, uint32_t number, enum tm_pmtu_change change);

/* Tells an entry that is there. */
void tm_pmtu_tell(struct tm_pmtu *p, const struct tm_pmtu_slot *slot, enum tm_pmtu_change change);

/* As tm_pmtu_store_add(); where that has no room, the entry nearest to its end goes. */
uint32_t tm_pmtu_make(struct tm_pmtu *p, const struct tm_path *path, enum tm_pmtu_state state);

/* The values of the table next to x; 0: none. */
uint16_t tm_pmtu_below(const struct tm_pmtu *p, uint16_t x);
uint16_t tm_pmtu_above(const struct tm_pmtu *p, uint16_t x);

#endif
