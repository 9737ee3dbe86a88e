// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The server side of protect, on tc: what servers answer, and what goes to them.
 *
 * SYNs on their way to protected services are noted, now and then one, so that the SYN-ACK tells what the server can do and
 * what not: that is learned. While a block is armed or draining, every SYN of SYNPROXY is, because the kernel shifts the
 * timestamp echo of its first ACK to the server twice: it leaves here as it ought to be. Nothing is dropped. What is no SYN
 * or RST pays for a look at its flags.
 */
#include "bpf/frame-tc.h"
#include "bpf/protect/maps.h"
#include "core/echo.h"
#include "core/glance.h"
#include "core/segment.h"

/* TCX_NEXT and TC_ACT_UNSPEC: whoever comes next decides. */
#define TM_GO_ON (-1)

/* While nobody asks for more, a SYN of each server is noted so often. */
#define TM_NOTE_NS 100000000ull

#define TM_LACK_SECONDS 60

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, TM_PROTECT_ANSWERS);
	__type(key, struct pk_flow);
	__type(value, struct tm_protect_answer);
} tm_answers SEC(".maps");

PK_INLINE struct pk_key tm_key(const __u8 *addr, __u8 family)
{
	if (family == PK_IPV4)
		return (struct pk_key){ .high = (__u64)pk_get32(addr) << 32 };
	return (struct pk_key){ .high = pk_get64(addr), .low = pk_get64(addr + 8) };
}

PK_INLINE bool tm_is_sampled(const struct pk_flow *f)
{
	__u32 ports = (__u32)f->sport << 16 | f->dport;

	return !(pk_sample_hash(tm_state.seed, tm_key(f->src, f->family), tm_key(f->dst, f->family), ports) &
		 tm_state.sample_mask);
}

PK_INLINE struct tm_protect_server_key tm_server_key(const struct pk_flow *f)
{
	struct tm_protect_server_key key = { .port = f->dport, .family = f->family };

	pk_copy(key.addr, f->dst, sizeof(key.addr));
	return key;
}

/* enum tm_server_offers. RFC 3168, 6.1.1: a SYN offers ECN with both bits, a SYN-ACK agrees with one: `ecn`. */
PK_INLINE __u8 tm_offers(const struct pk_tcp *tcp, const struct pk_offer *o, __u8 ecn)
{
	__u8 bits = tcp->bytes[PK_TCP_FLAGS] & (PK_TCP_ECE | PK_TCP_CWR);

	return (o->offers & PK_OFFER_SACK ? TM_SERVER_SACK : 0) |
	       (o->offers & PK_OFFER_TIMESTAMPS ? TM_SERVER_TIMESTAMPS : 0) |
	       (o->wscale != PK_NO_WSCALE ? TM_SERVER_WSCALE : 0) | (bits == ecn ? TM_SERVER_ECN : 0);
}

PK_INLINE __u16 tm_mss(const struct pk_offer *o)
{
	return o->offers & PK_OFFER_MSS ? o->mss : 0;
}

/* A sampled flow is half-open no longer. */
PK_INLINE void tm_end_flow(const struct pk_flow *flow, __u32 reason)
{
	struct tm_half_open *half;
	__u32 block;

	if (!tm_is_sampled(flow))
		return;
	half = bpf_map_lookup_elem(&tm_half_open, flow);
	if (!half)
		return;
	block = half->block;
	if (!bpf_map_delete_elem(&tm_half_open, flow))
		tm_count_protect(block, flow->family, reason);
}

