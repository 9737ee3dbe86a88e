/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tm_clamp_frame() costs over frames in the cache: the loop with it less the loop with an empty function.
 */
#include "frames.h"
#include "prefixes.h"
#include "samples.h"

#include "lib/clamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAMES 64 /* with their sources, in one set */
#define PASSES 2000

typedef struct pk_result (*clamp_fn)(const struct tm_rules *, enum pk_link, uint8_t *, uint32_t *, uint32_t);

/* A set of frames and what runs over it. The frames are restored before each pass, in the floor too. */
struct load {
	clamp_fn clamp;
	const struct tm_rules *rules;
	const struct bench_frame *set;
	enum pk_reason reason; /* what each frame must come to; PK_GO_ON from the empty function */
};

static unsigned passes = PASSES;

static struct pk_result empty(const struct tm_rules *rules, enum pk_link link, uint8_t *buf, uint32_t *len,
			      uint32_t room)
{
	return (struct pk_result){ 0 };
}

static double run(void *arg)
{
	static struct bench_frame work[FRAMES];
	const struct load *l = arg;
	clamp_fn volatile clamp = l->clamp; /* not to be inlined */
	uint64_t wrong = 0;
	double start;

	memcpy(work, l->set, sizeof(work));
	start = bench_clock();
	for (unsigned pass = 0; pass < passes; pass++) {
		for (unsigned i = 0; l->set[0].mss_at && i < FRAMES; i++) {
			const struct bench_frame *f = &l->set[i];

			memcpy(work[i].bytes + f->mss_at, f->bytes + f->mss_at, 2);
			memcpy(work[i].bytes + f->tcp_at + PK_TCP_CHECKSUM, f->bytes + f->tcp_at + PK_TCP_CHECKSUM, 2);
		}
		for (unsigned i = 0; i < FRAMES; i++) {
			uint32_t len = work[i].len;

			wrong += clamp(l->rules, PK_LINK_ETHERNET, work[i].bytes, &len, sizeof(work[i].bytes)).reason !=
				 l->reason;
		}
	}
	return wrong ? -1 : (bench_clock() - start) / FRAMES / passes;
}

static void fill(struct bench_frame *set, int family, bool syn, const char *options, const struct tm_ruleset *sources)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		uint8_t address[16] = { family == 4 ? 198 : 0x20, family == 4 ? 18 : 1, 13, 0xb8 };

		address[15] = address[3] = i;
		if (sources)
			bench_prefix_address(sources, family, address);
		bench_frame(&set[i], family, syn, options, syn ? 0 : 32);
		bench_frame_source(&set[i], address);
	}
}

static struct tm_rules rules_of(struct tm_ruleset *set, uint16_t mss)
{
	struct tm_image image = { 0 };

	set->hooks[0].mss = mss;
	if (tm_image_build(&image, set))
		exit(1);
	return (struct tm_rules){ .image = tm_image_rules(&image) };
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name, *text, *options;
		bool syn;
		uint16_t mss;
		bool prefixes;
		enum pk_reason reason;
		double bar;
	} kinds[] = {
		{ "data", "not a SYN", BENCH_TS, false, 1300, false, PK_NOT_SYN, 3 },
		{ "within", "SYN, MSS first, within the limit", BENCH_LINUX, true, 1460, false, PK_WITHIN_LIMIT, 10 },
		{ "clamped", "SYN, MSS first, clamped", BENCH_LINUX, true, 1300, false, PK_CLAMPED, 10 },
		{ "walk", "SYN, MSS after a NOP, clamped", "01 020405b4 030307 0402 0101", true, 1300, false,
		  PK_CLAMPED, 0 },
		{ "prefixes", "SYN, MSS first, 100 000 prefixes, clamped", BENCH_LINUX, true, 1452, true, PK_CLAMPED,
		  0 },
	};
	enum { KINDS = sizeof(kinds) / sizeof(*kinds) };
	static struct bench_frame sets[KINDS][2][FRAMES];
	static struct tm_rules rules[KINDS];
	static struct load loads[KINDS * 2 * 2];
	static char names[KINDS * 2 * 2][32], texts[KINDS * 2 * 2][96];
	struct bench_case cases[KINDS * 2 * 2];
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 40, n = 0;
	struct tm_ruleset few = { 0 }, many = { 0 };

	if (argc > 2)
		passes = (unsigned)atoi(argv[2]);
	if (bench_prefixes(&many))
		return 1;
	bench_pin();
	bench_title("Core in user space: tm_clamp_frame(), against a call of an empty function");
	for (unsigned k = 0; k < KINDS; k++) {
		rules[k] = rules_of(kinds[k].prefixes ? &many : &few, kinds[k].mss);
		for (int family = 4; family <= 6; family += 2) {
			struct bench_frame *set = sets[k][family == 6];

			fill(set, family, kinds[k].syn, kinds[k].options, kinds[k].prefixes ? &many : NULL);
			for (int is_floor = 1; is_floor >= 0; is_floor--, n++) {
				loads[n] = (struct load){ is_floor ? empty : tm_clamp_frame, &rules[k], set,
							  is_floor ? PK_GO_ON : kinds[k].reason };
				snprintf(names[n], sizeof(names[n]), "core-%s%d%s", kinds[k].name, family,
					 is_floor ? "-floor" : "");
				snprintf(texts[n], sizeof(texts[n]), "%s%s, IPv%d", is_floor ? "floor: " : "",
					 kinds[k].text, family);
				cases[n] = (struct bench_case){ names[n],
								is_floor ? NULL : names[n - 1],
								is_floor ? 0 : kinds[k].bar,
								texts[n],
								run,
								&loads[n] };
			}
		}
	}
	return bench_rounds(cases, n, rounds) ? 1 : 0;
}
