/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files: which format it is, and what the formats share.
 */
#include "capture.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "capture-format.h"

#define MAGIC 4

/* Files that people give instead of captures, and what to do about it. */
static const struct {
	uint8_t magic[4];
	uint8_t len;
	const char *what;
} strangers[] = {
	{ { 0x1f, 0x8b }, 2, "compressed with gzip: unpack it first (zcat FILE | tcpmss rewrite ... - OUT)" },
	{ { 0x28, 0xb5, 0x2f, 0xfd },
	  4,
	  "compressed with zstd: unpack it first (zstdcat FILE | tcpmss rewrite ... - OUT)" },
	{ { 0xfd, '7', 'z', 'X' }, 4, "compressed with xz: unpack it first (xzcat FILE | tcpmss rewrite ... - OUT)" },
	{ { 0x04, 0x22, 0x4d, 0x18 },
	  4,
	  "compressed with lz4: unpack it first (lz4cat FILE | tcpmss rewrite ... - OUT)" },
	{ { 's', 'n', 'o', 'o' }, 4, "a snoop capture: convert it first (editcap -F pcapng FILE OUT)" },
};

void io_capture_init(struct io_capture *c, const struct io_capture_hooks *hooks, bool seekable)
{
	*c = (struct io_capture){ .hooks = hooks, .seekable = seekable };
}

void io_capture_fail(struct io_capture *c, enum io_capture_state state, const char *format, ...)
{
	va_list args;

	c->state = state;
	va_start(args, format);
	vsnprintf(c->error.text, sizeof(c->error.text), format, args);
	va_end(args);
}

static void not_a_capture(struct io_capture *c, const uint8_t *magic)
{
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		if (memcmp(magic, strangers[i].magic, strangers[i].len) == 0) {
			io_capture_fail(c, IO_CAPTURE_BAD, "not a pcap or pcapng file but %s", strangers[i].what);
			return;
		}
	}
	io_capture_fail(c, IO_CAPTURE_BAD, "not a pcap or pcapng file: it begins with %02x %02x %02x %02x", magic[0],
			magic[1], magic[2], magic[3]);
}

static void find_format(struct io_capture *c, const uint8_t *bytes)
{
	static const struct io_capture_format *const formats[] = { &io_pcap_format, &io_pcapng_format };
	uint32_t magic;

	memcpy(&magic, bytes, sizeof(magic));
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i]->begin(c, magic)) {
			c->format = formats[i];
			return;
		}
	}
	not_a_capture(c, bytes);
}

size_t io_capture_scan(struct io_capture *c, struct io_window *w)
{
	size_t used;

	if (c->state != IO_CAPTURE_OK)
		return 0;
	if (!c->format) {
		c->need = MAGIC;
		if (w->len < MAGIC)
			return 0;
		find_format(c, w->data);
		if (!c->format)
			return 0;
	}
	c->need = 0;
	used = c->format->scan(c, w);
	c->base += used;
	return used;
}

static struct io_insert *new_insert(struct io_window *w)
{
	if (w->n_inserts == w->max_inserts) {
		size_t max = w->max_inserts ? 2 * w->max_inserts : 64;
		struct io_insert *inserts = realloc(w->inserts, max * sizeof(*inserts));

		if (!inserts)
			return NULL;
		w->inserts = inserts;
		w->max_inserts = max;
	}
	return &w->inserts[w->n_inserts++];
}

uint32_t io_capture_packet(struct io_capture *c, struct io_window *w, uint32_t linktype, size_t at, uint32_t len,
			   bool can_grow)
{
	const struct io_capture_hooks *hooks = c->hooks;
	uint8_t *packet = w->data + at, saved[IO_GROWTH];
	struct io_insert *insert;

	c->packets++;
	if (!hooks->may_grow || !can_grow) {
		hooks->packet(hooks->ctx, linktype, packet, len, len);
		return 0;
	}

	/*
	 * The packet grows over the bytes behind it; these come back, and the packet's own last ones become an
	 * insert.
	 */
	memcpy(saved, packet + len, IO_GROWTH);
	if (hooks->packet(hooks->ctx, linktype, packet, len, len + IO_GROWTH) != len + IO_GROWTH) {
		memcpy(packet + len, saved, IO_GROWTH);
		return 0;
	}
	insert = new_insert(w);
	if (!insert) {
		io_capture_fail(c, IO_CAPTURE_NO_MEMORY, "out of memory");
		return 0;
	}
	insert->at = at + len;
	memcpy(insert->bytes, packet + len, IO_GROWTH);
	memcpy(packet + len, saved, IO_GROWTH);
	c->grown += IO_GROWTH;
	return IO_GROWTH;
}

void io_capture_end(struct io_capture *c, struct io_window *w, size_t left)
{
	if (c->state != IO_CAPTURE_OK)
		return;
	if (!c->format) {
		io_capture_fail(c, IO_CAPTURE_BAD, "not a pcap or pcapng file: it %s",
				left ? "is shorter than four bytes" : "is empty");
		return;
	}
	if (left || c->whole.input != c->base)
		io_capture_fail(c, IO_CAPTURE_TRUNCATED,
				"the input breaks off at byte %" PRIu64 ": what begins at byte %" PRIu64
				", behind packet %" PRIu64 ", is not complete",
				c->base + left, c->whole.input, c->whole.packets);
	if (c->format->end)
		c->format->end(c, w);
}

void io_capture_free(struct io_capture *c)
{
	if (c->format && c->format->free)
		c->format->free(c);
	c->format = NULL;
}

void io_window_free(struct io_window *w)
{
	free(w->inserts);
	w->inserts = NULL;
	w->n_inserts = w->max_inserts = 0;
}
