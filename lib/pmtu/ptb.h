/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet-too-big message judged by its own bytes: checksums, quote, and the rules of core/quote.h. What its bytes cannot show (that
 * the quoted packet was really sent) is for lib/pmtu/watch.h.
 */
#ifndef TM_PTB_H
#define TM_PTB_H

#include <stddef.h>

#include "lib/view.h"
#include "core/link.h"
#include "core/quote.h"

struct tm_ptb {
	__u8 reporter[16]; /* who sent it: IPv4 in the first four bytes */
	struct pk_quote quote;
};

/*
 * bytes: a packet from its IP header on (what may follow its end is not looked at); len is what there is of it. Fills *ptb where it
 * returns PK_NOT_REFUSED; for a refusal from short-quote on the reporter is filled, and from not-to-sender on all of it, so that it
 * can be told of. The rest is zero.
 */
enum pk_refusal tm_ptb_parse(const void *bytes, size_t len, struct tm_ptb *ptb);

/* The same for a packet that is in a frame, behind pk_parse_link(): packet is its result. */
enum pk_refusal tm_ptb_judge(const struct pk_view *v, struct pk_packet *packet, struct tm_ptb *ptb);

#endif
