/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What manager and learner share: what the learner has to do, and the numbers it tells of itself.
 */
#ifndef DAEMON_LEARNING_H
#define DAEMON_LEARNING_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/report/metrics-paths.h"
#include "lib/pmtu/paths-file.h"

/*
 * An order: this head, then its tags and statics (those of the configuration), in a memory file. It says all that is to be, not what
 * is new.
 */
struct learn_order {
	uint32_t enabled; /* 0: learn nothing, keep what there is as it is */
	uint32_t aging; /* seconds; 0: none */
	uint32_t old_router, raise, symmetric; /* as in struct tm_config_discovery */
	uint32_t lease; /* seconds that the datapath believes the table after the learner's last word */
	uint32_t table_count;
	uint16_t table[TM_TABLE_MAX];
	uint32_t tag_count, static_count;
};

#define LEARN_TAGS_MAX 4096
#define LEARN_ORDER_MAX (256u << 20) /* bytes */

/* A page or so in both processes. */
struct learn_shared {
	uint32_t watched; /* written by the manager: somebody wants events */
	struct tm_path_numbers numbers; /* written by the learner */
};

#endif
