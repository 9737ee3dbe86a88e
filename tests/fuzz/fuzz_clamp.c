/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over tm_clamp_frame().
 *
 * Input: four bytes that choose the limits, the link type and what is done to the checksum, then the frame. Beside the sanitizers it
 * checks what clamp.md promises of every frame: nothing changes but MSS values, the checksum and what an insertion moves; the
 * checksum stays as right or as wrong as it was; a second run finds nothing left to do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clamp.h"
#include "lib/options.h"
#include "lib/report/stats.h"

#define FRAME_MAX 4096
#define GROWTH 4

static const struct {
	uint16_t mss, mtu;
	const char *prefixes; /* separated by blanks */
} limits[] = {
	{ 1400, 0, "" },
	{ 32, 0, "" },
	{ 255, 0, "" },
	{ 536, 0, "" },
	{ 65495, 0, "" },
	{ 0, 72, "" },
	{ 0, 1492, "" },
	{ 0, 65535, "" },
	{ 0, 0, "" },
	{ 0, 0, "0.0.0.0/0=576 ::/0=1280" },
	{ 0, 0, "192.0.2.0/24=1300 198.51.100.0/25=500 2001:db8::/32=1400 2001:db8:1::/48=1300" },
	{ 1219, 1300, "192.0.2.1=100 2001:db8::1=1290 10.0.0.0/8=1400" },
};

#define LIMITS (sizeof(limits) / sizeof(*limits))

static struct tm_image images[LIMITS][4]; /* by enum pk_hook_flags: allow-increase, add-missing */

enum seal { AS_IT_IS, RIGHT, PENDING };

struct input {
	const struct tm_image *image;
	enum pk_link link;
	enum seal seal;
	uint32_t room; /* behind the frame */
	const uint8_t *frame;
	uint32_t len;
};

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void __attribute__((noreturn)) broken(const char *what, const struct pk_result *r)
{
	fprintf(stderr, "broken: %s (reason %s, also %#x%s)\n", what, tm_reason_name(r->reason), r->also,
		r->changed ? ", changed" : "");
	abort();
}

static void require(bool good, const char *what, const struct pk_result *r)
{
	if (!good)
		broken(what, r);
}

static void compile(struct tm_image *image, unsigned which, unsigned flags)
{
	struct tm_options o = { .hook = { .mss = limits[which].mss, .mtu = limits[which].mtu, .flags = flags } };
	char *copy = strdup(limits[which].prefixes), *save = NULL;
	struct tm_error e;

	for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (tm_options_take(&o, TM_OPT_PREFIX, word, &e))
			abort();
	o.set.hooks[0] = o.hook;
	if (tm_image_build(image, &o.set))
		abort();
	tm_options_free(&o);
	free(copy);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	for (unsigned i = 0; i < LIMITS; i++)
		for (unsigned flags = 0; flags < 4; flags++)
			compile(&images[i][flags], i, flags * PK_HOOK_ALLOW_INCREASE);
	return 0;
}

static bool take(struct input *in, const uint8_t *data, size_t size)
{
	if (size < 4 || size - 4 > FRAME_MAX)
		return false;
	in->image = &images[data[0] % LIMITS][data[1] & 3];
	in->link = data[2] % (PK_LINK_PPPOE + 1);
	in->seal = data[3] % 3;
	in->room = data[3] & 0x80 ? 0 : GROWTH;
	in->frame = data + 4;
	in->len = size - 4;
	return true;
}

/* ---- what the harness knows of the packet */

