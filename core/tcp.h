/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Parse step 3: the TCP header (RFC 9293). The flags decide first, so that a packet that is no SYN has paid for nothing else.
 */
#ifndef PK_TCP_H
#define PK_TCP_H

#include "ip.h"

#define PK_TCP_HEADER     20
#define PK_TCP_HEADER_MAX 60
#define PK_TCP_OPTIONS_MAX (PK_TCP_HEADER_MAX - PK_TCP_HEADER)

#define PK_TCP_OFFSET   12 /* byte that begins with the data offset */
#define PK_TCP_FLAGS    13
#define PK_TCP_CHECKSUM 16

#define PK_TCP_SYN 0x02
#define PK_TCP_RST 0x04

/* A SYN's TCP header, copied out of the frame. The array is a power of two so that a masked index stays inside. */
struct pk_tcp {
	__u8 bytes[64] __attribute__((aligned(8)));
	__u32 header; /* length in bytes, 20 to 60 */
};

PK_INLINE __u8 pk_tcp_byte(const struct pk_tcp *tcp, __u32 at)
{
	return tcp->bytes[at & (sizeof(tcp->bytes) - 1)];
}

/* The aligned word that the byte lies in. */
PK_INLINE __u32 pk_tcp_word(const struct pk_tcp *tcp, __u32 at)
{
	return pk_get32(tcp->bytes + (at & (sizeof(tcp->bytes) - 4)));
}

/* SYN set and RST clear: PK_GO_ON. SYN-ACK, ECN bits and SYN+FIN make no difference. */
PK_INLINE enum pk_reason pk_judge_flags(__u8 flags)
{
	return (flags & (PK_TCP_SYN | PK_TCP_RST)) == PK_TCP_SYN ? PK_GO_ON : PK_NOT_SYN;
}

PK_INLINE enum pk_reason pk_parse_tcp_flags(const struct pk_view *v, const struct pk_packet *pk)
{
	__u8 copy[1];
	const __u8 *flags = pk_bytes(v, pk->l4 + PK_TCP_FLAGS, copy, 1);

	return flags ? pk_judge_flags(*flags) : PK_TRUNCATED;
}

/* Copies the header of a SYN once every length has been checked: by IP, by the frame, by the data offset. */
PK_INLINE enum pk_reason pk_parse_tcp(const struct pk_view *v, struct pk_packet *pk, struct pk_tcp *tcp)
{
	enum pk_reason reason = pk_measure_segment(v, pk);
	__u8 copy[1];
	const __u8 *offset;

	if (reason != PK_GO_ON)
		return reason;
	if (pk->segment < PK_TCP_HEADER)
		return pk->more_fragments ? PK_FRAGMENT : PK_BAD_TCP_HEADER;
	offset = pk_bytes(v, pk->l4 + PK_TCP_OFFSET, copy, 1);
	if (!offset)
		return PK_TRUNCATED;
	tcp->header = (*offset >> 4) * 4;
	if (tcp->header < PK_TCP_HEADER)
		return PK_BAD_TCP_HEADER;
	if (tcp->header > pk->segment)
		return pk->more_fragments ? PK_FRAGMENT : PK_BAD_TCP_HEADER;

	return pk_load_some(v, pk->l4, tcp->bytes, tcp->header, PK_TCP_HEADER_MAX) ? PK_GO_ON : PK_TRUNCATED;
}

#endif
