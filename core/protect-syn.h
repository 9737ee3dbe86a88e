/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Whether a SYN to a protected service can be answered with a cookie.
 */
#ifndef PK_PROTECT_SYN_H
#define PK_PROTECT_SYN_H

#include "cookie.h"
#include "protect-reason.h"

/* Beside the reason. */
enum pk_syn_checksum { PK_SYN_RIGHT, PK_SYN_PENDING, PK_SYN_WRONG };

/* The payload's sum: hardly any SYN has one (TFO). */
PK_INLINE bool pk_sum_payload(const struct pk_view *v, __u32 off, __u32 end, __u16 *folded)
{
	struct pk_sum_walk w = { .v = v, .off = off, .end = end };

	PK_LOOP(65536 / PK_SUM_CHUNK + 1, pk_sum_step, &w);
	*folded = pk_fold(w.sum);
	return !w.failed && w.off >= w.end;
}

/* tcp->bytes are zero behind the header. A field that equals the pseudo-header's sum is left to the device (checksum.h). */
PK_INLINE enum pk_syn_checksum pk_syn_checksum(const struct pk_view *v, const struct pk_packet *pk,
					       const struct pk_tcp *tcp)
{
	__u16 pseudo, data, payload = 0;

	if (!pk_pseudo_sum(v, pk, &pseudo))
		return PK_SYN_WRONG;
	data = pk_sum_words(tcp->bytes, PK_TCP_HEADER_MAX);
	if (unlikely(pk->segment > tcp->header) &&
	    !pk_sum_payload(v, pk->l4 + tcp->header, pk->l4 + pk->segment, &payload))
		return PK_SYN_WRONG;
	if (likely(pk_fold((__u32)pseudo + data + payload) == 0xffff))
		return PK_SYN_RIGHT;
	return pk_get16(tcp->bytes + PK_TCP_CHECKSUM) == pseudo ? PK_SYN_PENDING : PK_SYN_WRONG;
}

/* The same, defined by the backend: in BPF a function of its own. */
PK_INLINE enum pk_syn_checksum pk_find_checksum(const struct pk_view *v, const struct pk_packet *pk,
						const struct pk_tcp *tcp);

/*
 * Reads a SYN: its header, which is zero before, and what it offers. PK_PROTECT_NONE: a cookie can answer it. *partial: its checksum is left
 * to the device.
 */
PK_INLINE enum pk_protect_reason pk_judge_syn(const struct pk_view *v, struct pk_packet *pk, struct pk_tcp *tcp,
					      struct pk_offer *offer, bool *partial)
{
	enum pk_syn_checksum sum;

	if (unlikely(pk->more_fragments))
		return PK_PROTECT_PASSED_FRAGMENT;
	if (pk_parse_tcp(v, pk, tcp) != PK_GO_ON)
		return PK_PROTECT_MALFORMED;
	sum = pk_find_checksum(v, pk, tcp);
	if (sum == PK_SYN_WRONG)
		return PK_PROTECT_BAD_CHECKSUM;
	*partial = sum == PK_SYN_PENDING;
	pk_offer_of(tcp, offer);
	if (offer->offers & PK_OFFER_SIGNED)
		return PK_PROTECT_PASSED_SIGNED;
	return pk_cookie_holds(offer, pk->family) ? PK_PROTECT_NONE : PK_PROTECT_PASSED_SMALL_MSS;
}

#endif
