/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libFuzzer harness over io/capture/capture.h. The input is a capture file.
 *
 * It goes through the scanner in one window and in small ones, with a hook that keeps everything, one that clamps and
 * one that also inserts. Beside the sanitizers it checks that the cut into windows makes no difference, that no byte
 * outside of packets changes but lengths that grow, and that what comes out is a capture of the same packets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/capture/capture.h"
#include "lib/clamp.h"
#include "lib/options.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKETS_MAX 4096 /* remembered */
#define CANARY 0xa5

struct packet {
	size_t at; /* in the input */
	uint32_t len, new_len;
};

struct run {
	const char *name;
	struct io_capture capture;
	struct io_capture_hooks hooks;
	const struct io_window *window;
	size_t used; /* of the input, before the window */
	uint8_t *out;
	size_t out_len;
	struct packet packets[PACKETS_MAX];
};

static struct tm_image image;

static void __attribute__((noreturn)) broken(const struct run *r, const char *what)
{
	fprintf(stderr, "broken: %s: %s (state %d, %s)\n", r->name, what, r->capture.state, r->capture.error.text);
	abort();
}

static void check(const struct run *r, bool good, const char *what)
{
	if (!good)
		broken(r, what);
}

static void remember(struct run *r, const uint8_t *buf, uint32_t len, uint32_t new_len)
{
	uint64_t n = r->capture.packets - 1;

	check(r, buf >= r->window->data && buf + len <= r->window->data + r->window->len,
	      "a packet outside the window");
	if (n < PACKETS_MAX)
		r->packets[n] = (struct packet){ r->used + (buf - r->window->data), len, new_len };
}

static uint32_t keep(void *ctx, uint32_t linktype, uint8_t *buf, uint32_t len, uint32_t room)
{
	remember(ctx, buf, len, len);
	return len;
}

static uint32_t clamp(void *ctx, uint32_t linktype, uint8_t *buf, uint32_t len, uint32_t room)
{
	struct tm_rules rules = { .image = tm_image_rules(&image) };
	uint32_t new_len = len;

	check(ctx, room == len || room == len + IO_GROWTH, "an odd room");
	tm_clamp_frame(&rules, linktype == 1 ? PK_LINK_ETHERNET : PK_LINK_RAW, buf, &new_len, room);
	remember(ctx, buf, len, new_len);
	return new_len;
}

static void append(struct run *r, const void *bytes, size_t n)
{
	memcpy(r->out + r->out_len, bytes, n);
	r->out_len += n;
}

static void emit(struct run *r, const struct io_window *w, size_t used)
{
	size_t at = 0;

	for (size_t i = 0; i < w->n_inserts; i++) {
		check(r, w->inserts[i].at >= at && w->inserts[i].at <= used, "an insert out of order");
		append(r, w->data + at, w->inserts[i].at - at);
		append(r, w->inserts[i].bytes, IO_GROWTH);
		at = w->inserts[i].at;
	}
	if (used > at)
		append(r, w->data + at, used - at);
	if (w->fixup.set) {
		check(r, w->fixup.at + sizeof(w->fixup.bytes) <= r->out_len - used,
		      "a fixup of what is not yet written");
		memcpy(r->out + w->fixup.at, w->fixup.bytes, sizeof(w->fixup.bytes));
	}
}

/* The bytes before `have` are there: scans a window of those not used yet. */
static void window(struct run *r, const uint8_t *data, size_t have)
{
	static const uint8_t canary[IO_GROWTH] = { CANARY, CANARY, CANARY, CANARY };
	struct io_window w = { .len = have - r->used };
	size_t used;

	w.data = malloc(w.len + IO_GROWTH);
	memcpy(w.data, data + r->used, w.len);
	memset(w.data + w.len, CANARY, IO_GROWTH);
	r->window = &w;
	used = io_capture_scan(&r->capture, &w);
	check(r, used <= w.len, "more used than there was");
	check(r, memcmp(w.data + w.len, canary, IO_GROWTH) == 0, "the bytes behind the window were left changed");
	emit(r, &w, used);
	r->used += used;
	free(w.data);
	io_window_free(&w);
}

