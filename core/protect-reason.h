/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What becomes of the packets that clients send to protected services, once. Counters, JSON, metrics and the manual take the names from
 * here. Packets of other services are not counted.
 */
#ifndef PK_PROTECT_REASON_H
#define PK_PROTECT_REASON_H

/* X(constant, name, what it means) */
#define PK_PROTECT_REASONS(X)                                                                                               \
	/* a SYN, each once */                                                                                              \
	X(PASSED_IDLE, "passed-idle", "SYN let pass: the block is idle or draining, or SYNPROXY answers without accelerator") \
	X(ANSWERED, "answered", "SYN answered with a cookie")                                                               \
	X(PASSED_SMALL_MSS, "passed-small-mss", "SYN with an MSS below what cookies can hold (536, IPv6 1220), let pass")   \
	X(PASSED_SIGNED, "passed-signed", "SYN under TCP-MD5 or TCP-AO, which no cookie can answer, let pass")              \
	X(PASSED_UNKNOWN, "passed-unknown", "SYN let pass so that the server's options become known")                       \
	X(PASSED_FRAGMENT, "passed-fragment", "first fragment of a SYN, left to the kernel")                                \
	X(FAILED, "failed", "SYN that could not be answered, let pass")                                                     \
	X(OVER_BUDGET, "over-budget", "SYN that no cookie can answer, dropped: over the number that passes in a second")    \
	X(BAD_CHECKSUM, "bad-checksum", "SYN with a wrong checksum, dropped while armed")                                   \
	X(MALFORMED, "malformed", "SYN with an impossible header, dropped while armed")                                     \
	/* anything else, each once, while armed or draining only */                                                        \
	X(KNOWN, "known", "packet of a connection that conntrack knows")                                                    \
	X(COOKIE_GOOD, "cookie-good", "ACK with a valid cookie: SYNPROXY opens the connection")                             \
	X(COOKIE_BAD, "cookie-bad", "ACK of no connection without a valid cookie, dropped")                                 \
	X(STRAY, "stray", "RST, FIN or SYN-ACK of no connection, dropped")                                                  \
	/* beside these, of a sample of all flows (struct tm_protect_state) */                                              \
	X(SAMPLED_OPENED, "sampled-opened", "first SYN of a sampled flow that was let pass")                                \
	X(SAMPLED_COMPLETED, "sampled-completed", "sampled flow whose client has answered the server")                      \
	X(SAMPLED_RESET, "sampled-reset", "sampled flow that the server has refused")                         \
	/* and */                                                                                                           \
	X(ECHO_REPAIRED, "echo-repaired", "first ACK of SYNPROXY to a server, whose timestamp echo was repaired")

enum pk_protect_reason {
	PK_PROTECT_NONE,
#define PK_X(constant, name, text) PK_PROTECT_##constant,
	PK_PROTECT_REASONS(PK_X)
#undef PK_X
	PK_PROTECT_REASON_COUNT
};

#endif
