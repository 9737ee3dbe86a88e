/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over the answers to SYNs with cookies (core/protect-syn.h, core/cookie.h, core/cookie-usual.h).
 *
 * Input: eight bytes that choose what is granted, the link type and what is done to the checksum, then the frame. Beside the sanitizers it
 * checks that only SYNs with a right or pending checksum are answered, that the answer is a SYN-ACK to it with right checksums that tells what
 * is granted and no more than what was offered, and that the short way comes to the same.
 */
#include "fuzz.h"

#include "protect/answer.h"

#define FRAME_MAX 4096
#define GROWTH 4 /* bytes: of a SYN without options */

enum seal { AS_IT_IS, RIGHT, PENDING };

struct input {
	struct pk_grant grant;
	uint32_t cookie, clock;
	enum pk_link link;
	enum seal seal;
	const uint8_t *frame;
	uint32_t len;
};

static bool take(struct input *in, const uint8_t *data, size_t size)
{
	if (size < 8 || size - 8 > FRAME_MAX)
		return false;
	in->grant.mss = pk_get16(data);
	in->grant.wscale = data[2] & 0x80 ? PK_NO_WSCALE : data[2] % (PK_MAX_WSCALE + 1);
	in->grant.offers = data[3] & (PK_OFFER_SACK | PK_OFFER_TIMESTAMPS | PK_OFFER_ECN);
	in->cookie = pk_get32(data + 2) * 2654435761u;
	in->clock = in->cookie ^ 0x5a5a5a5a;
	in->link = data[4] % (PK_LINK_PPPOE + 1);
	in->seal = data[5] % 3;
	in->frame = data + 8;
	in->len = size - 8;
	return true;
}

static void seal(uint8_t *frame, uint32_t len, const struct input *in)
{
	struct pk_view v = { .frame = frame, .len = len, .room = len };
	struct pk_packet pk;
	uint16_t pseudo;

	if (in->seal == AS_IT_IS || !is_syn(&v, in->link, &pk) || pk_measure_segment(&v, &pk) != PK_GO_ON ||
	    pk.segment < PK_TCP_HEADER)
		return;
	pk_pseudo_sum(&v, &pk, &pseudo);
	pk_put16(frame + pk.l4 + PK_TCP_CHECKSUM, 0);
	pk_put16(frame + pk.l4 + PK_TCP_CHECKSUM, in->seal == PENDING ? pseudo : (uint16_t)~answer_sum(frame, &pk));
}

static void check_answer(const struct input *in, const uint8_t *before, uint8_t *after, const struct answer *a)
{
	const struct pk_packet *syn = &a->pk;
	struct pk_view v = { .frame = after, .len = a->len, .room = a->len };
	uint32_t n = syn->family == PK_IPV4 ? 4 : 16, src = syn->family == PK_IPV4 ? 12 : 8;
	struct pk_packet pk = { 0 };
	struct pk_tcp tcp = { 0 };
	struct pk_offer told;
	uint8_t flags;

	check(pk_parse_link(&v, &pk, in->link) == PK_GO_ON && pk_parse_ip(&v, &pk) == PK_GO_ON &&
		      pk_parse_tcp(&v, &pk, &tcp) == PK_GO_ON,
	      "the answer cannot be parsed");
	check(pk.family == syn->family && pk.l3 == syn->l3, "the answer is of another kind");
	check(answer_sum(after, &pk) == 0xffff, "the answer's checksum");
	check(pk.family == PK_IPV6 || pk_sum_words(after + pk.l3, PK_IPV4_HEADER) == 0xffff,
	      "the answer's IPv4 checksum");
	check(!memcmp(after + pk.l3 + src, before + syn->l3 + src + n, n) &&
		      !memcmp(after + pk.l3 + src + n, before + syn->l3 + src, n),
	      "the answer's addresses");
	check(!memcmp(after + pk.l4, before + syn->l4 + 2, 2) && !memcmp(after + pk.l4 + 2, before + syn->l4, 2),
	      "the answer's ports");
	check(pk_get32(tcp.bytes + 4) == in->cookie && pk_get32(tcp.bytes + 8) == pk_get32(before + syn->l4 + 4) + 1,
	      "the answer's numbers");
	flags = tcp.bytes[PK_TCP_FLAGS];
	check((flags & ~PK_TCP_ECE) == (PK_TCP_SYN | PK_TCP_ACK) && pk_get16(tcp.bytes + 14) == PK_SYNACK_WINDOW,
	      "the answer's flags or window");
	check(tcp.header == pk.segment, "the answer has data");
	pk_offer_of(&tcp, &told);
	check(told.offers & PK_OFFER_MSS && told.mss == in->grant.mss, "the MSS that is told");
	check(!(told.offers & ~(a->offer.offers & in->grant.offers) & (PK_OFFER_SACK | PK_OFFER_TIMESTAMPS)),
	      "more is told than was offered");
	check(!(flags & PK_TCP_ECE) || a->offer.offers & in->grant.offers & PK_OFFER_ECN, "ECN that was not offered");
	check(told.wscale == PK_NO_WSCALE || (a->offer.wscale != PK_NO_WSCALE && told.wscale == in->grant.wscale),
	      "the window scale");
	if (!(told.offers & PK_OFFER_TIMESTAMPS)) {
		check(told.wscale == PK_NO_WSCALE && !(told.offers & PK_OFFER_SACK) && !(flags & PK_TCP_ECE),
		      "what no cookie can hold");
		return;
	}
	check((told.tsval & 15) == (told.wscale == PK_NO_WSCALE ? 15 : a->offer.wscale), "the cookie's window scale");
	check(!(told.tsval & 16) == !(told.offers & PK_OFFER_SACK) && !(told.tsval & 32) == !(flags & PK_TCP_ECE),
	      "the cookie's bits");
	check(told.tsval >> 6 == in->clock >> 6, "the cookie's time");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *frame, *again, *before;
	struct input in;
	struct answer a;

	if (!take(&in, data, size))
		return -1;
	/* Of just that size, so that the sanitizer sees what reaches over the end. */
	before = malloc(in.len + 1);
	frame = malloc(in.len + GROWTH + 1);
	again = malloc(in.len ? in.len : 1);
	memcpy(before, in.frame, in.len);
	seal(before, in.len, &in);
	memcpy(frame, before, in.len);
	memcpy(again, before, in.len);
	a = answer_long(frame, in.len, in.len + GROWTH, in.link, &in.grant, in.cookie, in.clock);
	if (a.reason == PK_PROTECT_ANSWERED) {
		check_answer(&in, before, frame, &a);
	} else {
		check(a.len == in.len && !memcmp(frame, before, in.len), "changed, but not answered");
		check(a.reason != PK_PROTECT_FAILED, "a SYN that can be answered was not");
	}
	if (answer_short(again, in.len, in.link, &in.grant, in.cookie, in.clock)) {
		check(a.reason == PK_PROTECT_ANSWERED, "answered the short way only");
		check(a.len == in.len && !memcmp(frame, again, in.len), "the short way comes to something else");
	} else {
		check(!memcmp(again, before, in.len), "the short way has changed what it does not know");
	}
	free(again);
	free(frame);
	free(before);
	return 0;
}
