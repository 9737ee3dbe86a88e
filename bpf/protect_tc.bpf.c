// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The client side of protect on tc: what a device receives.
 */
#include "bpf/frame-tc.h"

#define TM_ACCELERATOR TM_ACCELERATOR_TC
#define TM_SAMPLES true
#define TM_VOUCHES 1

#include "bpf/protect/protect.h"

/* TCX_NEXT and TC_ACT_UNSPEC: whoever comes next decides. */
#define TM_GO_ON (-1)
#define TM_SHOT 2

/*
 * Whether the checksum is left to the device is known to the kernel, not to us. So the field gets what it is to be in that case, the
 * sum of the pseudo-header; then the kernel's helper is told of a change that makes a whole checksum of it, and that it leaves out in the
 * other case. Of a checksum that is left to the device the kernel knows the place, too: the TCP header must not move then.
 */
PK_INLINE bool tm_put_answer(struct pk_view *v, const struct pk_packet *pk, struct pk_synack *a, __u16 pseudo,
			     __u16 data, bool partial)
{
	__u32 ip = pk_synack_ip_header(pk->family), l4 = pk->l3 + ip, len = pk_synack_frame(v, pk, a),
	      n = ip + a->header;
	__u32 change = data + 2 * (__u32)pseudo;

	if (partial && (l4 != pk->l4 || l4 & 1))
		return false;
	pk_put16(a->tcp + PK_TCP_CHECKSUM, l4 & 1 ? ~pk_fold((__u32)pseudo + data) : pseudo);
	if ((len != v->len && !pk_resize(v, len)) || !pk_synack_link(v, pk, a, tm_config.link))
		return false;
	PK_OPAQUE(n);
	if (n < PK_IPV4_HEADER + PK_TCP_HEADER || n > PK_IPV6_HEADER + PK_SYNACK_TCP_MAX ||
	    bpf_skb_store_bytes(v->ctx, pk->l3, pk_synack_ip(a, pk->family), n, 0))
		return false;
	return l4 & 1 || !bpf_l4_csum_replace(v->ctx, l4 + PK_TCP_CHECKSUM, 0, bpf_htons(pk_fold(change)), 0);
}

/* In one piece, as each call costs. */
PK_INLINE bool tm_put_usual(struct pk_view *v, __u8 *ip, __u8 family, __u32 l3, const struct pk_offer *o,
			    const struct pk_grant *g, __u32 cookie, __u32 clock, __u16 addresses)
{
	__u8 frame[16 + PK_IPV6_HEADER + PK_USUAL_HEADER] __attribute__((aligned(8))), *to = frame + 16;
	const __u8 *tcp = ip + pk_synack_ip_header(family);
	__u32 l4 = l3 + pk_synack_ip_header(family);
	struct pk_usual_ends ends;
	__u16 pseudo, data;

	if (l3)
		pk_usual_macs(ip - PK_ETH_HEADER, to - PK_ETH_HEADER);
	pk_usual_ends(ip, family, &ends);
	pk_usual_ip(to, family, &ends, addresses);
	to += pk_synack_ip_header(family);
	data = pk_usual_tcp(to, pk_get32(tcp), pk_get32(tcp + 4), o, g, pk_cookie_agreed(o, g), cookie, clock);
	pseudo = pk_fold((__u32)addresses + PK_PROTO_TCP + PK_USUAL_HEADER);
	pk_put32(to + 16, (__u32)pseudo << 16);
	if (l3 ? bpf_skb_store_bytes(v->ctx, 0, frame + 16 - PK_ETH_HEADER, pk_usual_frame(family, PK_ETH_HEADER), 0) :
		 bpf_skb_store_bytes(v->ctx, 0, frame + 16, pk_usual_frame(family, 0), 0))
		return false;
	return !bpf_l4_csum_replace(v->ctx, l4 + PK_TCP_CHECKSUM, 0, bpf_htons(pk_fold(data + 2 * (__u32)pseudo)), 0);
}

SEC("tc")
int tcpmss_protect(struct __sk_buff *ctx)
{
	switch (tm_protect(ctx)) {
	case TM_DROP:
		return TM_SHOT;
	case TM_REPLY:
		return bpf_redirect(ctx->ifindex, 0);
	}
	return TM_GO_ON;
}

char tcpmss_license[] SEC("license") = "Dual BSD/GPL";
