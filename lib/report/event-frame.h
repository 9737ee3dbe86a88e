/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event of a SYN that user space clamped, the same as the BPF programs tell (bpf/tell.h).
 */
#ifndef TM_EVENT_FRAME_H
#define TM_EVENT_FRAME_H

#include "event.h"

#define TM_EVENT_HEAD 512 /* bytes of a frame that are enough */

/*
 * Fills *s for a frame that tm_clamp_frame() has been through: `before`, its first bytes as it came (`len` of them, TM_EVENT_HEAD or all);
 * `result`, what came of it. The limit and its source are those of `rules`. False where it was no SYN, and there is no event.
 */
bool tm_event_frame(struct tm_event_syn *s, const struct tm_rules *rules, const struct tm_image *image, enum pk_link link,
		    const uint8_t *before, uint32_t len, const struct pk_result *result, enum tm_direction direction);

#endif
