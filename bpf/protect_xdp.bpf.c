// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The client side of protect on XDP: only what it does while it is armed; the program on tc sees what it lets pass.
 */
#include "bpf/frame-xdp.h"

#define TM_ACCELERATOR TM_ACCELERATOR_XDP
#define TM_SAMPLES false
#define TM_VOUCHES 0

#include "bpf/protect/protect.h"
#include <xdp/xdp_helpers.h>

/* Beside other programs: before those that clamp (20), because what a cookie remembers is rounded down already. */
struct {
	__uint(priority, 10);
	__uint(XDP_PASS, 1);
} XDP_RUN_CONFIG(tcpmss_protect);

/* A frame tells only by its bytes that its checksum was left to a device; what is sent back has a whole one. */
PK_INLINE bool tm_put_answer(struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a, __u16 pseudo,
			     __u16 data, bool partial)
{
	__u32 len = pk_synack_frame(v, pk, a);

	pk_put16(a->tcp + PK_TCP_CHECKSUM, ~pk_fold((__u32)pseudo + data));
	if (len != v->len && !pk_resize(v, len))
		return false;
	return pk_synack_store(v, pk, a) && pk_synack_link(v, pk, a, tm_config.link);
}

PK_INLINE bool tm_put_usual(struct pk_view *v, __u8 *ip, __u8 family, __u32 l3, const struct pk_offer *o,
			    const struct pk_grant *g, __u32 cookie, __u32 clock, __u16 addresses)
{
	__u8 *tcp = ip + pk_synack_ip_header(family);
	struct pk_usual_ends ends;
	__u32 data;

	if (l3)
		pk_usual_macs(ip - PK_ETH_HEADER, ip - PK_ETH_HEADER);
	pk_usual_ends(ip, family, &ends);
	pk_usual_ip(ip, family, &ends, addresses);
	data = pk_usual_tcp(tcp, pk_get32(tcp), pk_get32(tcp + 4), o, g, pk_cookie_agreed(o, g), cookie, clock);
	pk_put32(tcp + 16, (__u32)(__u16)~pk_fold(data + addresses + PK_PROTO_TCP + PK_USUAL_HEADER) << 16);
	return true;
}

SEC("xdp.frags")
int tcpmss_protect(struct xdp_md *ctx)
{
	if (!tm_state.guarding)
		return XDP_PASS;
	switch (tm_protect(ctx)) {
	case TM_DROP:
		return XDP_DROP;
	case TM_REPLY:
		return XDP_TX;
	}
	return XDP_PASS;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
