/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcap (draft-ietf-opsawg-pcap): microsecond and nanosecond files and those of patched libpcaps, in both byte orders.
 */
#include <inttypes.h>

#include "capture-format.h"

#define FILE_HEADER 24
#define VERSION_AT 4
#define SNAPLEN_AT 16
#define LINKTYPE_AT 20

/* Record header: seconds, fraction, captured length, original length. */
#define CAPTURED_AT 8
#define ORIGINAL_AT 12

static const struct {
	uint32_t magic, header;
	bool nanoseconds;
} variants[] = {
	{ 0xa1b2c3d4, 16 },
	{ 0xa1b23c4d, 16, true },
	{ 0xa1b2cd34, 24 }, /* Kuznetsov's patch: interface, protocol and packet type behind the lengths */
};

static bool pcap_begin(struct io_capture *c, uint32_t magic)
{
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		if (magic == variants[i].magic || magic == bswap_32(variants[i].magic)) {
			c->swapped = magic != variants[i].magic;
			c->pcap = (struct io_pcap){ .header = variants[i].header, .nanoseconds = variants[i].nanoseconds };
			return true;
		}
	}
	return false;
}

static size_t file_header(struct io_capture *c, const uint8_t *p)
{
	uint16_t major = io_get16(c, p + VERSION_AT), minor = io_get16(c, p + VERSION_AT + 2);

	if (major != 2 || minor > 4) {
		io_capture_fail(c, IO_CAPTURE_BAD, "pcap version %u.%u at byte %d: only 2.0 to 2.4 are known", major,
				minor, VERSION_AT);
		return 0;
	}
	c->pcap.lengths_swapped = minor < 4;
	c->pcap.snaplen = io_get32(c, p + SNAPLEN_AT);
	c->pcap.linktype = io_get32(c, p + LINKTYPE_AT) & 0xffff; /* above: length of the frame check sequence */
	return FILE_HEADER;
}

/*
 * Version 2.3 and earlier have the two lengths in either order; the captured one is never the larger. Returns where
 * it is.
 */
static uint32_t captured_at(const struct io_capture *c, const uint8_t *record)
{
	if (c->pcap.lengths_swapped && io_get32(c, record + CAPTURED_AT) > io_get32(c, record + ORIGINAL_AT))
		return ORIGINAL_AT;
	return CAPTURED_AT;
}

static void grow_record(const struct io_capture *c, uint8_t *record, uint32_t by)
{
	io_put32(c, record + CAPTURED_AT, io_get32(c, record + CAPTURED_AT) + by);
	io_put32(c, record + ORIGINAL_AT, io_get32(c, record + ORIGINAL_AT) + by);
}

static void fail_too_long(struct io_capture *c, size_t at, uint32_t captured)
{
	io_capture_fail(c, IO_CAPTURE_BAD,
			"packet %" PRIu64 " at byte %" PRIu64 ": a captured length of %" PRIu32
			" bytes; at most %u are possible, "
			"so the input is damaged here or before",
			c->packets + 1, c->base + at, captured, IO_PACKET_MAX);
}

static size_t pcap_scan(struct io_capture *c, struct io_window *w)
{
	const uint32_t header = c->pcap.header;
	size_t at = 0;

	if (c->base == 0) {
		c->need = FILE_HEADER;
		if (w->len < FILE_HEADER)
			return 0;
		at = file_header(c, w->data);
	}
	while (c->state == IO_CAPTURE_OK) {
		uint8_t *record = w->data + at;
		uint32_t captured, original, which, grown;

		c->need = header;
		if (w->len - at < header)
			break;
		which = captured_at(c, record);
		captured = io_get32(c, record + which);
		original = io_get32(c, record + CAPTURED_AT + ORIGINAL_AT - which);
		if (captured > IO_PACKET_MAX) {
			fail_too_long(c, at, captured);
			break;
		}
		c->need = header + captured;
		if (w->len - at < c->need)
			break;
		c->at.ns = io_get32(c, record) * 1000000000ll + io_get32(c, record + 4) * (c->pcap.nanoseconds ? 1ll : 1000ll);
		grown = io_capture_packet(c, w, c->pcap.linktype, at + header, captured,
					  io_can_grow(captured, original, c->pcap.snaplen));
		if (grown)
			grow_record(c, record, grown);
		at += header + captured;
	}
	io_capture_whole(c, at);
	return at;
}

const struct io_capture_format io_pcap_format = { .begin = pcap_begin, .scan = pcap_scan };
