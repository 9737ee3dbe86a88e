/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every way a packet-too-big message (PTB) can end without being learned from, once. Counters, JSON, logs and the manual take the
 * names from here. Whatever is refused here is forwarded all the same.
 */
#ifndef PK_REFUSAL_H
#define PK_REFUSAL_H

/* X(constant, name, what it means): in the order in which they are found out */
#define PK_REFUSALS(X)                                                                                            \
	X(NOT_PTB, "not-ptb", "no packet-too-big message")                                                        \
	X(PTB_CUT, "cut", "longer than what was seen of it, or a fragment: its checksum cannot be checked")       \
	X(BAD_CHECKSUM, "bad-checksum", "the checksum of ICMP, or of the IPv4 header, is wrong")                  \
	X(SHORT_QUOTE, "short-quote", "less than an IP header and 8 bytes is quoted")                             \
	X(BAD_QUOTE, "bad-quote", "what is quoted is no IP packet of the same family that can be followed")       \
	X(QUOTED_FRAGMENT, "quoted-fragment", "a later fragment is quoted")                                       \
	X(QUOTE_NOT_TCP, "quote-not-tcp", "another protocol than TCP is quoted")                                  \
	X(NOT_TO_SENDER, "not-to-sender", "sent to another address than the quoted packet came from")             \
	X(QUOTE_DF_CLEAR, "quote-df-clear", "the quoted packet may be fragmented, so that no router complains")   \
	X(BELOW_MINIMUM, "below-minimum", "an MTU that no link may have: IPv4 1 to 67, IPv6 below 1280")          \
	X(QUOTE_FITS, "quote-fits", "the quoted packet is not larger than the MTU told")                          \
	X(DISABLED, "disabled", "learning is off")                                                                \
	X(STATIC_PATH, "static", "the path has a static entry")                                                   \
	X(RATE, "rate", "too many from this reporter, or in all")                                                 \
	X(OUTSIDE_WINDOW, "outside-window", "the quoted sequence number is not in flight, or far from the flow's") \
	X(WATCH_FULL, "watch-full", "too many are waiting for the sender's reaction")                             \
	X(FUTURE, "future", "the sender was still before the quoted sequence number afterwards")                  \
	X(UNCONFIRMED, "unconfirmed", "the sender did not re-send what was quoted in a packet that fits")         \
	X(TABLE_FULL, "full", "no room for another path")

enum pk_refusal {
	PK_NOT_REFUSED, /* so far */
#define PK_X(constant, name, text) PK_REFUSED_##constant,
	PK_REFUSALS(PK_X)
#undef PK_X
	PK_REFUSAL_COUNT
};

#endif
