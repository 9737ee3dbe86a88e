/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits and static prefixes, as a person gives them, and the image the packet core reads (core/rules.h).
 */
#ifndef TM_RULES_H
#define TM_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/rules.h"

#define TM_MTU_MIN 72 /* MSS 32 */
#define TM_MTU_MIN_IPV6 1280 /* of a path that IPv6 can use */
#define TM_MTU_MAX 65535
#define TM_MSS_MIN 32
#define TM_MSS_MAX 65495

struct tm_prefix {
	uint8_t addr[16]; /* network order; IPv4 in the first four bytes; zero behind `len` bits */
	uint8_t len; /* bits */
	bool ipv6;
	uint16_t mtu; /* bytes, of the whole IP packet; 0 (routes only): none */
};

/* Everything one image is made of. Zero-initialised it is empty. */
struct tm_ruleset {
	struct pk_hook hooks[PK_HOOKS];
	struct tm_prefix *prefixes;
	size_t count, room;
	struct tm_ruleset *routes; /* NULL, or routes as prefixes: of these an MTU of 0 stops the search. Not owned. */
};

/* Sets the limits of hook 0, and of hook 1: of a wire what comes in on the other device. */
static inline void tm_ruleset_limit(struct tm_ruleset *set, const struct pk_hook *limits)
{
	set->hooks[0] = set->hooks[1] = *limits;
}

/* The compiled form; `words` is owned by the image. */
struct tm_image {
	uint32_t *words;
	uint32_t count; /* 32-bit words */
};

/* By family, address and length: as memcmp(). */
int tm_prefix_order(const struct tm_prefix *a, const struct tm_prefix *b);

/* Whether a holds all of b: of the same family, no longer, and with the same bits. */
bool tm_prefix_covers(const struct tm_prefix *a, const struct tm_prefix *b);

/* Appends a copy of *p; bits behind p->len are cleared. -ENOMEM. */
int tm_ruleset_add(struct tm_ruleset *set, const struct tm_prefix *p);

/*
 * Of routes, keeps those that matter to tm_ruleset.routes: with an MTU, or below one that has. The rest would only cost memory (a full
 * table has a million of them).
 */
void tm_routes_reduce(struct tm_ruleset *routes);

void tm_ruleset_free(struct tm_ruleset *set);

/*
 * Compiles a set; of equal prefixes the smallest MTU stays. 0, -ENOMEM, or -E2BIG where the trie would
 * pass 128 MiB. The caller frees the image with tm_image_free().
 */
int tm_image_build(struct tm_image *image, const struct tm_ruleset *set);

void tm_image_free(struct tm_image *image);

static inline const struct pk_rules_head *tm_image_head(const struct tm_image *image)
{
	return (const struct pk_rules_head *)image->words;
}

#endif
