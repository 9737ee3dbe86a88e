/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng: what the scanner of blocks and the keeper of sections share.
 */
#ifndef IO_PCAPNG_H
#define IO_PCAPNG_H

#include "capture-format.h"

#define PCAPNG_SECTION 0x0a0d0d0a /* reads the same in both byte orders */

/* Bytes of a section header and of an interface description that are looked at. */
#define PCAPNG_SECTION_MAGIC_AT 8
#define PCAPNG_SECTION_HEAD 24
#define PCAPNG_INTERFACE_HEAD 16

/* One block, while it is looked at. */
struct io_pcapng_block {
	size_t at; /* in the window */
	uint8_t *p; /* the same */
	uint32_t type, length;
	/* of a block with a packet: */
	uint32_t data_at, captured, original;
	const struct io_pcapng_interface *interface;
};

void io_pcapng_fail(struct io_capture *c, const struct io_pcapng_block *b, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Finds the byte order of a section header, whose length can be read then. False: failed. */
bool io_pcapng_byte_order(struct io_capture *c, const struct io_pcapng_block *b);

/* A section header, PCAPNG_SECTION_HEAD bytes of it; ends the section before. */
void io_pcapng_begin_section(struct io_capture *c, struct io_window *w, const struct io_pcapng_block *b);

/* Gives a section that has grown its new length. */
void io_pcapng_end_section(struct io_capture *c, struct io_window *w);

/* An interface description, PCAPNG_INTERFACE_HEAD bytes of it. */
void io_pcapng_add_interface(struct io_capture *c, const struct io_pcapng_block *b);

/* Sets the time of a packet from what its block has, in units of its interface. */
void io_pcapng_take_time(struct io_capture *c, const struct io_pcapng_block *b, uint64_t units);

void io_pcapng_free(struct io_capture *c);

#endif
