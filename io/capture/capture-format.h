/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the formats of capture files share: numbers in the file's byte order, packets, errors.
 */
#ifndef IO_CAPTURE_FORMAT_H
#define IO_CAPTURE_FORMAT_H

#include <byteswap.h>
#include <string.h>

#include "capture.h"

static inline uint16_t io_get16(const struct io_capture *c, const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? bswap_16(v) : v;
}

static inline uint32_t io_get32(const struct io_capture *c, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? bswap_32(v) : v;
}

static inline uint64_t io_get64(const struct io_capture *c, const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return c->swapped ? bswap_64(v) : v;
}

static inline void io_put32(const struct io_capture *c, uint8_t *p, uint32_t v)
{
	v = c->swapped ? bswap_32(v) : v;
	memcpy(p, &v, sizeof(v));
}

static inline void io_put64(const struct io_capture *c, uint8_t *p, uint64_t v)
{
	v = c->swapped ? bswap_64(v) : v;
	memcpy(p, &v, sizeof(v));
}

/*
 * Snaplen is a promise to readers: libpcap refuses a longer pcapng packet and cuts a longer pcap one. So a packet may
 * not grow over it, nor a length over 32 bits.
 */
static inline bool io_can_grow(uint32_t captured, uint32_t original, uint32_t snaplen)
{
	if (original > UINT32_MAX - IO_GROWTH || captured > IO_PACKET_MAX - IO_GROWTH)
		return false;
	return snaplen == 0 || captured > snaplen || captured + IO_GROWTH <= snaplen;
}

/*
 * Hands the packet at offset `at` of the window to the hook. Returns by how much it grew; the growth then is the
 * window's last insert, so that nothing behind the packet has to move.
 */
uint32_t io_capture_packet(struct io_capture *c, struct io_window *w, uint32_t linktype, size_t at, uint32_t len,
			   bool can_grow);

/* Ends the scan with an error. */
void io_capture_fail(struct io_capture *c, enum io_capture_state state, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Everything before offset `at` of the window is complete. */
static inline void io_capture_whole(struct io_capture *c, size_t at)
{
	c->whole.input = c->base + at;
	c->whole.output = c->whole.input + c->grown;
	c->whole.packets = c->packets;
}

struct io_capture_format {
	/* True where a file of this format begins with magic; then swapped is set. */
	bool (*begin)(struct io_capture *c, uint32_t magic);
	/* As io_capture_scan(), from a window whose first four bytes are there when the file begins. */
	size_t (*scan)(struct io_capture *c, struct io_window *w);
	void (*end)(struct io_capture *c, struct io_window *w); /* may be NULL */
	void (*free)(struct io_capture *c); /* may be NULL */
};

extern const struct io_capture_format io_pcap_format, io_pcapng_format;

#endif
