/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Repairs the timestamp echo (TSecr, RFC 7323, 3.2) of a segment.
 */
#ifndef PK_ECHO_H
#define PK_ECHO_H

#include "checksum.h"
#include "offer.h"

/* The echo in a header that has timestamps. */
PK_INLINE __u32 pk_echo(const struct pk_tcp *tcp, const struct pk_offer *o)
{
	return pk_tcp_get32(tcp, o->timestamps + 4);
}

/* Writes another echo. False where the frame cannot be written. */
PK_INLINE bool pk_store_echo(struct pk_view *v, const struct pk_packet *pk, const struct pk_tcp *tcp,
			     const struct pk_offer *o, __u32 echo)
{
	struct pk_checksum_edit sum = { .field = pk_get16(tcp->bytes + PK_TCP_CHECKSUM) };
	__u32 at = o->timestamps + 4, old = pk_echo(tcp, o);
	__u8 value[4];

	sum.state = pk_checksum_state(v, pk, sum.field);
	sum.data = pk_sum_change(old >> 16, echo >> 16, at & 1) + pk_sum_change(old, echo, at & 1);
	pk_put16(value, echo >> 16);
	pk_put16(value + 2, echo);
	return pk_put(v, pk->l4 + at, value, 4) && pk_store_checksum(v, pk->l4 + PK_TCP_CHECKSUM, &sum);
}

#endif