static struct run *run(const char *name, const uint8_t *data, size_t size, size_t step,
		       const struct io_capture_hooks *hooks, bool seekable)
{
	struct run *r = calloc(1, sizeof(*r));
	struct io_window last = { 0 };

	r->name = name;
	r->hooks = *hooks;
	r->hooks.ctx = r;
	r->out = malloc(2 * size + 64); /* a packet that grows has a SYN, much longer than its growth */
	io_capture_init(&r->capture, &r->hooks, seekable);
	for (size_t have = 0; have < size && r->capture.state == IO_CAPTURE_OK;) {
		have = size - have > step ? have + step : size;
		window(r, data, have);
	}
	io_capture_end(&r->capture, &last, size - r->used);
	emit(r, &last, 0);
	check(r, (r->capture.state == IO_CAPTURE_OK) == (r->capture.error.text[0] == 0),
	      "an error without words, or the reverse");
	check(r, r->capture.whole.output <= r->out_len, "more whole than written");
	check(r, r->capture.state != IO_CAPTURE_OK || r->used == size, "not all used");
	return r;
}

static void drop(struct run *r)
{
	io_capture_free(&r->capture);
	free(r->out);
	free(r);
}

static void same(const struct run *a, const struct run *b)
{
	check(b, a->capture.state == b->capture.state, "another state in small windows");
	check(b, strcmp(a->capture.error.text, b->capture.error.text) == 0, "another error in small windows");
	check(b, a->capture.packets == b->capture.packets, "other packets in small windows");
	check(b, a->out_len == b->out_len && memcmp(a->out, b->out, a->out_len) == 0,
	      "another output in small windows");
	check(b, memcmp(&a->capture.whole, &b->capture.whole, sizeof(a->capture.whole)) == 0, "more or less is whole");
}

/* Without growth: what is no packet is as it was. */
static void only_packets_changed(const struct run *r, const uint8_t *data)
{
	size_t at = 0;

	check(r, r->out_len == r->used, "another length");
	for (uint64_t i = 0; i < r->capture.packets && i < PACKETS_MAX; i++) {
		check(r, memcmp(r->out + at, data + at, r->packets[i].at - at) == 0,
		      "a byte outside of packets changed");
		at = r->packets[i].at + r->packets[i].len;
	}
	if (r->capture.packets <= PACKETS_MAX)
		check(r, memcmp(r->out + at, data + at, r->used - at) == 0, "a byte behind the packets changed");
}

/* What is whole of the output is a capture of the same packets, as long as the hook made them. */
static void reads_back(const struct run *r, const struct io_capture_hooks *hooks)
{
	struct run *again;

	if (!r->capture.whole.output)
		return;
	again = run("reading back", r->out, r->capture.whole.output, SIZE_MAX, hooks, true);
	check(again, again->capture.state == IO_CAPTURE_OK, "not a capture any more");
	check(again, again->capture.packets == r->capture.whole.packets, "another number of packets");
	for (uint64_t i = 0; i < again->capture.packets && i < PACKETS_MAX; i++)
		check(again, again->packets[i].len == r->packets[i].new_len, "a packet of another length");
	drop(again);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct tm_options options = { 0 };
	struct tm_error e;

	tm_options_take(&options, TM_OPT_MSS, "500", &e);
	tm_options_take(&options, TM_OPT_ADD_MISSING, NULL, &e);
	if (tm_options_finish(&options, &e) || tm_image_build(&image, &options.set))
		abort();
	tm_options_free(&options);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct io_capture_hooks keeping = { .packet = keep }, clamping = { .packet = clamp },
					     growing = { .packet = clamp, .may_grow = true };
	size_t step = 1 + size / 50 + size % 7;
	struct run *r, *small;

	r = run("keep", data, size, SIZE_MAX, &keeping, true);
	check(r, r->out_len == r->used && memcmp(r->out, data, r->used) == 0, "a byte changed");
	drop(r);

	r = run("clamp", data, size, step, &clamping, true);
	only_packets_changed(r, data);
	drop(r);

	r = run("grow", data, size, SIZE_MAX, &growing, true);
	small = run("grow, small windows", data, size, step, &growing, true);
	same(r, small);
	reads_back(r, &keeping);
	drop(small);
	drop(r);

	r = run("grow, not seekable", data, size, step, &growing, false);
	reads_back(r, &keeping);
	drop(r);
	return 0;
}
