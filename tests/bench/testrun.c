/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the BPF programs cost one packet: BPF_PROG_TEST_RUN, many repetitions of one frame, against an empty program on the
 * same hook.
 *
 * The repetitions share a buffer, so the shipped program finds the MSS clamped from the second one on: that measures SYNs
 * within the limit. For SYNs that are clamped each time, a program of our own (run_*.bpf.c) puts the frame back behind the
 * same clamp, and the floor does only that.
 */
#include "edit.h"
#include "frames.h"
#include "prefixes.h"
#include "samples.h"

#include "core/tcp.h"
#include "io/bpf/program.h"
#include "lib/clamp.h"

#include "run_tc.skel.h"
#include "run_tc_learn.skel.h"
#include "run_xdp.skel.h"
#include "run_xdp_learn.skel.h"

#include <bpf/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static unsigned repeat = 200000;
static struct tm_ruleset many;

enum { EMPTY, SHIPPED, RESTORE, CLAMP, PROGRAMS }; /* SHIPPED: of bpf/; the others of run_*.bpf.c */
/* WATCHED: as CLAMPED, with far more events than are told; LEARNING: as WITHIN, with nothing learned yet; REACTING: while a flow is watched */
enum { WITHIN, CLAMPED, PREFIXES, WATCHED, LEARNING, LEARNED, REACTING, RULES };

#define LEARNED_PATHS 1000000 /* half of each family */

#define NOP_FIRST "01 020405b4 030307 0402 0101"
#define UNUSUAL "020405b4 fd06 01020304 030307 0402 01"
#define WORST "0101010101010101010101010101010101010101010101010101010101010101 01010101 020405b4"

/* What is measured, on each hook and for both families. */
static const struct row {
	const char *name, *floor, *options; /* no options: not a SYN */
	int program, rules;
	bool random; /* another source address each time */
	enum pk_reason reason; /* what the clamp makes of it; PK_GO_ON for a floor */
	double bar_xdp, bar_tc;
	const char *text;
} rows[] = {
	{ "empty", NULL, NULL, EMPTY, WITHIN, false, PK_GO_ON, 0, 0, "an empty program" },
	{ "data", "empty", NULL, SHIPPED, WITHIN, false, PK_NOT_SYN, 3, 6, "not a SYN" },
	{ "within", "empty", BENCH_LINUX, SHIPPED, WITHIN, false, PK_WITHIN_LIMIT, 15, 15,
	  "SYN within the limit, MSS first" },
	{ "nop", "empty", NOP_FIRST, SHIPPED, WITHIN, false, PK_WITHIN_LIMIT, 50, 50,
	  "SYN within the limit, MSS at an odd place" },
	{ "unusual", "empty", UNUSUAL, SHIPPED, WITHIN, false, PK_WITHIN_LIMIT, 50, 50,
	  "SYN within the limit, unusual options" },
	{ "worst", "empty", WORST, SHIPPED, WITHIN, false, PK_WITHIN_LIMIT, 50, 50,
	  "SYN within the limit, MSS behind 36 NOPs" },

	{ "restore", NULL, BENCH_LINUX, RESTORE, CLAMPED, false, PK_GO_ON, 0, 0, "the frame is restored" },
	{ "clamped", "restore", BENCH_LINUX, CLAMP, CLAMPED, false, PK_CLAMPED, 15, 15, "SYN clamped, MSS first" },
	{ "restore-nop", NULL, NOP_FIRST, RESTORE, CLAMPED, false, PK_GO_ON, 0, 0, "the frame is restored, odd place" },
	{ "clamped-nop", "restore-nop", NOP_FIRST, CLAMP, CLAMPED, false, PK_CLAMPED, 50, 50,
	  "SYN clamped, MSS at an odd place" },

	{ "watched", "clamped", BENCH_LINUX, CLAMP, WATCHED, false, PK_CLAMPED, 0, 0, "over 'SYN clamped': a flood that is watched" },
	{ "watched-nop", "clamped-nop", NOP_FIRST, CLAMP, WATCHED, false, PK_CLAMPED, 0, 0, "the same at an odd place" },

	{ "prefix", "within", BENCH_LINUX, SHIPPED, PREFIXES, false, PK_WITHIN_LIMIT, 20, 20,
	  "over 'SYN within': 100 000 prefixes" },
	{ "random", NULL, BENCH_LINUX, CLAMP, CLAMPED, true, PK_CLAMPED, 0, 0, "SYN clamped, random sources" },
	{ "random-prefix", "random", BENCH_LINUX, CLAMP, PREFIXES, true, PK_CLAMPED, 20, 20,
	  "100 000 prefixes, random sources" },

	{ "learn-data", "data", NULL, SHIPPED, LEARNING, false, PK_NOT_SYN, 0.5, 0.5, "over 'not a SYN': learning" },
	{ "reacting-data", "data", NULL, SHIPPED, REACTING, false, PK_NOT_SYN, 0, 0,
	  "over 'not a SYN': while another flow is watched" },
	{ "learning", "within", BENCH_LINUX, SHIPPED, LEARNING, false, PK_WITHIN_LIMIT, 20, 20,
	  "over 'SYN within': learning, nothing learned" },
	{ "learned", "within", BENCH_LINUX, SHIPPED, LEARNED, false, PK_WITHIN_LIMIT, 20, 20,
	  "over 'SYN within': a million paths" },
	{ "random-learned", "random", BENCH_LINUX, CLAMP, LEARNED, true, PK_CLAMPED, 20, 20,
	  "a million paths, random sources" },
};
enum { ROWS = sizeof(rows) / sizeof(*rows), MAX_CASES = ROWS * 2 * 2 };

