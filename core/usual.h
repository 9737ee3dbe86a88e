/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The SYNs that TCP stacks really send, in frames that pk_glance() knows, for speed: the MSS first, behind it options in words
 * of four bytes that are known by heart. Everything is read and written where it is. What this does not know, or what goes
 * wrong, is left to pk_clamp_syn(), which comes to the same where both can judge.
 */
#ifndef PK_USUAL_H
#define PK_USUAL_H

#include "checksum.h"
#include "glance.h"
#include "limit.h"
#include "options.h"

/* Whether the options at p, `left` bytes in words of four, are of the known kinds. */
PK_INLINE bool pk_options_usual(const struct pk_view *v, const __u8 *p, __u32 left)
{
	for (int i = 0; i < PK_TCP_OPTIONS_MAX / 4 && left; i++) {
		__u32 word, step = 4;

		if (!pk_reaches(v, p, 4))
			return false;
		word = pk_get32(p);
		if (word == 0x0402080a || word == 0x0101080a) /* SACK permitted or two NOPs, then timestamps */
			step = 12;
		else if (word != 0x01010402 && (word & 0xffffff00) != 0x01030300) /* SACK permitted; window scale */
			return word == 0x04020000; /* SACK permitted, end */
		if (step > left)
			return false;
		left -= step;
		p += step;
	}
	return true;
}

/* Writes the MSS and the checksum, which lie side by side. `tcp`: the header as it stands, at l4. */
PK_INLINE bool pk_store_first(struct pk_view *v, __u32 l4, const __u8 *tcp, __u16 mss, __u16 checksum)
{
	__u64 word = (__u64)checksum << 48 | (__u64)pk_get32(tcp + PK_TCP_CHECKSUM + 2) << 16 | mss;
	__u8 copy[8], *to = pk_poke(v, l4 + PK_TCP_CHECKSUM, 8);

	if (to) {
		pk_put64(to, word);
		return true;
	}
	pk_put64(copy, word);
	return pk_store(v, l4 + PK_TCP_CHECKSUM, copy, 8);
}

/*
 * PK_GO_ON: not of the kind, and nothing was changed. family and l3 are constants, or nearly: pk_plain(). *was: the MSS that the
 * packet came with, as far as there is another outcome.
 */
PK_INLINE enum pk_reason pk_clamp_usual(struct pk_view *v, __u8 family, __u32 l3, const struct pk_limit *limit, __u16 *was)
{
	const __u32 ip_header = family == PK_IPV4 ? PK_IPV4_HEADER : PK_IPV6_HEADER;
	const __u32 untold = family == PK_IPV4 ? 0 : PK_IPV6_HEADER; /* what IP's length field leaves out */
	const __u32 addresses = family == PK_IPV4 ? 12 : 8;
	const __u8 *ip = pk_peek(v, l3, ip_header + PK_TCP_HEADER + PK_OPT_MSS_LEN), *tcp;
	__u32 told, header;
	__u16 mss, field, pseudo;

	if (!ip || limit->more & PK_HOOK_ALLOW_INCREASE)
		return PK_GO_ON;
	tcp = ip + ip_header;
	told = pk_get16(ip + (family == PK_IPV4 ? 2 : 4)) + untold;
	header = (tcp[PK_TCP_OFFSET] >> 4) * 4;
	if (told < ip_header + header || l3 + told > pk_frame_len(v) || header < PK_TCP_HEADER + PK_OPT_MSS_LEN ||
	    pk_get16(tcp + PK_TCP_HEADER) != (PK_OPT_MSS << 8 | PK_OPT_MSS_LEN) ||
	    !pk_options_usual(v, tcp + PK_TCP_HEADER + PK_OPT_MSS_LEN, header - PK_TCP_HEADER - PK_OPT_MSS_LEN))
		return PK_GO_ON;

	*was = mss = pk_get16(tcp + PK_TCP_HEADER + 2);
	if (!limit->mss)
		return PK_NO_LIMIT;
	if (mss <= limit->mss)
		return PK_WITHIN_LIMIT;

	field = pk_get16(tcp + PK_TCP_CHECKSUM);
	pseudo = pk_fold(PK_PROTO_TCP + told - ip_header + pk_sum_words(ip + addresses, ip_header - addresses));
	if (pk_maybe_pending(pseudo, field) ||
	    !pk_store_first(v, l3 + ip_header, tcp, limit->mss,
			    ~pk_fold((__u16)~field + pk_sum_change(mss, limit->mss, false))))
		return PK_GO_ON;
	return PK_CLAMPED;
}

#endif
