/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Packets toward destinations whose path is smaller than any MSS can make them lose DF, so that routers fragment them (RFC 1191, 3; the
 * table's nodf entries).
 */
#ifndef PK_DF_H
#define PK_DF_H

#include "ip.h"
#include "sum.h"

#define PK_IPV4_DF 0x4000

/* Bytes of one packet as IP counts them: of a train of segments, which the device will cut (gso: payload of each, 0: no train). */
PK_INLINE __u32 pk_ipv4_length(const struct pk_view *v, const struct pk_packet *pk, __u32 gso)
{
	__u8 field[2], offset[1];

	if (gso && pk->protocol == PK_PROTO_TCP && pk_take(v, pk->l4 + 12, offset, 1))
		return pk->l4 - pk->l3 + (offset[0] >> 4) * 4 + gso;
	if (gso)
		return pk->l4 - pk->l3 + 8 + gso;
	if (!pk_take(v, pk->l3 + 2, field, 2))
		return 0;
	return pk_get16(field) ? pk_get16(field) : pk_frame_len(v) - pk->l3;
}

/*
 * Clears DF of an IPv4 packet. An identification of 0, as atomic packets have it (RFC 6864), becomes `id` or 1: fragments are put
 * together by it. False where it was clear, or cannot be written.
 */
PK_INLINE bool pk_clear_df(struct pk_view *v, __u32 l3, __u16 id)
{
	__u16 old_id, old_flags, new_flags, sum;
	__u8 ip[12], edit[4];

	if (!pk_take(v, l3, ip, sizeof(ip)))
		return false;
	old_id = pk_get16(ip + 4);
	old_flags = pk_get16(ip + 6);
	if (!(old_flags & PK_IPV4_DF))
		return false;
	new_flags = old_flags & ~PK_IPV4_DF;
	if (old_id)
		id = old_id;
	else if (!id)
		id = 1;
	sum = ~pk_fold((__u16)~pk_get16(ip + 10) +
		       pk_fold(pk_sum_change(old_id, id, false) + pk_sum_change(old_flags, new_flags, false)));
	pk_put16(edit, id);
	pk_put16(edit + 2, new_flags);
	if (!pk_put(v, l3 + 4, edit, 4))
		return false;
	pk_put16(edit, sum);
	return pk_put(v, l3 + 10, edit, 2);
}

#endif
