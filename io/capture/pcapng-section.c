/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng: sections, each with a byte order, a length and interfaces of its own.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "pcapng.h"

#define BYTE_ORDER_MAGIC 0x1a2b3c4d

#define SECTION_VERSION_AT 12
#define SECTION_LENGTH_AT 16

#define INTERFACE_LINKTYPE_AT 8
#define INTERFACE_SNAPLEN_AT 12
#define OPTION_RESOLUTION 9
#define OPTION_OFFSET 14

void io_pcapng_fail(struct io_capture *c, const struct io_pcapng_block *b, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	io_capture_fail(c, IO_CAPTURE_BAD, "block at byte %" PRIu64 ", behind packet %" PRIu64 ": %s", c->base + b->at,
			c->packets, text);
}

bool io_pcapng_byte_order(struct io_capture *c, const struct io_pcapng_block *b)
{
	uint32_t magic;

	memcpy(&magic, b->p + PCAPNG_SECTION_MAGIC_AT, sizeof(magic));
	c->swapped = magic == bswap_32(BYTE_ORDER_MAGIC);
	if (c->swapped || magic == BYTE_ORDER_MAGIC)
		return true;
	io_pcapng_fail(c, b, "a section header without the byte-order magic 1a2b3c4d");
	return false;
}

void io_pcapng_end_section(struct io_capture *c, struct io_window *w)
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
}

void io_pcapng_begin_section(struct io_capture *c, struct io_window *w, const struct io_pcapng_block *b)
{
	uint8_t *length = b->p + SECTION_LENGTH_AT;
	uint16_t major = io_get16(c, b->p + SECTION_VERSION_AT);

	if (major != 1) {
		io_pcapng_fail(c, b, "pcapng version %u.%u: only 1.x is known", major,
			       io_get16(c, b->p + SECTION_VERSION_AT + 2));
		return;
	}
	io_pcapng_end_section(c, w);
	c->ng.n_interfaces = 0;
	c->ng.section.grown = 0;
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

/* Takes if_tsresol and if_tsoffset, where the interface has them; options end where the block does. */
static void read_options(const struct io_capture *c, const struct io_pcapng_block *b, struct io_pcapng_interface *interface)
{
	uint32_t at = PCAPNG_INTERFACE_HEAD, end = b->length <= IO_BLOCK_WHOLE ? b->length - 4 : 0; /* a longer one is not here */

	while (at + 4 <= end) {
		uint16_t code = io_get16(c, b->p + at), length = io_get16(c, b->p + at + 2);

		at += 4;
		if (!code || length > end - at)
			return;
		if (code == OPTION_RESOLUTION && length == 1)
			interface->resolution = b->p[at];
		else if (code == OPTION_OFFSET && length == 8)
			interface->offset = io_get64(c, b->p + at);
		at += (length + 3u) & ~3u;
	}
}

void io_pcapng_take_time(struct io_capture *c, const struct io_pcapng_block *b, uint64_t units)
{
	uint8_t power = b->interface->resolution & 0x7f;
	unsigned __int128 ns = (unsigned __int128)units * 1000000000;

	if (b->interface->resolution & 0x80)
		ns >>= power;
	else
		for (; power && ns; power--)
			ns /= 10;
	if (ns > INT64_MAX || __builtin_mul_overflow(b->interface->offset, 1000000000ll, &c->at.ns) ||
	    __builtin_add_overflow(c->at.ns, (int64_t)ns, &c->at.ns))
		c->at.ns = INT64_MAX; /* damaged, or not of this time */
}

void io_pcapng_add_interface(struct io_capture *c, const struct io_pcapng_block *b)
{
	if (c->ng.n_interfaces == IO_INTERFACES_MAX) {
		io_pcapng_fail(c, b, "more than %d interfaces in a section", IO_INTERFACES_MAX);
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
	c->ng.interfaces[c->ng.n_interfaces] = (struct io_pcapng_interface){
		.linktype = io_get16(c, b->p + INTERFACE_LINKTYPE_AT),
		.snaplen = io_get32(c, b->p + INTERFACE_SNAPLEN_AT),
		.resolution = 6,
	};
	read_options(c, b, &c->ng.interfaces[c->ng.n_interfaces++]);
}

void io_pcapng_free(struct io_capture *c)
{
	free(c->ng.interfaces);
	c->ng.interfaces = NULL;
}
