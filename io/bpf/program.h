/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BPF programs: opened, given their constants and maps, loaded. Not yet on any device.
 */
#ifndef IO_BPF_PROGRAM_H
#define IO_BPF_PROGRAM_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "bpf/config.h"
#include "error.h"
#include "maps.h"
#include "lib/error.h"

/* The last two carry a wire: what one device receives leaves through another. */
enum io_mode { IO_TC, IO_XDP, IO_XDP_GENERIC, IO_WIRE_TC, IO_WIRE_XDP };

/* "tc", "xdp", "xdp-generic", "wire" */
const char *io_mode_name(enum io_mode mode);

static inline bool io_mode_is_wire(enum io_mode mode)
{
	return mode == IO_WIRE_TC || mode == IO_WIRE_XDP;
}

/* Whether its programs are XDP programs, which libxdp loads; each then needs an object of its own. */
static inline bool io_mode_is_xdp(enum io_mode mode)
{
	return mode == IO_XDP || mode == IO_XDP_GENERIC || mode == IO_WIRE_XDP;
}

/* An opened object. */
struct io_program {
	void *skeleton;
	void (*destroy)(void *skeleton);
	struct bpf_object *object;
	enum io_mode mode;
	unsigned directions;
	const char *name; /* of the program, where it is not a hook's */
	void *constants; /* tm_config of the object */
	struct tm_bpf_config *config; /* the same, of a hook's programs */
	bool fib_mark; /* its route lookups see the packet's mark */
};

/*
 * Opens the programs of a mode that the directions (1 << TM_IN, 1 << TM_OUT) need, sets their constants, and lets them use `maps`.
 * `link`: enum pk_link of the device. The object is loaded by io_program_load(), or by libxdp when it attaches it. 0 or −errno with *e filled.
 */
int io_program_open(struct io_program *p, enum io_mode mode, unsigned directions, uint32_t link, const struct io_maps *maps,
		    struct tm_error *e);

/* Between opening and loading a wire's programs: the indices of its devices. 0 or −errno with *e filled. */
int io_program_wire(struct io_program *p, const uint32_t ifindex[TM_DIRECTIONS], struct tm_error *e);

/* 0 or −errno with *e filled: which privilege or kernel feature is missing. */
int io_program_load(struct io_program *p, struct tm_error *e);

/* What the program for a direction is called. */
const char *io_program_name(const struct io_program *p, enum tm_direction direction);

/* The program for a direction (XDP has TM_IN only, but on a wire): its descriptor, or -ENOENT. Valid until io_program_close(). */
int io_program_fd(const struct io_program *p, enum tm_direction direction);

void io_program_close(struct io_program *p);

#endif
