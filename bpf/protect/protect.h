/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the client side of protect does with a frame, on tc and XDP alike (design/protect.md): SYNs of an armed block are answered with
 * a cookie (protect-syn.h); of all else that goes to a protected service only what belongs to a connection, or brings a valid cookie, passes
 * (protect-rest.h). While nothing is armed, a sample of all flows is watched (protect-sample.h).
 */
#ifndef TM_BPF_PROTECT_H
#define TM_BPF_PROTECT_H

#include "maps.h"
#include "core/glance.h"
#include "core/key.h"

/* What becomes of a frame. */
enum tm_protect_verdict { TM_PASS, TM_DROP, TM_REPLY };

/* The block of a packet's service. A SYN under source routing is for whoever comes next, not for the service. */
PK_INLINE __u32 tm_block_of(const struct pk_view *v, const struct pk_packet *pk)
{
	__u32 dst = pk->l3 + (pk->family == PK_IPV4 ? 16 : 24);
	struct pk_key server;
	__u8 port[2];

	if (unlikely(pk->pseudo_dst != dst) || !pk_load_key(v, dst, pk->family, &server) || !pk_take(v, pk->l4 + 2, port, 2))
		return PK_NO_BLOCK;
	return tm_find_service(&server, pk->family, pk_get16(port));
}

/* An IP header with nothing but the addresses: all that the kernel's cookie takes of it. */
PK_INLINE bool tm_addresses(const struct pk_view *v, const struct pk_packet *pk, __u8 ip[PK_IPV6_HEADER])
{
	if (pk->family == PK_IPV4)
		return pk_take(v, pk->l3 + 12, ip + 12, 4) && pk_take(v, pk->l3 + 16, ip + 16, 4);
	return pk_take(v, pk->l3 + 8, ip + 8, 32);
}

#include "sample.h"
#include "vouch.h"
#include "syn.h"
#include "rest.h"
#include "usual.h"

/*
 * A frame that pk_glance() does not know: PK_GO_ON for TCP, its flags in the upper half. A first fragment that cuts them off may be that of a
 * SYN, and nobody else sends such.
 */
__attribute__((noinline)) int tm_parse_closely(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	enum pk_reason reason;
	__u8 flags;

	if (!pk)
		return PK_TRUNCATED;
	reason = pk_parse_link(&v, pk, tm_config.link);
	if (reason == PK_GO_ON)
		reason = pk_parse_ip(&v, pk);
	if (reason != PK_GO_ON)
		return reason;
	if (pk_load(&v, pk->l4 + PK_TCP_FLAGS, &flags, 1))
		return flags << 16;
	return pk->more_fragments ? PK_TCP_SYN << 16 : PK_TRUNCATED;
}

PK_INLINE bool tm_is_syn(__u8 flags)
{
	return (flags & (PK_TCP_SYN | PK_TCP_ACK | PK_TCP_RST | PK_TCP_FIN)) == PK_TCP_SYN;
}

PK_INLINE int tm_protect(tm_context *ctx)
{
	__u32 octets = tm_octets(ctx);
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct pk_glance g = pk_glance(&v, tm_config.link);
	struct pk_packet pk;
	int parsed;

	if (likely(g.family)) {
		pk = pk_plain(g.family, tm_config.link);
	} else {
		pk = (struct pk_packet){};
		parsed = tm_parse_closely(ctx, octets, &pk);
		if (parsed & 0xffff)
			return TM_PASS;
		g.flags = parsed >> 16;
	}
	if (tm_is_syn(g.flags)) {
		if (unlikely(!tm_is_ours(ctx)))
			return TM_PASS;
		parsed = g.family && tm_state.guarding ? tm_answer_usual(ctx, octets, g.family) : -1;
		return parsed < 0 ? tm_take_syn(ctx, octets, &pk) : parsed;
	}
	if (TM_SAMPLES)
		tm_complete(ctx, octets, &pk);
	return unlikely(tm_state.guarding) ? tm_take_rest(ctx, octets, &pk, g.flags) : TM_PASS;
}

#endif