/* What is loaded with one set of rules. */
struct programs {
	struct io_maps maps;
	struct io_learn_maps learn;
	struct io_program shipped;
	int fd[PROGRAMS];
	struct bench_edit *edit;
};

struct load {
	const struct row *row;
	const struct programs *programs;
	uint32_t source_len;
	struct bench_frame frame;
};

static void fail(const struct tm_error *e, const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, e ? e->text : strerror(errno));
	exit(1);
}

static uint64_t counted(const struct programs *p, const struct bench_frame *f, enum pk_reason reason)
{
	struct tm_bpf_counters c[64];
	enum pk_family family = f->bytes[f->ip_at] >> 4 == 4 ? PK_IPV4 : PK_IPV6;
	__u32 key = TM_IN;
	uint64_t n = 0;

	if (libbpf_num_possible_cpus() > 64 || bpf_map_lookup_elem(p->maps.counters, &key, c))
		fail(NULL, "counters");
	for (int cpu = 0; cpu < libbpf_num_possible_cpus(); cpu++)
		n += c[cpu].by_reason[family][reason].packets;
	return n;
}

static void edit(const struct load *l)
{
	const struct bench_frame *f = &l->frame;

	*l->programs->edit = (struct bench_edit){
		.mss_at = f->mss_at,
		.sum_at = f->tcp_at + PK_TCP_CHECKSUM,
		.source_at = f->ip_at + (l->source_len == 4 ? 12 : 8),
		.source_len = l->source_len,
	};
	memcpy(&l->programs->edit->mss, f->bytes + f->mss_at, 2);
	memcpy(&l->programs->edit->sum, f->bytes + f->tcp_at + PK_TCP_CHECKSUM, 2);
}

static double run(void *arg)
{
	const struct load *l = arg;
	const struct bench_frame *f = &l->frame;
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = f->bytes, .data_size_in = f->len, .repeat = (int)repeat);
	uint64_t before = counted(l->programs, f, l->row->reason);
	double start, end;

	edit(l);
	start = bench_clock();
	if (bpf_prog_test_run_opts(l->programs->fd[l->row->program], &opts))
		return -1;
	end = bench_clock();
	if (l->row->reason && counted(l->programs, f, l->row->reason) - before < repeat - repeat / 100 - 1)
		return -1; /* not what was to be measured */
	return (end - start) / repeat;
}

