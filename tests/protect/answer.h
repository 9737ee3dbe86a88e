/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answer to a SYN in user space, for tests of core/cookie.h: the long way and the short one.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdlib.h>
#include <string.h>

#include "lib/view.h"

#include "core/cookie-usual.h"
#include "core/glance.h"
#include "core/link.h"
#include "core/protect-syn.h"

PK_INLINE enum pk_syn_checksum pk_find_checksum(const struct pk_view *v, const struct pk_packet *pk,
						const struct pk_tcp *tcp)
{
	return pk_syn_checksum(v, pk, tcp);
}

struct answer {
	enum pk_protect_reason
		reason; /* PK_PROTECT_ANSWERED, or why not; PK_PROTECT_NONE: it is no SYN that can be read */
	struct pk_packet pk;
	struct pk_offer offer;
	bool partial;
	uint32_t len; /* of the frame, which holds the answer */
};

static inline bool is_syn(const struct pk_view *v, enum pk_link link, struct pk_packet *pk)
{
	uint8_t flags;

	*pk = (struct pk_packet){ 0 };
	return pk_parse_link(v, pk, link) == PK_GO_ON && pk_parse_ip(v, pk) == PK_GO_ON &&
	       pk_load(v, pk->l4 + PK_TCP_FLAGS, &flags, 1) &&
	       (flags & (PK_TCP_SYN | PK_TCP_ACK | PK_TCP_RST | PK_TCP_FIN)) == PK_TCP_SYN;
}

/* The long way, as bpf/protect/syn.h goes it on XDP. The frame lies in a buffer of `room` bytes. */
static inline struct answer answer_long(uint8_t *frame, uint32_t len, uint32_t room, enum pk_link link,
					const struct pk_grant *g, uint32_t cookie, uint32_t clock)
{
	struct pk_view v = { .frame = frame, .len = len, .room = room };
	struct answer a = { .reason = PK_PROTECT_NONE, .len = len };
	struct pk_tcp tcp = { 0 };
	struct pk_synack synack;
	uint16_t pseudo, data;

	if (!is_syn(&v, link, &a.pk) || a.pk.pseudo_dst != a.pk.l3 + (a.pk.family == PK_IPV4 ? 16u : 24u))
		return a;
	a.reason = pk_judge_syn(&v, &a.pk, &tcp, &a.offer, &a.partial);
	if (a.reason != PK_PROTECT_NONE)
		return a;
	a.reason = PK_PROTECT_FAILED;
	if (!pk_synack_make(&v, &a.pk, &tcp, &a.offer, g, cookie, clock, &synack, &pseudo, &data))
		return a;
	pk_put16(synack.tcp + PK_TCP_CHECKSUM, ~pk_fold((__u32)pseudo + data));
	len = pk_synack_frame(&v, &a.pk, &synack);
	if (!pk_resize(&v, len) || !pk_synack_store(&v, &a.pk, &synack) || !pk_synack_link(&v, &a.pk, &synack, link))
		return a;
	a.reason = PK_PROTECT_ANSWERED;
	a.len = v.len;
	return a;
}

/* The short one, as bpf/protect/usual.h goes it on XDP. False, and nothing changed, where it does not know the frame. */
static inline bool answer_short(uint8_t *frame, uint32_t len, enum pk_link link, const struct pk_grant *g,
				uint32_t cookie, uint32_t clock)
{
	struct pk_view v = { .frame = frame, .len = len, .room = len };
	struct pk_glance glance = pk_glance(&v, link);
	uint32_t l3 = pk_plain_l3(link);
	struct pk_usual_ends ends;
	struct pk_offer offer;
	uint16_t addresses;
	uint8_t *ip, *tcp;
	uint32_t data;

	if (!glance.family || (glance.flags & (PK_TCP_SYN | PK_TCP_ACK | PK_TCP_RST | PK_TCP_FIN)) != PK_TCP_SYN ||
	    len != pk_usual_frame(glance.family, l3))
		return false;
	ip = frame + l3;
	tcp = ip + pk_synack_ip_header(glance.family);
	if (!pk_usual_syn(ip, glance.family, &offer, &addresses) ||
	    pk_synack_header(pk_cookie_agreed(&offer, g)) != PK_USUAL_HEADER)
		return false;
	if (l3)
		pk_usual_macs(frame, frame);
	pk_usual_ends(ip, glance.family, &ends);
	pk_usual_ip(ip, glance.family, &ends, addresses);
	data = pk_usual_tcp(tcp, pk_get32(tcp), pk_get32(tcp + 4), &offer, g, pk_cookie_agreed(&offer, g), cookie,
			    clock);
	pk_put32(tcp + 16, (__u32)(__u16)~pk_fold(data + addresses + PK_PROTO_TCP + PK_USUAL_HEADER) << 16);
	return true;
}

/* Folded sum of the segment and its pseudo-header: 0xffff where the checksum is right. */
static inline uint16_t answer_sum(const uint8_t *frame, const struct pk_packet *pk)
{
	uint32_t src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8), n = pk->family == PK_IPV4 ? 4 : 16;
	uint64_t sum = PK_PROTO_TCP + pk->segment;

	for (uint32_t i = 0; i < n; i += 2)
		sum += pk_get16(frame + src + i) + pk_get16(frame + pk->pseudo_dst + i);
	for (uint32_t i = 0; i < pk->segment; i++)
		sum += i & 1 ? frame[pk->l4 + i] : frame[pk->l4 + i] << 8;
	return pk_fold64(sum);
}

#endif
