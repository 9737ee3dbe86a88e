/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One clamp, run over single frames by user space or by the loaded XDP and tc programs (BPF_PROG_TEST_RUN).
 */
#ifndef BACKEND_H
#define BACKEND_H

#include "io/bpf/program.h"
#include "lib/clamp.h"
#include "lib/options.h"

enum backend_kind { BACKEND_USER, BACKEND_XDP, BACKEND_TC, BACKEND_WIRE_XDP, BACKEND_WIRE_TC, BACKEND_NONE };

struct backend {
	enum backend_kind kind;
	enum pk_link link;
	struct tm_image image;
	struct io_maps maps;
	struct io_program program;
	struct tm_bpf_counters *before, *after; /* one for each CPU */
	struct ring_buffer *ring; /* while it is watched */
	struct tm_bpf_event event; /* the last one */
	unsigned events; /* of the last frame */
};

/* "user", "xdp", "tc", "wire-xdp" or "wire-tc"; false for another word. */
bool backend_kind_find(const char *name, enum backend_kind *kind);

/* The names of enum pk_link that vectors use; PK_LINK_UNKNOWN for another word. */
enum pk_link backend_link_find(const char *name);

/* Prepares it for these options. 0 or −errno with *e filled. */
int backend_open(struct backend *b, enum backend_kind kind, enum pk_link link, const struct tm_options *o, struct tm_error *e);

/*
 * The same for a backend that may be open already: programs stay loaded and get new rules where link type and room allow it.
 */
int backend_reopen(struct backend *b, enum backend_kind kind, enum pk_link link, const struct tm_options *o, struct tm_error *e);

/*
 * Whether the backend can run such a frame at all: hooks see Ethernet only, and the kernel's test run for tc refuses what ends
 * within the IP header.
 */
bool backend_can(enum backend_kind kind, enum pk_link link, const uint8_t *frame, uint32_t len);

/*
 * Runs one frame through it, in place; room ≥ *len + 4. The result comes from the program's counters, so a frame that
 * is counted twice, or not at all, or that does not go where all frames go, is an error (-EPROTO).
 */
int backend_run(struct backend *b, uint8_t *frame, uint32_t *len, uint32_t room, struct pk_result *result);

/*
 * From here on every SYN is to make an event, the one that user space would make of it. BPF only. 0 or −errno with *e filled.
 */
int backend_watch(struct backend *b, struct tm_error *e);

/* Whether a frame that backend_run() has been through made the event it should, or none if it is no SYN. */
bool backend_told(const struct backend *b, const uint8_t *before, uint32_t len, const struct pk_result *result);

void backend_close(struct backend *b);

#endif