__attribute__((noinline)) int tm_note_syn(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_OUT);
	struct tm_protect_answer note = {};
	struct tm_protect_server_key key;
	__u64 now = bpf_ktime_get_coarse_ns();
	struct tm_protect_server *server;
	struct pk_offer offer;
	struct pk_tcp tcp = {};
	struct pk_key address;
	struct pk_flow flow;
	__u32 block;

	if (!pk || !pk_flow_of(&v, pk, &flow))
		return 0;
	address = tm_key(flow.dst, flow.family);
	block = tm_find_service(&address, flow.family, flow.dport);
	if (block == PK_NO_BLOCK)
		return 0;
	/* SYNPROXY's own: a client has brought a good cookie. Where SYNPROXY has made it, too, the SYN was let pass and is in the sample. */
	if (tm_state.guarding && !tm_came_from(ctx))
		tm_end_flow(&flow, PK_PROTECT_SAMPLED_COMPLETED);
	key = tm_server_key(&flow);
	server = bpf_map_lookup_elem(&tm_servers, &key);
	if (server && now - server->noted < TM_NOTE_NS && (!tm_state.guarding || tm_came_from(ctx)))
		return 0;
	if (pk_parse_tcp(&v, pk, &tcp) != PK_GO_ON)
		return 0;
	pk_offer_of(&tcp, &offer);
	note.syn = pk_get32(tcp.bytes + 4) + 1;
	note.mss = tm_mss(&offer);
	note.offered = tm_offers(&tcp, &offer, PK_TCP_ECE | PK_TCP_CWR);
	note.block = block;
	bpf_map_update_elem(&tm_answers, &flow, &note, BPF_ANY);
	if (server)
		server->noted = now;
	return 0;
}

/*
 * What a server lacks is not offered to it while its block is armed, so nobody would find out that it has it now. After a
 * minute that is not known any more, and the next SYN that has it passes.
 */
PK_INLINE void tm_forget_lack(struct tm_protect_server *server, __u32 seconds)
{
	__u8 has = server->offers | (server->wscale != TM_WSCALE_NONE ? TM_SERVER_WSCALE : 0);

	if (server->known & ~has && seconds - server->lacked > TM_LACK_SECONDS)
		server->known &= has;
}

/*
 * A server that answers with cookies of its own forgets window scale and SACK where the SYN had no timestamps: then they are
 * not known to be missing. An MSS that is smaller than before and just that of the SYN may be its echo.
 */
PK_INLINE void tm_learn(const struct pk_flow *flow, const struct tm_protect_answer *note, const struct pk_tcp *tcp,
			const struct pk_offer *offer)
{
	__u8 answered = tm_offers(tcp, offer, PK_TCP_ECE) & note->offered, proven = note->offered;
	__u16 mss = tm_mss(offer);
	struct tm_protect_server_key key = tm_server_key(flow);
	struct tm_protect_server *server, fresh = { .wscale = TM_WSCALE_NONE };
	__u64 now = bpf_ktime_get_coarse_ns();

	if (!(note->offered & TM_SERVER_TIMESTAMPS))
		proven &= ~(TM_SERVER_SACK | TM_SERVER_WSCALE);
	proven |= answered;
	server = bpf_map_lookup_elem(&tm_servers, &key);
	if (!server) {
		fresh.seen = fresh.noted = now;
		fresh.lacked = now / 1000000000;
		fresh.mss = mss;
		fresh.known = proven;
		fresh.offers = answered & ~TM_SERVER_WSCALE;
		if (answered & TM_SERVER_WSCALE)
			fresh.wscale = offer->wscale;
		bpf_map_update_elem(&tm_servers, &key, &fresh, BPF_NOEXIST);
		return;
	}
	if (mss > server->mss || mss != note->mss)
		server->mss = mss;
	if (proven & TM_SERVER_WSCALE)
		server->wscale = answered & TM_SERVER_WSCALE ? offer->wscale : TM_WSCALE_NONE;
	server->offers = (server->offers & ~proven) | (answered & ~TM_SERVER_WSCALE);
	server->known |= proven;
	server->seen = now;
	if (proven & ~answered)
		server->lacked = now / 1000000000;
	else
		tm_forget_lack(server, now / 1000000000);
}

/* A SYN-ACK. */
__attribute__((noinline)) int tm_take_answer(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct tm_half_open *half = NULL;
	struct tm_protect_answer *note;
	struct pk_offer offer;
	struct pk_tcp tcp = {};
	struct pk_flow flow;
	__u32 expected;

	if (!pk || pk_parse_tcp(&v, pk, &tcp) != PK_GO_ON || !pk_flow_of(&v, pk, &flow))
		return 0;
	pk_flow_turn(&flow);
	expected = pk_get32(tcp.bytes + 4) + 1;
	if (tm_is_sampled(&flow))
		half = bpf_map_lookup_elem(&tm_half_open, &flow);
	if (half) {
		half->expected = expected;
		half->answered = 1;
	}
	note = bpf_map_lookup_elem(&tm_answers, &flow);
	if (!note || note->syn != pk_get32(tcp.bytes + 8))
		return 0;
	pk_offer_of(&tcp, &offer);
	tm_learn(&flow, note, &tcp, &offer);
	if (!tm_state.guarding || !(offer.offers & PK_OFFER_TIMESTAMPS)) {
		bpf_map_delete_elem(&tm_answers, &flow);
		return 0;
	}
	note->expected = expected;
	note->tsval = offer.tsval;
	note->answered = 1;
	return 0;
}

