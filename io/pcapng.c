/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, and the three blocks that hold packets. All other blocks pass as they are.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/capture-format.h"

#define BLOCK_SECTION   0x0a0d0d0a /* reads the same in both byte orders */
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET    2 /* obsolete */
#define BLOCK_SIMPLE    3
#define BLOCK_ENHANCED  6

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

/* A block: type, length, body, the length again. */
#define LENGTH_AT 4
#define BODY_AT   8
#define TRAILER   4

#define SECTION_MAGIC_AT   8
#define SECTION_VERSION_AT 12
#define SECTION_LENGTH_AT  16
#define SECTION_HEAD       24

#define INTERFACE_LINKTYPE_AT 8
#define INTERFACE_SNAPLEN_AT  12
#define INTERFACE_HEAD        16

/* Enhanced packet block, and the obsolete one (whose interface has 16 bits, with a count of drops behind it). */
#define PACKET_INTERFACE_AT 8
#define PACKET_CAPTURED_AT  20
#define PACKET_ORIGINAL_AT  24
#define PACKET_HEAD         28

#define SIMPLE_ORIGINAL_AT 8
#define SIMPLE_HEAD        12

/* One block, while it is looked at. */
struct block {
	size_t at; /* in the window */
	uint8_t *p; /* the same */
	uint32_t type, length;
	/* of a block with a packet: */
	uint32_t data_at, captured, original;
	struct io_pcapng_interface interface;
};

static bool is_whole(const struct block *b)
{
	return b->length <= IO_BLOCK_WHOLE;
}

