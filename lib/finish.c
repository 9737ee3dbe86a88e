/* SPDX-License-Identifier: BSD-2-Clause */
#include "finish.h"

#include "core/clamp.h"

bool tm_finish_checksum(enum pk_link link, uint8_t *buf, uint32_t len)
{
	struct pk_view v = { .frame = buf, .len = len, .room = len };
	struct pk_packet pk = { 0 };
	enum pk_reason reason = pk_parse_frame(&v, link, &pk);
	struct pk_sum_walk w = { .v = &v };
	uint8_t field[2];
	uint16_t pseudo;

	if ((reason != PK_GO_ON && reason != PK_NOT_SYN) || pk_measure_segment(&v, &pk) != PK_GO_ON)
		return false;
	if (pk.more_fragments || pk.segment < PK_TCP_HEADER || !pk_pseudo_sum(&v, &pk, &pseudo) ||
	    !pk_load(&v, pk.l4 + PK_TCP_CHECKSUM, field, 2))
		return false;
	w.off = pk.l4;
	w.end = pk.l4 + pk.segment;
	w.sum = (uint32_t)pseudo + (uint16_t)~pk_get16(field); /* the field itself counts as zero */
	while (!pk_sum_step(0, &w))
		;
	if (w.failed)
		return false;
	pk_put16(field, ~pk_fold(w.sum));
	return pk_store(&v, pk.l4 + PK_TCP_CHECKSUM, field, 2);
}
