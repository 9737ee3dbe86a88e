/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The packet core over frames in memory.
 */
#ifndef TM_CLAMP_H
#define TM_CLAMP_H

#include <stdint.h>

#include "lib/rules.h"
#include "lib/view.h"

#include "core/clamp.h"

/* The image as the core wants it. Valid as long as the image. */
static inline struct pk_rules tm_image_rules(const struct tm_image *image)
{
	return (struct pk_rules){ .image = image->words, .words = image->count };
}

/* One clamp: an image and which of its hooks. The image stays the caller's. */
struct tm_rules {
	struct pk_rules image;
	unsigned hook; /* below PK_HOOKS */
	uint32_t device_mtu; /* bytes, for PK_HOOK_AUTO; 0: not known */
	struct pk_learned_table learned; /* learned paths (lib/pmtu/learned.h); no head: none */
	uint32_t tag; /* whose of them count */
	uint64_t now; /* CLOCK_MONOTONIC in ns, to within a second; only for them */
};

/*
 * Clamps one frame in place (clamp.md). *len: bytes in buf; room: size of buf in bytes, at least *len; with four more
 * an option can be inserted, and *len grows. `family` of the result is PK_NO_FAMILY where the frame is not IP. Never fails: what
 * cannot be parsed is left as it is and named in the result.
 */
struct pk_result tm_clamp_frame(const struct tm_rules *rules, enum pk_link link, uint8_t *buf, uint32_t *len, uint32_t room);

#endif