static void fail(struct io_capture *c, const struct block *b, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void fail(struct io_capture *c, const struct block *b, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	io_capture_fail(c, IO_CAPTURE_BAD, "block at byte %" PRIu64 ", behind packet %" PRIu64 ": %s", c->base + b->at, c->packets,
			text);
}

static bool together(struct io_capture *c, const struct io_window *w, const struct block *b, size_t n)
{
	c->need = n;
	return w->len - b->at >= n;
}

static bool pcapng_begin(struct io_capture *c, uint32_t magic)
{
	if (magic != BLOCK_SECTION)
		return false;
	c->ng = (struct io_pcapng){ .section.length = -1 };
	return true;
}

static bool section_byte_order(struct io_capture *c, const struct block *b)
{
	uint32_t magic;

	memcpy(&magic, b->p + SECTION_MAGIC_AT, sizeof(magic));
	c->swapped = magic == bswap_32(BYTE_ORDER_MAGIC);
	if (c->swapped || magic == BYTE_ORDER_MAGIC)
		return true;
	fail(c, b, "a section header without the byte-order magic 1a2b3c4d");
	return false;
}

static uint32_t shortest(uint32_t type)
{
	switch (type) {
	case BLOCK_SECTION:
		return SECTION_HEAD + TRAILER;
	case BLOCK_INTERFACE:
		return INTERFACE_HEAD + TRAILER;
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
		return PACKET_HEAD + TRAILER;
	case BLOCK_SIMPLE:
		return SIMPLE_HEAD + TRAILER;
	}
	return BODY_AT + TRAILER;
}

/* The block's frame: type and length, and where it is in one piece the length behind. False: wants more, or failed. */
static bool read_frame(struct io_capture *c, const struct io_window *w, struct block *b)
{
	if (!together(c, w, b, BODY_AT))
		return false;
	b->type = io_get32(c, b->p);
	if (b->type == BLOCK_SECTION) {
		if (!together(c, w, b, SECTION_MAGIC_AT + 4) || !section_byte_order(c, b))
			return false;
	}
	b->length = io_get32(c, b->p + LENGTH_AT);
	if (b->length < shortest(b->type) || b->length % 4 != 0) {
		fail(c, b, "a length of %" PRIu32 "; a block of type %" PRIu32 " has at least %" PRIu32 " bytes, and a multiple of 4",
		     b->length, b->type, shortest(b->type));
		return false;
	}
	if (!together(c, w, b, is_whole(b) ? b->length : PACKET_HEAD))
		return false;
	if (is_whole(b) && io_get32(c, b->p + b->length - TRAILER) != b->length) {
		fail(c, b, "its two lengths differ: %" PRIu32 " in front, %" PRIu32 " behind", b->length,
		     io_get32(c, b->p + b->length - TRAILER));
		return false;
	}
	return true;
}

static void end_section(struct io_capture *c, struct io_window *w)
{
	uint64_t length = (uint64_t)c->ng.section.length + c->ng.section.grown;

	if (c->ng.section.length < 0 || c->ng.section.grown == 0)
		return;
	if (c->ng.section.swapped)
		length = bswap_64(length);
	if (c->ng.section.input >= c->base) {
		memcpy(w->data + (c->ng.section.input - c->base), &length, sizeof(length));
	} else {
		w->fixup.set = true;
		w->fixup.at = c->ng.section.output;
		memcpy(w->fixup.bytes, &length, sizeof(length));
	}
	c->ng.section.grown = 0;
}

static void begin_section(struct io_capture *c, struct io_window *w, const struct block *b)
{
	uint8_t *length = b->p + SECTION_LENGTH_AT;
	uint16_t major = io_get16(c, b->p + SECTION_VERSION_AT);

	if (major != 1) {
		fail(c, b, "pcapng version %u.%u: only 1.x is known", major, io_get16(c, b->p + SECTION_VERSION_AT + 2));
		return;
	}
	end_section(c, w);
	c->ng.n_interfaces = 0;
	c->ng.section.swapped = c->swapped;
	c->ng.section.length = (int64_t)io_get64(c, length);
	c->ng.section.input = c->base + b->at + SECTION_LENGTH_AT;
	c->ng.section.output = c->ng.section.input + c->grown;
	if (c->hooks->may_grow && !c->seekable && c->ng.section.length >= 0) {
		/* The right value is known when this has long been written: not given, then. */
		io_put64(c, length, UINT64_MAX);
		c->ng.section.length = -1;
	}
}

static void add_interface(struct io_capture *c, const struct block *b)
{
	if (c->ng.n_interfaces == IO_INTERFACES_MAX) {
		fail(c, b, "more than %d interfaces in a section", IO_INTERFACES_MAX);
		return;
	}
	if (c->ng.n_interfaces == c->ng.max_interfaces) {
		uint32_t max = c->ng.max_interfaces ? 2 * c->ng.max_interfaces : 16;
		struct io_pcapng_interface *interfaces = realloc(c->ng.interfaces, max * sizeof(*interfaces));

		if (!interfaces) {
			io_capture_fail(c, IO_CAPTURE_NO_MEMORY, "out of memory");
			return;
		}
		c->ng.interfaces = interfaces;
		c->ng.max_interfaces = max;
	}
	c->ng.interfaces[c->ng.n_interfaces++] = (struct io_pcapng_interface){
		.linktype = io_get16(c, b->p + INTERFACE_LINKTYPE_AT),
		.snaplen = io_get32(c, b->p + INTERFACE_SNAPLEN_AT),
	};
}

static bool find_interface(struct io_capture *c, struct block *b, uint32_t number)
{
	if (number >= c->ng.n_interfaces) {
		fail(c, b, "a packet of interface %" PRIu32 ", but the section has described only %" PRIu32, number,
		     c->ng.n_interfaces);
		return false;
	}
	b->interface = c->ng.interfaces[number];
	return true;
}

/* Where the packet of a block is, if it holds one. False: failed. */
static bool read_packet(struct io_capture *c, struct block *b)
{
	switch (b->type) {
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
		if (!find_interface(c, b,
				    b->type == BLOCK_PACKET ? io_get16(c, b->p + PACKET_INTERFACE_AT) :
							      io_get32(c, b->p + PACKET_INTERFACE_AT)))
			return false;
		b->data_at = PACKET_HEAD;
		b->captured = io_get32(c, b->p + PACKET_CAPTURED_AT);
		b->original = io_get32(c, b->p + PACKET_ORIGINAL_AT);
		break;
	case BLOCK_SIMPLE:
		if (!find_interface(c, b, 0))
			return false;
		b->data_at = SIMPLE_HEAD;
		b->original = io_get32(c, b->p + SIMPLE_ORIGINAL_AT);
		b->captured = b->original;
		if (b->interface.snaplen && b->captured > b->interface.snaplen)
			b->captured = b->interface.snaplen;
		break;
	default:
		return true;
	}
	if (b->captured > b->length - b->data_at - TRAILER) {
		fail(c, b, "a packet of %" PRIu32 " bytes in a block of %" PRIu32, b->captured, b->length);
		return false;
	}
	if (b->captured > IO_PACKET_MAX) {
		fail(c, b, "a captured length of %" PRIu32 " bytes; at most %u are possible", b->captured, IO_PACKET_MAX);
		return false;
	}
	return true;
}

/* Returns by how much the block grew. */
static uint32_t take_packet(struct io_capture *c, struct io_window *w, struct block *b)
{
	bool can_grow = b->length <= UINT32_MAX - IO_GROWTH && io_can_grow(b->captured, b->original, b->interface.snaplen);
	uint32_t grown = io_capture_packet(c, w, b->interface.linktype, b->at + b->data_at, b->captured, can_grow);

	if (!grown)
		return 0;
	io_put32(c, b->p + LENGTH_AT, b->length + grown);
	if (b->type == BLOCK_SIMPLE) {
		io_put32(c, b->p + SIMPLE_ORIGINAL_AT, b->original + grown);
	} else {
		io_put32(c, b->p + PACKET_CAPTURED_AT, b->captured + grown);
		io_put32(c, b->p + PACKET_ORIGINAL_AT, b->original + grown);
	}
	return grown;
}

/* What a block says is done with: length + grown at its end, and the growth is the section's. */
static void end_block(struct io_capture *c, uint8_t *trailer, uint32_t length, uint32_t grown)
{
	if (!grown)
		return;
	io_put32(c, trailer, length + grown);
	c->ng.section.grown += grown;
}

/* The rest of a long block. False: wants more, or failed. */
static bool stream_block(struct io_capture *c, struct io_window *w, struct block *b)
{
	size_t n = w->len - b->at;

	if (n > c->ng.stream.rest)
		n = c->ng.stream.rest;
	b->at += n;
	b->p += n;
	c->ng.stream.rest -= n;
	if (c->ng.stream.rest || !together(c, w, b, TRAILER))
		return false;
	if (io_get32(c, b->p) != c->ng.stream.length) {
		fail(c, b, "the length at its end, %" PRIu32 ", is not that of its front, %" PRIu32, io_get32(c, b->p),
		     c->ng.stream.length);
		return false;
	}
	end_block(c, b->p, c->ng.stream.length, c->ng.stream.grown);
	b->at += TRAILER;
	c->ng.stream.on = false;
	return true;
}

/* One block, or the front of a long one. False: wants more, or failed. */
static bool take_block(struct io_capture *c, struct io_window *w, struct block *b)
{
	uint32_t grown = 0;

	if (!read_frame(c, w, b) || !read_packet(c, b))
		return false;
	if (!is_whole(b) && !together(c, w, b, b->data_at + b->captured))
		return false;

	if (b->type == BLOCK_SECTION)
		begin_section(c, w, b);
	else if (b->type == BLOCK_INTERFACE)
		add_interface(c, b);
	else if (b->data_at)
		grown = take_packet(c, w, b);
	if (c->state != IO_CAPTURE_OK)
		return false;

	if (is_whole(b)) {
		end_block(c, b->p + b->length - TRAILER, b->length, grown);
		b->at += b->length;
		return true;
	}
	c->ng.stream.on = true;
	c->ng.stream.length = b->length;
	c->ng.stream.grown = grown;
	b->at += b->data_at ? b->data_at + b->captured : BODY_AT;
	c->ng.stream.rest = b->length - TRAILER - (b->data_at ? b->data_at + b->captured : BODY_AT);
	return true;
}

static size_t pcapng_scan(struct io_capture *c, struct io_window *w)
{
	size_t at = 0;
	bool go_on = true;

	while (go_on) {
		struct block b = { .at = at, .p = w->data + at };

		if (c->ng.stream.on) {
			go_on = stream_block(c, w, &b);
		} else {
			io_capture_whole(c, at);
			go_on = take_block(c, w, &b);
		}
		at = b.at;
	}
	return at;
}

static void pcapng_free(struct io_capture *c)
{
	free(c->ng.interfaces);
	c->ng.interfaces = NULL;
}

const struct io_capture_format io_pcapng_format = {
	.begin = pcapng_begin,
	.scan = pcapng_scan,
	.end = end_section,
	.free = pcapng_free,
};
