/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning of a file of learned paths: which device each tag was, since ifindexes do not outlive the machine, and the paths that
 * were set by hand. Lines of text with a checksum; what was learned follows (lib/pmtu/state.h). Pure.
 */
#ifndef TM_PATHS_FILE_H
#define TM_PATHS_FILE_H

#include "pmtu.h"
#include "lib/words.h"

/* A way that paths have: through the device of hooks. */
struct tm_tag {
	uint32_t ifindex; /* 0: of hooks without a device */
	uint32_t mtu; /* bytes, 0: not known */
	char device[TM_DEVICE_NAME]; /* "" with ifindex 0 */
};

/* A path with a given MTU. */
struct tm_static {
	uint8_t addr[16];
	bool ipv6;
	bool configured; /* the file of the configuration has it: it is not saved */
	uint16_t mtu;
	char device[TM_DEVICE_NAME]; /* "": whichever */
};

struct tm_paths_head {
	struct tm_tag *tags;
	size_t tag_count;
	struct tm_static *statics;
	size_t static_count;
};

/* As bytes, for free(); NULL without memory. */
char *tm_paths_head_text(const struct tm_paths_head *head, size_t *length);

/*
 * Reads it. The lists are for tm_paths_head_free(). *length: its bytes, what was learned begins behind them. 0; -EINVAL with *e: it is
 * no such file, or broken; -ENOMEM.
 */
int tm_paths_head_read(struct tm_paths_head *head, const uint8_t *bytes, size_t *length, struct tm_error *e);

void tm_paths_head_free(struct tm_paths_head *head);

#endif
