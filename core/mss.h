/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The smallest of several limits of an MSS.
 *
 * MTU to MSS takes 40 (IPv4) or 60 (IPv6) bytes off, nothing for TCP options (RFC 6691, RFC 9293 3.7.1).
 */
#ifndef PK_MSS_H
#define PK_MSS_H

#include "reason.h"
#include "target.h"

enum pk_source {
	PK_FROM_NOWHERE,
	PK_FROM_MSS, /* the hook's fixed MSS */
	PK_FROM_MTU, /* the hook's fixed MTU */
	PK_FROM_DEVICE,
	PK_FROM_ROUTE,
	PK_FROM_PREFIX_SRC,
	PK_FROM_PREFIX_DST,
	PK_FROM_LEARNED_SRC, /* what path MTU discovery knows */
	PK_FROM_LEARNED_DST,
};

struct pk_limit {
	__u16 mss; /* 0: none */
	__u8 source; /* enum pk_source */
	__u8 more; /* what else than lowering is allowed: PK_HOOK_ALLOW_INCREASE, PK_HOOK_ADD_MISSING; and PK_LIMIT_TELL */
};

#define PK_LIMIT_TELL 0x80 /* the backend wants to know the MSS before and after */

#define PK_MSS4_MIN 32 /* what a fixed MSS is refused below, too */
#define PK_MSS6_MIN 1220 /* IPv6 links carry 1280 bytes (RFC 8200, 5) */

PK_INLINE __u32 pk_mtu_to_mss(__u32 mtu, __u8 family)
{
	if (family == PK_IPV4)
		return mtu > 40 + PK_MSS4_MIN ? mtu - 40 : PK_MSS4_MIN;
	return mtu > 60 + PK_MSS6_MIN ? mtu - 60 : PK_MSS6_MIN;
}

PK_INLINE void pk_limit_mss(struct pk_limit *l, __u32 mss, enum pk_source source)
{
	if (mss > 0xffff)
		mss = 0xffff;
	if (mss && (!l->mss || mss < l->mss)) {
		l->mss = mss;
		l->source = source;
	}
}

/* An MTU of 0 is none. */
PK_INLINE void pk_limit_mtu(struct pk_limit *l, __u32 mtu, __u8 family, enum pk_source source)
{
	if (mtu)
		pk_limit_mss(l, pk_mtu_to_mss(mtu, family), source);
}

#endif
