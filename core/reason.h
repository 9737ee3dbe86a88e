/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Every way a packet can leave the clamp, once. Counters, JSON, metrics, logs and the manual take the names from here.
 */
#ifndef PK_REASON_H
#define PK_REASON_H

/* X(constant, name, what it means) */
#define PK_REASONS(X)                                                                            \
	X(CLAMPED, "clamped", "an MSS option was lowered")                                       \
	X(RAISED, "raised", "an MSS option was raised (allow-increase)")                         \
	X(ADDED, "added", "an MSS option was inserted (add-missing)")                            \
	X(WITHIN_LIMIT, "within-limit", "SYN whose MSS fits already")                            \
	X(NO_MSS_OPTION, "no-mss-option", "SYN without an MSS option")                           \
	X(NO_LIMIT, "no-limit", "SYN for which no limit is known")                               \
	X(SIGNED, "signed", "SYN under TCP-AO: an edit would break its MAC")                     \
	X(MALFORMED_OPTIONS, "malformed-options", "SYN whose option list cannot be walked")      \
	X(BAD_TCP_HEADER, "bad-tcp-header", "SYN whose header length is impossible")             \
	X(NOT_SYN, "not-syn", "TCP without SYN, or with RST")                                    \
	X(NOT_TCP, "not-tcp", "another transport protocol")                                      \
	X(NOT_IP, "not-ip", "not IPv4 or IPv6, or an encapsulation that is not followed")        \
	X(FRAGMENT, "fragment", "a later fragment, or a first one that cuts the TCP header")     \
	X(EXTENSION_HEADER, "extension-header", "IPv6 extension header that cannot be followed") \
	X(BAD_IP_HEADER, "bad-ip-header", "wrong version or impossible IP header length")        \
	X(TRUNCATED, "truncated", "the frame ends before the packet does")                       \
	X(UNWRITABLE, "unwritable", "SYN that the kernel let nobody change (out of memory)")       \
	X(CHECKSUM_PARTIAL, "checksum-partial", "beside another: checksum left to the device")

enum pk_reason {
	PK_GO_ON, /* no outcome yet: the next step decides */
#define PK_X(constant, name, text) PK_##constant,
	PK_REASONS(PK_X)
#undef PK_X
	PK_REASON_COUNT
};

/* IP families as counters tell them apart. */
enum pk_family { PK_NO_FAMILY, PK_IPV4, PK_IPV6, PK_FAMILY_COUNT };

#endif
