/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The usual SYN to a server of which all is known (core/cookie-usual.h), for speed: everything in one function, and one lookup. What it does
 * not know goes the long way (protect-syn.h).
 */
#ifndef TM_BPF_PROTECT_USUAL_H
#define TM_BPF_PROTECT_USUAL_H

#include "limit.h"
#include "core/cookie-usual.h"

/* Writes the answer over a SYN whose IP header is at `ip`, by tc or XDP: see pk_usual_tcp(). */
PK_INLINE bool tm_put_usual(struct pk_view *v, __u8 *ip, __u8 family, __u32 l3, const struct pk_offer *o,
			    const struct pk_grant *g, __u32 cookie, __u32 clock, __u16 addresses);

PK_INLINE struct tm_protect_server *tm_usual_server(const __u8 *ip, __u8 family)
{
	struct tm_protect_server_key key = { .family = family };

	if (family == PK_IPV4) {
		pk_copy(key.addr, ip + 16, 4);
		key.port = pk_get16(ip + PK_IPV4_HEADER + 2);
	} else {
		pk_copy(key.addr, ip + 24, 16);
		key.port = pk_get16(ip + PK_IPV6_HEADER + 2);
	}
	return bpf_map_lookup_elem(&tm_servers, &key);
}

PK_INLINE bool tm_usual_grant(tm_context *ctx, __u32 octets, const struct tm_protect_server *server, __u8 family,
			      __u32 l3, const volatile struct tm_protect_block *b, struct pk_grant *g)
{
	const volatile struct tm_protect_device *device = &tm_state.devices[tm_config.device % TM_PROTECT_DEVICES];
	struct pk_limit limit = {};

	if (device->ask_routes)
		return false;
	pk_limit_mtu(&limit, device->mtu, family, PK_FROM_DEVICE);
	pk_limit_mtu(&limit, server->route_mtu, family, PK_FROM_ROUTE);
	pk_limit_mss(&limit, b->mss[family], PK_FROM_MSS);
	pk_limit_mss(&limit, server->mss, PK_FROM_MSS);
	if (tm_config.learned_lines)
		pk_limit_mtu(&limit, tm_learned_mtu(ctx, octets, l3 + (family == PK_IPV4 ? 16 : 24), family), family,
			     PK_FROM_LEARNED_DST);
	g->mss = limit.mss;
	g->offers = server->offers;
	g->wscale = b->wscale == TM_WSCALE_NONE ? server->wscale : b->wscale;
	return server->mss;
}

/* Enum tm_protect_verdict, or -1: not known here, and nothing was changed. family is a constant. */
PK_INLINE int tm_try_usual(tm_context *ctx, __u32 octets, __u8 family)
{
	const __u32 l3 = pk_plain_l3(tm_config.link);
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	const volatile struct tm_protect_block *b;
	struct tm_protect_server *server;
	__u64 now = bpf_ktime_get_coarse_ns();
	struct pk_offer offer;
	struct pk_grant grant;
	__u16 addresses;
	__s64 cookie;
	__u32 block;
	__u8 *ip;

	if (octets != pk_usual_frame(family, l3))
		return -1;
	ip = (__u8 *)pk_peek(&v, l3, pk_synack_ip_header(family) + PK_USUAL_HEADER);
	if (!ip)
		return -1;
	server = tm_usual_server(ip, family);
	if (!server || server->generation != tm_generation() || now - server->asked >= TM_ASK_NS)
		return -1;
	block = server->block;
	if (block >= TM_PROTECT_BLOCKS)
		return -1;
	b = &tm_state.blocks[block];
	if (b->arm != TM_PROTECT_ARMED || b->accelerator != TM_ACCELERATOR ||
	    !pk_usual_syn(ip, family, &offer, &addresses) || tm_would_tell(TM_LEARNED | server->known, &offer) ||
	    !tm_usual_grant(ctx, octets, server, family, l3, b, &grant) ||
	    pk_synack_header(pk_cookie_agreed(&offer, &grant)) != PK_USUAL_HEADER)
		return -1;
	cookie = family == PK_IPV4 ?
			 bpf_tcp_raw_gen_syncookie_ipv4((void *)ip, (void *)(ip + PK_IPV4_HEADER), PK_USUAL_HEADER) :
			 bpf_tcp_raw_gen_syncookie_ipv6((void *)ip, (void *)(ip + PK_IPV6_HEADER), PK_USUAL_HEADER);
	if (cookie < 0 || !tm_put_usual(&v, ip, family, l3, &offer, &grant, cookie, now / 1000000, addresses))
		return -1;
	tm_count_protect(block, family, PK_PROTECT_ANSWERED);
	return TM_REPLY;
}

__attribute__((noinline)) int tm_answer_usual(tm_context *ctx, __u32 octets, __u32 family)
{
	return family == PK_IPV4 ? tm_try_usual(ctx, octets, PK_IPV4) : tm_try_usual(ctx, octets, PK_IPV6);
}

#endif
