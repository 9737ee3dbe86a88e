/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is told to a client in its server's name: the MSS that both directions of the path can take, and what the server was seen to do.
 */
#ifndef TM_BPF_PROTECT_LIMIT_H
#define TM_BPF_PROTECT_LIMIT_H

#include "maps.h"
#include "bpf/fib.h"
#include "core/cookie.h"
#include "core/learned-path.h"
#include "core/mss.h"

#define TM_ASK_NS 1000000000ull /* how often the route to a server is looked up */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, PK_LEARNED_SIZE(1));
} tm_learned SEC(".maps");

PK_INLINE __u64 pk_monotonic(const struct pk_view *v)
{
	return bpf_ktime_get_coarse_ns();
}

/* The path MTU to the server, whose address is at off, that is known by discovery, 0 for none. */
__attribute__((noinline)) int tm_learned_mtu(tm_context *ctx, __u32 octets, __u32 off, __u32 family)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct pk_learned_table t;
	__u32 zero = 0;

	t.head = bpf_map_lookup_elem(&tm_learned, &zero);
	t.lines = tm_config.learned_lines;
	return t.head ? pk_learned_at(&v, &t, off, family, tm_config.tag) & 0xffff : 0;
}

/* MTU of the route to an address, which lies in the frame at `off`; 0 where the kernel tells it itself, or there is none. */
__attribute__((noinline)) int tm_route_given(tm_context *ctx, __u32 octets, __u32 off, __u32 family)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct pk_rules rules;
	struct pk_key key;

	if (!tm_services_now(&rules) || !pk_load_key(&v, off, family, &key))
		return 0;
	return pk_service_route(&rules, family, (struct pk_key){ key.high, key.low });
}

/* MTU of the route to the server, or of that to the client; 0 for none. */
__attribute__((noinline)) int tm_ask_route(tm_context *ctx, __u32 octets, const struct pk_packet *pk, __u32 to_client)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct bpf_fib_lookup p = {};
	__u32 mtu = 0, given, at;

	if (!pk || !tm_fib_key(&v, pk, &p))
		return 0;
	if (to_client) {
		tm_fib_turn(&p);
		mtu = tm_fib_mtu(ctx, &p, tm_ifindex(ctx), BPF_FIB_LOOKUP_OUTPUT);
	}
	if (!mtu)
		mtu = tm_fib_mtu(ctx, &p, tm_ifindex(ctx), 0);
	at = pk->l3 + (pk->family == PK_IPV4 ? (to_client ? 12 : 16) : (to_client ? 8 : 24));
	given = tm_route_given(ctx, octets, at, pk->family);
	return !mtu || (given && given < mtu) ? given : mtu;
}

PK_INLINE struct tm_protect_server *tm_server_of(const struct pk_view *v, const struct pk_packet *pk)
{
	struct tm_protect_server_key key = { .family = pk->family };
	__u8 port[2];

	if (pk->family == PK_IPV4 ? !pk_take(v, pk->l3 + 16, key.addr, 4) : !pk_take(v, pk->l3 + 24, key.addr, 16))
		return NULL;
	if (!pk_take(v, pk->l4 + 2, port, 2))
		return NULL;
	key.port = pk_get16(port);
	return bpf_map_lookup_elem(&tm_servers, &key);
}

/* The route is looked up once a second, and told to all who ask for that server in the meantime. */
PK_INLINE __u32 tm_route_of(const struct pk_view *v, const struct pk_packet *pk, struct tm_protect_server *server)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 mtu;

	if (likely(server) && now - server->asked < TM_ASK_NS)
		return server->route_mtu;
	mtu = tm_ask_route(v->ctx, v->len, pk, 0);
	if (server) {
		server->route_mtu = mtu;
		server->asked = now;
	}
	return mtu;
}

#define TM_LEARNED 0x100

/* A block, and the generation of services that it was found in. */
#define TM_SERVICE(block, generation) ((__u64)(generation) << 32 | (block))
#define TM_SERVICE_BLOCK(service) ((__u32)(service))
#define TM_SERVICE_GENERATION(service) ((__u32)((service) >> 32))

/* The generation of services: read before they are looked at. */
PK_INLINE __u32 tm_generation(void)
{
	const struct tm_services_map *map;
	__u32 zero = 0;

	map = bpf_map_lookup_elem(&tm_services, &zero);
	return map ? *(const volatile __u32 *)&map->generation : 0;
}

/*
 * TM_LEARNED and tm_protect_server.known; or 0 where nothing is known of the server: then it is granted nothing but an MSS.
 */
__attribute__((noinline)) int tm_find_grant(tm_context *ctx, __u32 octets, const struct pk_packet *pk, __u64 service,
					    struct pk_grant *g)
{
	__u32 block = TM_SERVICE_BLOCK(service);
	const volatile struct tm_protect_device *device = &tm_state.devices[tm_config.device % TM_PROTECT_DEVICES];
	const volatile struct tm_protect_block *b = &tm_state.blocks[block % TM_PROTECT_BLOCKS];
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct tm_protect_server *server;
	struct pk_limit limit = {};
	__u32 mtu = device->mtu;

	if (!pk || !g)
		return 0;
	server = tm_server_of(&v, pk);
	if (mtu > pk->overhead)
		pk_limit_mtu(&limit, mtu - pk->overhead, pk->family, PK_FROM_DEVICE);
	pk_limit_mtu(&limit, tm_route_of(&v, pk, server), pk->family, PK_FROM_ROUTE);
	if (device->ask_routes)
		pk_limit_mtu(&limit, tm_ask_route(ctx, octets, pk, 1), pk->family, PK_FROM_ROUTE);
	if (tm_config.learned_lines)
		pk_limit_mtu(&limit,
			     tm_learned_mtu(ctx, octets, pk->l3 + (pk->family == PK_IPV4 ? 16 : 24), pk->family),
			     pk->family, PK_FROM_LEARNED_DST);
	pk_limit_mss(&limit, b->mss[pk->family == PK_IPV4 ? PK_IPV4 : PK_IPV6], PK_FROM_MSS);
	g->wscale = b->wscale;
	if (server) {
		server->block = block;
		server->generation = TM_SERVICE_GENERATION(service);
		pk_limit_mss(&limit, server->mss ? server->mss : pk_cookie_mss_min(pk->family), PK_FROM_MSS);
		g->offers = server->offers & (TM_SERVER_SACK | TM_SERVER_TIMESTAMPS | TM_SERVER_ECN);
		if (g->wscale == TM_WSCALE_NONE)
			g->wscale = server->wscale;
	}
	g->mss = limit.mss ? limit.mss : pk_cookie_mss_min(pk->family);
	return server ? TM_LEARNED | server->known : 0;
}

#endif