__attribute__((noinline)) int tm_take_reset(tm_context *ctx, __u32 octets, const struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct pk_flow flow;

	if (!pk || !pk_flow_of(&v, pk, &flow))
		return 0;
	pk_flow_turn(&flow);
	tm_end_flow(&flow, PK_PROTECT_SAMPLED_RESET);
	return 0;
}

/* The first ACK of a connection that SYNPROXY opens has no data, and acknowledges just the SYN-ACK. */
__attribute__((noinline)) int tm_repair_ack(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_OUT);
	struct tm_protect_answer *note, copy;
	struct pk_offer offer;
	struct pk_tcp tcp = {};
	struct pk_flow flow;

	if (!pk || !pk_flow_of(&v, pk, &flow))
		return 0;
	note = bpf_map_lookup_elem(&tm_answers, &flow);
	if (!note || !note->answered || pk_parse_tcp(&v, pk, &tcp) != PK_GO_ON || tcp.header != pk->segment ||
	    note->syn != pk_get32(tcp.bytes + 4) || note->expected != pk_get32(tcp.bytes + 8))
		return 0;
	copy = *note;
	bpf_map_delete_elem(&tm_answers, &flow);
	pk_offer_of(&tcp, &offer);
	if (!(offer.offers & PK_OFFER_TIMESTAMPS) || pk_echo(&tcp, &offer) == copy.tsval)
		return 0;
	if (pk_store_echo(&v, pk, &tcp, &offer, copy.tsval))
		tm_count_protect(copy.block, flow.family, PK_PROTECT_ECHO_REPAIRED);
	return 0;
}

/* Frames that pk_glance() does not know. Returns the flags of TCP, 0: it is none, or a fragment. */
__attribute__((noinline)) int tm_parse_closely(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	__u8 copy[1];
	const __u8 *flags;

	if (!pk || pk_parse_link(&v, pk, tm_config.link) != PK_GO_ON || pk_parse_ip(&v, pk) != PK_GO_ON)
		return 0;
	flags = pk_bytes(&v, pk->l4 + PK_TCP_FLAGS, copy, 1);
	return flags ? *flags : 0;
}

PK_INLINE __u8 tm_flags(tm_context *ctx, __u32 octets, struct pk_packet *pk)
{
	struct pk_view v = tm_view(ctx, octets, TM_IN);
	struct pk_glance g = pk_glance(&v, tm_config.link);

	if (likely(g.family)) {
		*pk = pk_plain(g.family, tm_config.link);
		return g.flags;
	}
	*pk = (struct pk_packet){};
	return tm_parse_closely(ctx, octets, pk);
}

SEC("tc")
int tcpmss_server_in(struct __sk_buff *ctx)
{
	__u32 octets = tm_octets(ctx);
	struct pk_packet pk;
	__u8 flags = tm_flags(ctx, octets, &pk);

	if (flags & PK_TCP_RST)
		tm_take_reset(ctx, octets, &pk);
	else if ((flags & (PK_TCP_SYN | PK_TCP_ACK)) == (PK_TCP_SYN | PK_TCP_ACK))
		tm_take_answer(ctx, octets, &pk);
	return TM_GO_ON;
}

SEC("tc")
int tcpmss_server_out(struct __sk_buff *ctx)
{
	__u32 octets = tm_octets(ctx);
	struct pk_packet pk;
	__u8 flags = tm_flags(ctx, octets, &pk) & (PK_TCP_FIN | PK_TCP_SYN | PK_TCP_RST | PK_TCP_ACK);

	if (flags == PK_TCP_ACK && tm_state.guarding && !tm_came_from(ctx))
		tm_repair_ack(ctx, octets, &pk);
	else if ((flags & (PK_TCP_SYN | PK_TCP_RST | PK_TCP_ACK)) == PK_TCP_SYN)
		tm_note_syn(ctx, octets, &pk);
	return TM_GO_ON;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
