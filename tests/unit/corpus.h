/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vectors of tests/vectors/, for tests that take them as material.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include "lib/clamp.h"
#include "lib/options.h"

#define CORPUS_ROOM 4096 /* no frame is larger */

struct corpus_vector {
	char *name;
	enum pk_link link;
	struct tm_options options; /* finished */
	struct tm_image image;
	enum pk_reason reason;
	uint8_t *in, *out; /* out == in where the frame stays the same */
	uint32_t in_len, out_len;
};

struct corpus {
	struct corpus_vector *vectors;
	size_t count, room;
};

/* Adds all files of $TM_VECTORS, else of the source tree. Exits with a message on standard error where they cannot be read. */
void corpus_read(struct corpus *c);

void corpus_free(struct corpus *c);

#endif
