/* SPDX-License-Identifier: BSD-2-Clause */
#include "backend.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/report/event-frame.h"

/* How the programs of each kind are opened, and what they answer to every frame. */
static const struct {
	const char *name;
	enum io_mode mode;
	uint32_t verdict;
} kinds[] = {
	[BACKEND_USER] = { "user" },
	[BACKEND_XDP] = { "xdp", IO_XDP, XDP_PASS },
	[BACKEND_TC] = { "tc", IO_TC, TC_ACT_UNSPEC },
	[BACKEND_WIRE_XDP] = { "wire-xdp", IO_WIRE_XDP, XDP_REDIRECT },
	[BACKEND_WIRE_TC] = { "wire-tc", IO_WIRE_TC, TC_ACT_REDIRECT },
};

bool backend_kind_find(const char *name, enum backend_kind *kind)
{
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (!strcmp(kinds[i].name, name)) {
			*kind = i;
			return true;
		}
	}
	return false;
}

enum pk_link backend_link_find(const char *name)
{
	static const char *const names[] = { "", "ethernet", "raw", "null", "loop", "sll", "sll2", "ppp", "pppoe" };

	for (unsigned i = 1; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return i;
	return PK_LINK_UNKNOWN;
}

bool backend_can(enum backend_kind kind, enum pk_link link, const uint8_t *frame, uint32_t len)
{
	uint32_t least = 14;

	if (kind == BACKEND_USER)
		return true;
	if ((kind == BACKEND_TC || kind == BACKEND_WIRE_TC) && len >= 14)
		least += pk_get16(frame + 12) == 0x0800 ? 20 : pk_get16(frame + 12) == 0x86dd ? 40 : 0;
	return link == PK_LINK_ETHERNET && len >= least && len <= 3000;
}

int backend_open(struct backend *b, enum backend_kind kind, enum pk_link link, const struct tm_options *o, struct tm_error *e)
{
	const uint32_t ends[TM_DIRECTIONS] = { 1, 1 }; /* of a wire: a test run sends nothing, so that any device will do */
	int cpus, err;

	*b = (struct backend){ .kind = kind, .link = link, .maps = IO_NO_MAPS };
	err = tm_image_build(&b->image, &o->set);
	if (err)
		return tm_error_code(e, err, "compiling the rules: %s", strerror(-err));
	if (kind == BACKEND_USER)
		return 0;
	cpus = libbpf_num_possible_cpus();
	b->before = calloc(cpus, sizeof(*b->before));
	b->after = calloc(cpus, sizeof(*b->after));
	err = io_maps_create(&b->maps, &b->image, e);
	if (!err)
		err = io_program_open(&b->program, kinds[kind].mode, 1 << TM_IN, link, &b->maps, e);
	if (!err && io_mode_is_wire(kinds[kind].mode))
		err = io_program_wire(&b->program, ends, e);
	if (!err)
		err = io_program_load(&b->program, e);
	return err;
}

int backend_reopen(struct backend *b, enum backend_kind kind, enum pk_link link, const struct tm_options *o, struct tm_error *e)
{
	struct tm_image image;
	int err;

	if (b->kind == kind && b->link == link) {
		err = tm_image_build(&image, &o->set);
		if (err)
			return tm_error_code(e, err, "compiling the rules: %s", strerror(-err));
		if (kind == BACKEND_USER || !io_maps_switch(&b->maps, &image, e)) {
			tm_image_free(&b->image);
			b->image = image;
			return 0;
		}
		tm_image_free(&image);
	}
	backend_close(b);
	return backend_open(b, kind, link, o, e);
}

static int read_counters(struct backend *b, struct tm_bpf_counters *c)
{
	__u32 key = TM_IN;

	return bpf_map_lookup_elem(b->maps.counters, &key, c);
}

/* What one packet changed in the counters, as a result. */
static int difference(struct backend *b, struct pk_result *result)
{
	int cpus = libbpf_num_possible_cpus(), packets = 0;

	*result = (struct pk_result){ 0 };
	for (int cpu = 0; cpu < cpus; cpu++) {
		struct tm_bpf_counters *x = &b->before[cpu], *y = &b->after[cpu];

		for (int f = 0; f < PK_FAMILY_COUNT; f++) {
			for (int r = 0; r < PK_REASON_COUNT; r++) {
				if (y->by_reason[f][r].packets != x->by_reason[f][r].packets) {
					packets += y->by_reason[f][r].packets - x->by_reason[f][r].packets;
					result->reason = r;
					result->family = f;
				}
				if (y->also[f][r] != x->also[f][r])
					result->also |= 1u << r;
			}
			result->syn |= y->syn[f] != x->syn[f];
			result->changed |= y->fixed[f] != x->fixed[f];
		}
	}
	return packets == 1 ? 0 : -EPROTO;
}

/* Nor may the kernel leave one out because there were many before. */
static int forget_events(struct backend *b)
{
	int cpus = libbpf_num_possible_cpus(), err;
	struct tm_bpf_telling *none;
	__u32 key = 0;

	if (!b->ring)
		return 0;
	b->events = 0;
	none = calloc(cpus, sizeof(*none));
	err = bpf_map_update_elem(b->maps.telling, &key, none, 0);
	free(none);
	return err;
}

static int take_event(void *ctx, void *data, size_t size)
{
	struct backend *b = ctx;

	b->events++;
	if (size == sizeof(b->event))
		memcpy(&b->event, data, size);
	return 0;
}

int backend_watch(struct backend *b, struct tm_error *e)
{
	if (b->kind == BACKEND_USER || b->ring)
		return 0;
	b->ring = ring_buffer__new(b->maps.events, take_event, b, NULL);
	if (!b->ring)
		return io_bpf_error(e, -errno, "mapping the ring of events");
	return io_maps_watch(&b->maps, TM_EVENT_REASONS, UINT64_MAX, e);
}

bool backend_told(const struct backend *b, const uint8_t *before, uint32_t len, const struct pk_result *result)
{
	struct tm_rules rules = { .image = tm_image_rules(&b->image) };
	const struct tm_outcome *o = &b->event.outcome;
	struct timespec now;
	struct tm_event_syn s;

	if (!tm_event_frame(&s, &rules, &b->image, b->link, before, len, result, TM_IN))
		return b->events == 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return b->events == 1 && now.tv_sec - (long)(b->event.time / 1000000000) <= 10 && b->event.ifindex &&
	       o->family == s.family && o->direction == s.direction && o->reason == s.reason && o->source == s.source &&
	       o->also == s.also && o->from == s.from && o->to == s.to && o->limit == s.limit && b->event.sport == s.sport &&
	       b->event.dport == s.dport && !memcmp(b->event.src, s.src, sizeof(s.src)) &&
	       !memcmp(b->event.dst, s.dst, sizeof(s.dst));
}

int backend_run(struct backend *b, uint8_t *frame, uint32_t *len, uint32_t room, struct pk_result *result)
{
	struct tm_rules rules = { .image = tm_image_rules(&b->image) };
	static uint8_t out[65536 + 256];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = *len, .data_out = out,
		    .data_size_out = sizeof(out));
	struct tm_bpf_counters *swap;
	int err;

	if (b->kind == BACKEND_USER) {
		*result = tm_clamp_frame(&rules, b->link, frame, len, room);
		return 0;
	}
	if (read_counters(b, b->before) || forget_events(b))
		return -errno;
	err = bpf_prog_test_run_opts(io_program_fd(&b->program, TM_IN), &run);
	if (err)
		return err;
	if (read_counters(b, b->after))
		return -errno;
	if (run.data_size_out > room || run.retval != kinds[b->kind].verdict)
		return -EPROTO;
	memcpy(frame, out, run.data_size_out);
	*len = run.data_size_out;
	if (b->ring)
		ring_buffer__consume(b->ring);
	err = difference(b, result);
	swap = b->before;
	b->before = b->after;
	b->after = swap;
	return err;
}

void backend_close(struct backend *b)
{
	if (b->kind == BACKEND_NONE)
		return;
	if (b->kind != BACKEND_USER) {
		ring_buffer__free(b->ring);
		io_program_close(&b->program);
		io_maps_close(&b->maps);
	}
	tm_image_free(&b->image);
	free(b->before);
	free(b->after);
}
