/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files (pcap, pcapng) as a stream of packets that are edited where they lie.
 *
 * The scanner sees the file as a sequence of windows: pieces of memory that begin where the last one stopped being
 * used. It finds the packets, hands each to a callback and keeps every byte that the callback does not change. It
 * reads and writes nothing itself; io/capture/stream.h does.
 *
 * Formats: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
 */
#ifndef IO_CAPTURE_H
#define IO_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

/* What a packet may grow by, and the writable bytes that must lie behind those of a window. */
#define IO_GROWTH 4

/* A captured packet is not larger than this; a length beyond it is taken for damage. */
#define IO_PACKET_MAX (16u << 20)

/*
 * pcapng blocks up to this size are handed on whole or not at all; of longer ones the part behind the packet streams
 * through.
 */
#define IO_BLOCK_WHOLE (1u << 20)

/* Interfaces of one pcapng section. */
#define IO_INTERFACES_MAX 65536

struct io_capture_hooks {
	/*
	 * One packet: len bytes at buf, LINKTYPE_* number of its interface. May change these bytes. Returns the new
	 * length: len, or len + IO_GROWTH where room has space for that.
	 */
	uint32_t (*packet)(void *ctx, uint32_t linktype, uint8_t *buf, uint32_t len, uint32_t room);
	void *ctx;
	bool may_grow; /* else room is always len */
};

/* Bytes that come before those at offset `at` of the window. */
struct io_insert {
	size_t at;
	uint8_t bytes[IO_GROWTH];
};

/* Bytes to be replaced at offset `at` of the output, in what earlier windows wrote. */
struct io_fixup {
	bool set;
	uint64_t at;
	uint8_t bytes[8];
};

struct io_window {
	uint8_t *data; /* caller's, with room for IO_GROWTH bytes behind len */
	size_t len;
	struct io_insert *inserts; /* in order; freed by io_window_free() */
	size_t n_inserts, max_inserts;
	struct io_fixup fixup;
};

enum io_capture_state {
	IO_CAPTURE_OK,
	IO_CAPTURE_TRUNCATED, /* all that came is fine; it ends inside a record */
	IO_CAPTURE_BAD, /* not a capture, or damaged */
	IO_CAPTURE_NO_MEMORY,
};

struct io_pcap {
	uint32_t linktype, snaplen;
	bool nanoseconds;
	uint32_t header; /* bytes before each packet */
	bool lengths_swapped; /* before version 2.4: either order */
};

struct io_pcapng_interface {
	uint32_t linktype, snaplen;
	uint8_t resolution; /* of times, as the option if_tsresol has it */
	int64_t offset; /* seconds */
};

struct io_pcapng {
	struct io_pcapng_interface *interfaces;
	uint32_t n_interfaces, max_interfaces;
	struct {
		int64_t length; /* as the input has it; negative: not given */
		bool swapped;
		uint64_t input, output; /* where its length stands in each */
		uint64_t grown; /* by complete blocks */
	} section;
	struct { /* the long block that streams through */
		bool on;
		uint32_t rest; /* bytes before its last length field */
		uint32_t length; /* what that field must say */
		uint32_t grown;
	} stream;
};

struct io_capture_format;

struct io_capture {
	const struct io_capture_hooks *hooks;
	bool seekable; /* io_window.fixup can be applied */

	enum io_capture_state state;
	struct tm_error error; /* what, and where in the input, while state is not IO_CAPTURE_OK */
	uint64_t packets; /* handed to the hook */
	struct { /* of the packet that the hook is given */
		int64_t ns; /* since 1970; where the file has no time for it, that of the one before */
		uint32_t interface; /* number in its section; pcap: 0 */
	} at;
	struct {
		uint64_t input, output; /* bytes of each that are complete records */
		uint64_t packets; /* in them */
	} whole;

	/* of the scanner: */
	const struct io_capture_format *format;
	bool swapped; /* the file's byte order is not ours */
	uint64_t base; /* offset of the window in the input */
	uint64_t grown; /* bytes inserted so far */
	size_t need; /* bytes that the next step wants in one window */
	union {
		struct io_pcap pcap;
		struct io_pcapng ng;
	};
};

/* hooks stay the caller's and must outlive the capture. */
void io_capture_init(struct io_capture *c, const struct io_capture_hooks *hooks, bool seekable);

/*
 * Goes over a window. Returns how many of its bytes are done with: they can be written, with the window's inserts;
 * the rest must come again at the front of the next window, which must then have at least c->need bytes (or be the
 * end). On an error c->state and c->error say what, and the bytes returned are those before the fault.
 */
size_t io_capture_scan(struct io_capture *c, struct io_window *w);

/*
 * The input is over and `left` bytes of the last window were not used. Leaves the last fixup in w (whose bytes do not
 * count any more).
 */
void io_capture_end(struct io_capture *c, struct io_window *w, size_t left);

void io_capture_free(struct io_capture *c);

void io_window_free(struct io_window *w);

#endif
