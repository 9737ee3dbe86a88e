/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image of services (core/service.h) as ranges of addresses, for those who know no longest prefix: none reaches into another.
 */
#ifndef TM_SERVICE_RANGES_H
#define TM_SERVICE_RANGES_H

#include "core/service.h"
#include "lib/rules.h"

struct tm_service_range {
	uint8_t first[16], last[16]; /* network order; IPv4 in the first four bytes */
	uint32_t set; /* of the image */
};

/*
 * The ranges of one family, ascending, for free() in *ranges. `prefixes` are all that the image was made of, in any order and of both
 * families. 0 or -ENOMEM.
 */
int tm_service_ranges(struct tm_service_range **ranges, size_t *count, const struct tm_image *services, bool ipv6,
		      const struct tm_prefix *prefixes, size_t prefix_count);

#endif
