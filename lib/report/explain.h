/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The limits of a hook, one by one, as arithmetic that a person can follow.
 */
#ifndef TM_EXPLAIN_H
#define TM_EXPLAIN_H

#include "lib/rules.h"

#include "lib/clamp.h"

/* What is known of the machine and of an address; 0: not known. MTUs in bytes. */
struct tm_surroundings {
	uint32_t device_mtu;
	uint32_t route_mtu; /* of the route to the address */
	uint32_t learned_mtu; /* of the path to it, learned or set */
};

struct tm_candidate {
	enum pk_source source;
	uint16_t mtu; /* 0: the limit is an MSS itself */
	uint16_t mss;
	struct tm_prefix prefix; /* for PK_FROM_PREFIX_SRC: the longest that holds the address */
};

#define TM_CANDIDATES 6

struct tm_explanation {
	struct tm_candidate candidates[TM_CANDIDATES];
	unsigned count;
	int chosen; /* index of the smallest, -1 where there is none */
};

/*
 * The limits of hook 0 of an image for a SYN from an address (network order, 4 or 16 bytes), or with a null address those that
 * hold for all.
 */
void tm_explain(struct tm_explanation *x, const struct tm_image *image, const struct tm_surroundings *around, bool ipv6,
		const uint8_t *address);

/* "mss", "mtu", "auto", "route", "prefix", "learned", or "none" */
const char *tm_source_name(enum pk_source source);

#endif