/* Loads NAME.bpf.c into P. */
#define LOAD_OWN(name, p)                                                       \
	({                                                                      \
		struct name *s_ = name##__open();                               \
		if (!s_)                                                        \
			fail(NULL, #name);                                      \
		s_->rodata->tm_config.link = PK_LINK_ETHERNET;                  \
		s_->rodata->tm_config.image_words = (p)->maps.image_words;      \
		bpf_map__reuse_fd(s_->maps.tm_rules, (p)->maps.rules);          \
		bpf_map__reuse_fd(s_->maps.tm_counters, (p)->maps.counters);    \
		use_learn_maps(s_->obj, (struct tm_bpf_config *)&s_->rodata->tm_config, p); \
		if (name##__load(s_))                                           \
			fail(NULL, #name);                                      \
		(p)->fd[EMPTY] = bpf_program__fd(s_->progs.bench_empty);        \
		(p)->fd[RESTORE] = bpf_program__fd(s_->progs.bench_floor);      \
		(p)->fd[CLAMP] = bpf_program__fd(s_->progs.bench_clamp);        \
		(p)->edit = &s_->bss->bench_edit;                               \
		draw_sources(s_->bss->bench_sources4, s_->bss->bench_sources6); \
	})

static void use_learn_maps(struct bpf_object *object, struct tm_bpf_config *config, const struct programs *p)
{
	if (!p->maps.learning.maps)
		return;
	config->learned_lines = p->learn.lines;
	bpf_map__reuse_fd(bpf_object__find_map_by_name(object, "tm_learned"), p->learn.learned);
	bpf_map__reuse_fd(bpf_object__find_map_by_name(object, ".data.learn"), p->learn.state);
}

static uint8_t drawn4[BENCH_SOURCES][4], drawn6[BENCH_SOURCES][16]; /* sources in turn */
static uint8_t one4[16], one6[16]; /* the source of what has one */

static void draw_once(void)
{
	for (unsigned i = 0; i < BENCH_SOURCES; i++) {
		uint8_t address[16];

		bench_prefix_address(&many, 4, address);
		memcpy(drawn4[i], address, 4);
		bench_prefix_address(&many, 6, drawn6[i]);
	}
	bench_prefix_address(&many, 4, one4);
	bench_prefix_address(&many, 6, one6);
}

static void draw_sources(uint8_t (*sources4)[4], uint8_t (*sources6)[16])
{
	memcpy(sources4, drawn4, sizeof(drawn4));
	memcpy(sources6, drawn6, sizeof(drawn6));
}

static void learn(struct tm_learned *t, int family, const uint8_t *address)
{
	struct tm_learned_path path = { .ipv6 = family == 6 };

	memcpy(path.address, address, family == 4 ? 4 : 16);
	if (tm_learned_set(t, &path, &(struct tm_learned_value){ .mtu = 1300, .until = TM_LEARNED_ALWAYS }))
		fail(NULL, "no room for a path");
}

/* A table of learned paths: first those that are asked for, then others. */
static void open_learning(struct programs *p, unsigned count)
{
	const uint64_t seed[2] = { 1, 2 };
	struct tm_learned t;
	struct tm_error e;
	uint8_t address[16];
	size_t size;
	void *memory;

	if (io_learn_maps_create(&p->learn, LEARNED_PATHS, &e))
		fail(&e, "maps");
	memory = io_learn_maps_table(p->learn.learned, PROT_READ | PROT_WRITE, &size, &e);
	if (!memory || tm_learned_open(&t, memory, size, seed, false))
		fail(&e, "the table of paths");
	tm_learned_lease(&t, UINT64_MAX, 0);
	for (unsigned i = 0; count && i < BENCH_SOURCES; i++) {
		learn(&t, 4, drawn4[i]);
		learn(&t, 6, drawn6[i]);
	}
	if (count) {
		learn(&t, 4, one4);
		learn(&t, 6, one6);
	}
	for (unsigned i = 0; tm_learned_count(&t) < count; i++) {
		bench_prefix_address(&many, 4 + 2 * (i & 1), address);
		learn(&t, 4 + 2 * (i & 1), address);
	}
	munmap(memory, size);
	p->maps.learning = (struct io_learning){ .maps = &p->learn };
}

/* `learned`: how many paths; negative: does not learn. */
static void load(struct programs *p, enum io_mode mode, struct tm_ruleset *set, uint16_t mss, int learned)
{
	struct tm_image image;
	struct tm_error e = { 0 };

	set->hooks[0].mss = mss;
	if (tm_image_build(&image, set))
		fail(NULL, "rules");
	if (io_maps_create(&p->maps, &image, &e))
		fail(&e, "maps");
	if (learned >= 0)
		open_learning(p, (unsigned)learned);
	if (io_program_open(&p->shipped, mode, 1 << TM_IN, PK_LINK_ETHERNET, &p->maps, &e) ||
	    io_program_load(&p->shipped, &e))
		fail(&e, "loading");
	tm_image_free(&image);
	p->fd[SHIPPED] = io_program_fd(&p->shipped, TM_IN);
	if (mode == IO_XDP && learned >= 0)
		LOAD_OWN(run_xdp_learn, p);
	else if (mode == IO_XDP)
		LOAD_OWN(run_xdp, p);
	else if (learned >= 0)
		LOAD_OWN(run_tc_learn, p);
	else
		LOAD_OWN(run_tc, p);
}

static void note_verifier(enum io_mode mode, int fd)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);

	if (!bpf_obj_get_info_by_fd(fd, &info, &len))
		printf("note\t%s: the verifier went through %u instructions, the kernel's code is %u bytes\n", io_mode_name(mode),
		       info.verified_insns, info.jited_prog_len);
}

static void measure(enum io_mode mode, unsigned rounds)
{
	static struct programs programs[RULES];
	static struct load loads[MAX_CASES];
	static char names[MAX_CASES][40], texts[MAX_CASES][100];
	struct bench_case cases[MAX_CASES];
	struct tm_ruleset none = { 0 };
	struct tm_learn_state *state;
	struct tm_error e;
	unsigned n = 0;

	load(&programs[WITHIN], mode, &none, BENCH_MSS, -1);
	load(&programs[CLAMPED], mode, &none, BENCH_MSS - 160, -1);
	load(&programs[PREFIXES], mode, &many, 0, -1);
	load(&programs[WATCHED], mode, &none, BENCH_MSS - 160, -1);
	load(&programs[LEARNING], mode, &none, BENCH_MSS, 0);
	load(&programs[REACTING], mode, &none, BENCH_MSS, 0);
	state = io_learn_maps_state(programs[REACTING].learn.state, &e);
	if (!state)
		fail(&e, "state");
	state->until = UINT64_MAX;
	state->watching = 1;
	load(&programs[LEARNED], mode, &none, 0, LEARNED_PATHS);
	if (io_maps_watch(&programs[WATCHED].maps, 1u << PK_CLAMPED, UINT64_MAX, &e))
		fail(&e, "watching");
	for (int family = 4; family <= 6; family += 2) {
		unsigned first = n;

		for (const struct row *row = rows; row < rows + ROWS; row++, n++) {
			struct bench_frame *f = &loads[n].frame;

			loads[n] = (struct load){ row, &programs[row->rules], row->random ? family == 4 ? 4 : 16 : 0 };
			bench_frame(f, family, row->options, row->options ? row->options : BENCH_TS,
				    row->options ? 0 : 32);
			bench_frame_source(f, family == 4 ? one4 : one6);
			snprintf(names[n], sizeof(names[n]), "%s-%s%d", io_mode_name(mode), row->name, family);
			snprintf(texts[n], sizeof(texts[n]), "IPv%d %s%s", family,
				 row->floor ? "" : "floor: ", row->text);
			cases[n] =
				(struct bench_case){ .name = names[n], .text = texts[n], .run = run, .arg = &loads[n] };
			cases[n].bar = mode == IO_XDP ? row->bar_xdp : row->bar_tc;
			for (unsigned i = first; row->floor && i < n; i++)
				if (!strcmp(loads[i].row->name, row->floor))
					cases[n].floor = names[i];
		}
	}
	note_verifier(mode, programs[WITHIN].fd[SHIPPED]);
	bench_title(mode == IO_XDP ? "BPF_PROG_TEST_RUN, XDP" : "BPF_PROG_TEST_RUN, tc");
	if (bench_rounds(cases, n, rounds))
		exit(1);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 20;

	if (argc > 2)
		repeat = (unsigned)atoi(argv[2]);
	if (bench_prefixes(&many))
		return 1;
	draw_once();
	io_bpf_verbose(false);
	bench_pin();
	measure(IO_XDP, rounds);
	measure(IO_TC, rounds);
	return 0;
}