static uint32_t sum_bytes(const uint8_t *p, uint32_t n, uint32_t sum)
{
	for (uint32_t i = 0; i < n; i++) {
		sum += i & 1 ? p[i] : p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

static uint32_t pseudo_sum(const uint8_t *frame, const struct pk_packet *pk, uint32_t segment)
{
	uint32_t src = pk->l3 + (pk->family == PK_IPV4 ? 12 : 8), n = pk->family == PK_IPV4 ? 4 : 16;
	uint8_t tail[4] = { segment >> 8, segment & 0xff, 0, PK_PROTO_TCP };

	return sum_bytes(tail, 4, sum_bytes(frame + pk->pseudo_dst, n, sum_bytes(frame + src, n, 0)));
}

/* 0xffff where the checksum is right; always congruent to how wrong it is. */
static uint32_t segment_sum(const uint8_t *frame, const struct pk_packet *pk, uint32_t segment)
{
	return sum_bytes(frame + pk->l4, segment, pseudo_sum(frame, pk, segment));
}

/* True for a SYN whose segment lies within the frame. */
static bool parse(const uint8_t *frame, uint32_t len, enum pk_link link, struct pk_packet *pk)
{
	struct pk_view v = { .frame = (uint8_t *)frame, .len = len, .room = len };

	*pk = (struct pk_packet){ 0 };
	return pk_parse_frame(&v, link, pk) == PK_GO_ON && pk_measure_segment(&v, pk) == PK_GO_ON &&
	       pk->segment >= PK_TCP_HEADER;
}

/* Random bytes hardly ever have a right checksum. */
static void seal(uint8_t *frame, const struct pk_packet *pk, enum seal how)
{
	uint8_t *field = frame + pk->l4 + PK_TCP_CHECKSUM;

	if (how == AS_IT_IS)
		return;
	pk_put16(field, 0);
	if (how == PENDING)
		pk_put16(field, pseudo_sum(frame, pk, pk->segment));
	else
		pk_put16(field, ~segment_sum(frame, pk, pk->segment));
}

/* ---- what must hold */

/* Where the options of a kind begin, of those the walk reaches: bits by offset in the TCP header. *whole: it reached the end. */
static uint64_t options_of(const uint8_t *tcp, uint8_t kind, bool *whole)
{
	uint32_t end = (tcp[PK_TCP_OFFSET] >> 4) * 4;
	uint64_t at = 0;

	*whole = true;
	for (uint32_t i = PK_TCP_HEADER; i < end && tcp[i] != PK_OPT_END;) {
		if (tcp[i] == PK_OPT_NOP) {
			i++;
			continue;
		}
		if (i + 1 >= end || tcp[i + 1] < 2 || i + tcp[i + 1] > end ||
		    (tcp[i] == PK_OPT_MSS && tcp[i + 1] != 4)) {
			*whole = false;
			break;
		}
		if (tcp[i] == kind)
			at |= 1ull << i;
		i += tcp[i + 1];
	}
	return at;
}

/* Changed options hold the limit, others are not above it; nothing else has changed but the checksum. */
static void check_in_place(const struct input *in, const uint8_t *before, const uint8_t *after,
			   const struct pk_packet *pk, const struct pk_result *r)
{
	const uint8_t *old = before + pk->l4, *new = after + pk->l4;
	bool whole;
	uint64_t options = options_of(old, PK_OPT_MSS, &whole);
	uint16_t limit = 0, lowest = 0xffff;
	bool lowered = false, raised = false;
	uint8_t expected[FRAME_MAX];

	memcpy(expected, before, in->len);
	memcpy(expected + pk->l4 + PK_TCP_CHECKSUM, new + PK_TCP_CHECKSUM, 2);
	for (uint32_t i = 0; i < 64; i++) {
		uint16_t was, is;

		if (!(options >> i & 1))
			continue;
		was = pk_get16(old + i + 2);
		is = pk_get16(new + i + 2);
		lowered |= is < was;
		raised |= is > was;
		if (is != was) {
			require(!limit || limit == is, "two limits", r);
			limit = is;
		}
		if (is < lowest)
			lowest = is;
		memcpy(expected + pk->l4 + i + 2, new + i + 2, 2);
	}
	require(!memcmp(expected, after, in->len), "a byte that is no MSS and no checksum has changed", r);
	require(whole == !(r->also & 1u << PK_MALFORMED_OPTIONS), "malformed or not", r);
	require(!options_of(old, PK_OPT_AO, &whole), "changed under TCP-AO", r);
	require(lowered || raised, "told to be changed, but no MSS has", r);
	require(raised == (r->reason == PK_RAISED), "raised or not", r);
	for (uint32_t i = 0; i < 64; i++)
		if (options >> i & 1)
			require(pk_get16(new + i + 2) <= limit, "an MSS above the limit is left", r);
	if (r->also & 1u << PK_CHECKSUM_PARTIAL)
		require(!memcmp(old + PK_TCP_CHECKSUM, new + PK_TCP_CHECKSUM, 2), "an offloaded checksum has changed",
			r);
	else
		require(segment_sum(before, pk, pk->segment) % 0xffff == segment_sum(after, pk, pk->segment) % 0xffff,
			"the checksum is not as right or wrong as it was", r);
}

static void grow16(uint8_t *field)
{
	if (pk_get16(field))
		pk_put16(field, pk_get16(field) + GROWTH);
}

/* An option behind the base header, lengths that follow it, the rest moved up. */
static void check_added(const struct input *in, const uint8_t *before, const uint8_t *after, uint32_t len,
			const struct pk_packet *pk, const struct pk_result *r)
{
	uint32_t at = pk->l4 + PK_TCP_HEADER, total = pk->l3 + (pk->family == PK_IPV4 ? 2 : 4);
	uint8_t expected[FRAME_MAX + GROWTH];
	const uint8_t *tcp = before + pk->l4;
	uint32_t was, is;
	bool whole;

	require(!pk->more_fragments && pk->segment == (tcp[PK_TCP_OFFSET] >> 4) * 4,
		"added beside payload or to a fragment", r);
	require(!options_of(tcp, PK_OPT_MSS, &whole) && whole, "added beside an MSS or to a malformed list", r);
	require(!options_of(tcp, PK_OPT_MD5, &whole) && !options_of(tcp, PK_OPT_AO, &whole), "added to a signed packet",
		r);
	require(len == in->len + GROWTH, "added, but not longer by four", r);
	memcpy(expected, before, at);
	memcpy(expected + at + GROWTH, before + at, in->len - at);
	expected[at] = PK_OPT_MSS;
	expected[at + 1] = PK_OPT_MSS_LEN;
	memcpy(expected + at + 2, after + at + 2, 2);
	expected[pk->l4 + PK_TCP_OFFSET] += 1 << 4;
	memcpy(expected + pk->l4 + PK_TCP_CHECKSUM, after + pk->l4 + PK_TCP_CHECKSUM, 2);
	grow16(expected + total);
	if (pk->pppoe_length)
		grow16(expected + pk->pppoe_length);
	if (pk->family == PK_IPV4) {
		uint32_t ihl = (before[pk->l3] & 15) * 4;

		memcpy(expected + pk->l3 + 10, after + pk->l3 + 10, 2);
		require(sum_bytes(before + pk->l3, ihl, 0) % 0xffff == sum_bytes(after + pk->l3, ihl, 0) % 0xffff,
			"the IPv4 checksum is not as right or wrong as it was", r);
	}
	require(!memcmp(expected, after, len), "more has changed than an insertion does", r);
	require(pk_get16(after + at + 2) < (pk->family == PK_IPV4 ? 536 : 1220), "added though the default is smaller",
		r);
	was = segment_sum(before, pk, pk->segment);
	is = segment_sum(after, pk, pk->segment + GROWTH);
	if (r->also & 1u << PK_CHECKSUM_PARTIAL) {
		was = pk_get16(before + pk->l4 + PK_TCP_CHECKSUM) + GROWTH;
		is = pk_get16(after + pk->l4 + PK_TCP_CHECKSUM);
	}
	require(was % 0xffff == is % 0xffff, "the checksum is not as right or wrong as it was", r);
}

static void check_result(const struct input *in, const struct pk_result *r)
{
	bool edited = r->reason == PK_CLAMPED || r->reason == PK_RAISED || r->reason == PK_ADDED;
	const struct pk_hook *hook = &tm_image_head(in->image)->hooks[0];

	require(r->reason > PK_GO_ON && r->reason < PK_REASON_COUNT, "no reason", r);
	require(r->reason != PK_CHECKSUM_PARTIAL, "checksum-partial stands only beside another", r);
	require(r->changed == edited, "changed or not does not go with the reason", r);
	require(!(r->also & ~(1u << PK_CHECKSUM_PARTIAL | 1u << PK_MALFORMED_OPTIONS)), "an unknown second reason", r);
	require(!r->also || r->changed, "a second reason for a packet that is the same", r);
	require(r->reason != PK_RAISED || (hook->mss && hook->flags & PK_HOOK_ALLOW_INCREASE), "raised without leave",
		r);
	require(r->reason != PK_ADDED || (hook->flags & PK_HOOK_ADD_MISSING && in->room >= GROWTH),
		"added without leave or room", r);
}

/* What was clamped is within the limit now, and nothing else is found in it. */
static void check_again(const struct input *in, uint8_t *frame, uint32_t len, uint32_t room,
			const struct pk_result *first)
{
	struct tm_rules rules = { .image = tm_image_rules(in->image) };
	uint32_t again = len;
	uint8_t *before = malloc(len + 1);
	struct pk_result r;

	memcpy(before, frame, len);
	r = tm_clamp_frame(&rules, in->link, frame, &again, room);
	require(!r.changed && again == len && !memcmp(before, frame, len), "a second run changes it again", &r);
	if (!first->changed)
		require(r.reason == first->reason && r.also == first->also, "a second run has another reason", &r);
	else if (first->also & 1u << PK_MALFORMED_OPTIONS)
		require(r.reason == PK_MALFORMED_OPTIONS, "the malformed list is forgotten", &r);
	else
		require(r.reason == PK_WITHIN_LIMIT, "changed, but not within the limit then", &r);
	free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t before[FRAME_MAX] = { 0 }, *frame;
	struct tm_rules rules;
	struct pk_packet pk;
	struct pk_result r;
	struct input in;
	uint32_t len;
	bool syn;

	if (!take(&in, data, size))
		return -1;
	memcpy(before, in.frame, in.len);
	syn = parse(before, in.len, in.link, &pk);
	if (syn)
		seal(before, &pk, in.seal);
	/* exactly as large as it is said to be, for the sanitizer to see */
	frame = malloc(in.len + in.room ? in.len + in.room : 1);
	memcpy(frame, before, in.len);
	len = in.len;
	rules = (struct tm_rules){ .image = tm_image_rules(in.image) };
	r = tm_clamp_frame(&rules, in.link, frame, &len, in.len + in.room);

	check_result(&in, &r);
	if (!r.changed) {
		require(len == in.len && !memcmp(frame, before, len), "told to be the same, but is not", &r);
	} else {
		require(syn && r.syn, "changed, but no SYN", &r);
		if (in.seal == PENDING && !pk.more_fragments && segment_sum(before, &pk, pk.segment) % 0xffff)
			require(r.also & 1u << PK_CHECKSUM_PARTIAL, "an offloaded checksum is not seen", &r);
		if (in.seal == RIGHT)
			require(!(r.also & 1u << PK_CHECKSUM_PARTIAL), "a right checksum is taken for an offloaded one",
				&r);
		if (r.reason == PK_ADDED)
			check_added(&in, before, frame, len, &pk, &r);
		else
			check_in_place(&in, before, frame, &pk, &r);
	}
	check_again(&in, frame, len, in.len + in.room, &r);
	free(frame);
	return 0;
}
