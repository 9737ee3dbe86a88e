/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over the judgement of a packet-too-big message's bytes. The input is a packet from its IP header on; its
 * checksums are made right first where the first byte of the input says so, as no fuzzer guesses them.
 *
 * Beside the sanitizers it checks that what is not refused keeps the rules, whatever the parser thought of it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/pmtu/ptb.h"
#include "lib/pmtu/refusal.h"

static uint32_t sum(const uint8_t *p, size_t n)
{
	uint32_t s = 0;

	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : p[i] << 8;
	return s;
}

/* Of plain headers; all other packets stay as they are. */
static void make_right(uint8_t *p, size_t size)
{
	if (size >= 28 && p[0] == 0x45) {
		size_t total = p[2] << 8 | p[3];

		if (total < 28 || total > size)
			return;
		p[10] = p[11] = p[22] = p[23] = 0;
		pk_put16(p + 10, ~pk_fold(sum(p, 20)));
		pk_put16(p + 22, ~pk_fold(sum(p + 20, total - 20)));
	} else if (size >= 48 && p[0] >> 4 == 6) {
		size_t payload = p[4] << 8 | p[5];

		if (payload < 8 || payload + 40 > size)
			return;
		p[42] = p[43] = 0;
		pk_put16(p + 42, ~pk_fold(pk_fold(sum(p + 40, payload)) + sum(p + 8, 32) + 58 + payload));
	}
}

static void check_believable(const uint8_t *p, size_t size, const struct tm_ptb *ptb)
{
	const struct pk_quote *q = &ptb->quote;
	bool ipv6 = p[0] >> 4 == 6;
	size_t n = ipv6 ? 16 : 4;

	check(size >= (ipv6 ? 96 : 56), "less than two headers and 16 bytes");
	check(q->flow.family == (ipv6 ? PK_IPV6 : PK_IPV4), "another family");
	check(q->length > q->mtu, "a quote that fits");
	check(ipv6 ? q->mtu >= 1280 : q->mtu == 0 || q->mtu >= 68, "an MTU below the minimum");
	check(q->df, "a quote without DF");
	check(q->header >= 20 && q->header <= 60 && q->header % 4 == 0, "an impossible header");
	check(!memcmp(ptb->reporter, p + (ipv6 ? 8 : 12), n), "another reporter");
	check(!q->flow.pad[0] && !q->flow.pad[1] && !q->flow.pad[2], "a key with bytes unset");
	for (size_t i = n; i < 16; i++)
		check(!q->flow.src[i] && !q->flow.dst[i] && !ptb->reporter[i], "bytes behind an IPv4 address");
	check(q->payload < q->length, "more payload than packet");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *packet = malloc(size ? size : 1); /* the sanitizer watches its end */
	enum pk_refusal refusal;
	struct tm_ptb ptb;

	if (size) {
		memcpy(packet, data + 1, --size);
		if (data[0] & 1)
			make_right(packet, size);
	}
	packet = realloc(packet, size ? size : 1);
	refusal = tm_ptb_parse(packet, size, &ptb);
	check(refusal < PK_REFUSAL_COUNT && (!refusal || *tm_refusal_name(refusal)), "no name for a refusal");
	if (refusal == PK_NOT_REFUSED)
		check_believable(packet, size, &ptb);
	else if (refusal < PK_REFUSED_NOT_TO_SENDER)
		check(!ptb.quote.flow.family && !ptb.quote.length, "a quote that was not read");
	free(packet);
	return 0;
}
