/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng (draft-ietf-opsawg-pcapng): the three blocks that hold packets. All others pass as they are, but sections and
 * interfaces are listened to.
 */
#include <inttypes.h>

#include "pcapng.h"

#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 2 /* obsolete */
#define BLOCK_SIMPLE 3
#define BLOCK_ENHANCED 6

/* A block: type, length, body, the length again. */
#define LENGTH_AT 4
#define BODY_AT 8
#define TRAILER 4

/* Enhanced packet block, and the obsolete one (whose interface has 16 bits, with a count of drops behind it). */
#define PACKET_INTERFACE_AT 8
#define PACKET_TIME_AT 12
#define PACKET_CAPTURED_AT 20
#define PACKET_ORIGINAL_AT 24
#define PACKET_HEAD 28

#define SIMPLE_ORIGINAL_AT 8
#define SIMPLE_HEAD 12

static bool is_whole(const struct io_pcapng_block *b)
{
	return b->length <= IO_BLOCK_WHOLE;
}

static bool together(struct io_capture *c, const struct io_window *w, const struct io_pcapng_block *b, size_t n)
{
	c->need = n;
	return w->len - b->at >= n;
}

static bool pcapng_begin(struct io_capture *c, uint32_t magic)
{
	if (magic != PCAPNG_SECTION)
		return false;
	c->ng = (struct io_pcapng){ .section.length = -1 };
	return true;
}

static uint32_t shortest(uint32_t type)
{
	switch (type) {
	case PCAPNG_SECTION:
		return PCAPNG_SECTION_HEAD + TRAILER;
	case BLOCK_INTERFACE:
		return PCAPNG_INTERFACE_HEAD + TRAILER;
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
		return PACKET_HEAD + TRAILER;
	case BLOCK_SIMPLE:
		return SIMPLE_HEAD + TRAILER;
	}
	return BODY_AT + TRAILER;
}

/* The block's frame: type and length, and where it is in one piece the length behind. False: wants more, or failed. */
static bool read_frame(struct io_capture *c, const struct io_window *w, struct io_pcapng_block *b)
{
	if (!together(c, w, b, BODY_AT))
		return false;
	b->type = io_get32(c, b->p);
	if (b->type == PCAPNG_SECTION) {
		if (!together(c, w, b, PCAPNG_SECTION_MAGIC_AT + 4) || !io_pcapng_byte_order(c, b))
			return false;
	}
	b->length = io_get32(c, b->p + LENGTH_AT);
	if (b->length < shortest(b->type) || b->length % 4 != 0) {
		io_pcapng_fail(c, b,
			       "a length of %" PRIu32 "; a block of type 0x%" PRIx32 " has at least %" PRIu32
			       " bytes, and a multiple of 4",
			       b->length, b->type, shortest(b->type));
		return false;
	}
	if (!together(c, w, b, is_whole(b) ? b->length : PACKET_HEAD))
		return false;
	if (is_whole(b) && io_get32(c, b->p + b->length - TRAILER) != b->length) {
		io_pcapng_fail(c, b, "its two lengths differ: %" PRIu32 " in front, %" PRIu32 " behind", b->length,
			       io_get32(c, b->p + b->length - TRAILER));
		return false;
	}
	return true;
}

static bool find_interface(struct io_capture *c, struct io_pcapng_block *b, uint32_t number)
{
	if (number >= c->ng.n_interfaces) {
		io_pcapng_fail(c, b, "a packet of interface %" PRIu32 ", but the section has described only %" PRIu32,
			       number, c->ng.n_interfaces);
		return false;
	}
	b->interface = &c->ng.interfaces[number];
	return true;
}

/* Where the packet of a block is, if it holds one. False: failed. */
static bool read_packet(struct io_capture *c, struct io_pcapng_block *b)
{
	uint32_t interface = 0;

	switch (b->type) {
	case BLOCK_PACKET:
	case BLOCK_ENHANCED:
		interface = b->type == BLOCK_PACKET ? io_get16(c, b->p + PACKET_INTERFACE_AT) :
						      io_get32(c, b->p + PACKET_INTERFACE_AT);
		b->data_at = PACKET_HEAD;
		b->captured = io_get32(c, b->p + PACKET_CAPTURED_AT);
		b->original = io_get32(c, b->p + PACKET_ORIGINAL_AT);
		break;
	case BLOCK_SIMPLE:
		b->data_at = SIMPLE_HEAD;
		b->original = io_get32(c, b->p + SIMPLE_ORIGINAL_AT);
		b->captured = b->original;
		break;
	default:
		return true;
	}
	if (!find_interface(c, b, interface))
		return false;
	c->at.interface = interface;
	if (b->type != BLOCK_SIMPLE)
		io_pcapng_take_time(c, b, (uint64_t)io_get32(c, b->p + PACKET_TIME_AT) << 32 | io_get32(c, b->p + PACKET_TIME_AT + 4));
	if (b->type == BLOCK_SIMPLE && b->interface->snaplen && b->captured > b->interface->snaplen)
		b->captured = b->interface->snaplen;
	if (b->captured > b->length - b->data_at - TRAILER) {
		io_pcapng_fail(c, b, "a packet of %" PRIu32 " bytes in a block of %" PRIu32, b->captured, b->length);
		return false;
	}
	if (b->captured > IO_PACKET_MAX) {
		io_pcapng_fail(c, b, "a captured length of %" PRIu32 " bytes; at most %u are possible", b->captured,
			       IO_PACKET_MAX);
		return false;
	}
	return true;
}

/* Returns by how much the block grew. */
static uint32_t take_packet(struct io_capture *c, struct io_window *w, struct io_pcapng_block *b)
{
	bool can_grow = b->length <= UINT32_MAX - IO_GROWTH &&
			io_can_grow(b->captured, b->original, b->interface->snaplen);
	uint32_t grown = io_capture_packet(c, w, b->interface->linktype, b->at + b->data_at, b->captured, can_grow);

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
static bool stream_block(struct io_capture *c, struct io_window *w, struct io_pcapng_block *b)
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
		io_capture_fail(c, IO_CAPTURE_BAD,
				"block at byte %" PRIu64 ", behind packet %" PRIu64 ": its two lengths differ: %" PRIu32
				" in front, %" PRIu32 " behind",
				c->whole.input, c->whole.packets, c->ng.stream.length, io_get32(c, b->p));
		return false;
	}
	end_block(c, b->p, c->ng.stream.length, c->ng.stream.grown);
	b->at += TRAILER;
	c->ng.stream.on = false;
	return true;
}

/* One block, or the front of a long one. False: wants more, or failed. */
static bool take_block(struct io_capture *c, struct io_window *w, struct io_pcapng_block *b)
{
	uint32_t grown = 0;

	if (!read_frame(c, w, b) || !read_packet(c, b))
		return false;
	if (!is_whole(b)) {
		if (!together(c, w, b, b->data_at + b->captured))
			return false;
		io_capture_whole(c, b->at);
	}

	if (b->type == PCAPNG_SECTION)
		io_pcapng_begin_section(c, w, b);
	else if (b->type == BLOCK_INTERFACE)
		io_pcapng_add_interface(c, b);
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
		struct io_pcapng_block b = { .at = at, .p = w->data + at };

		go_on = c->ng.stream.on ? stream_block(c, w, &b) : take_block(c, w, &b);
		at = b.at;
	}
	if (!c->ng.stream.on)
		io_capture_whole(c, at);
	return at;
}

const struct io_capture_format io_pcapng_format = {
	.begin = pcapng_begin,
	.scan = pcapng_scan,
	.end = io_pcapng_end_section,
	.free = io_pcapng_free,
};
