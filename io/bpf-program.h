/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The BPF programs: opened, given their constants and maps, loaded. Not yet on any device.
 */
#ifndef IO_BPF_PROGRAM_H
#define IO_BPF_PROGRAM_H

#include <bpf/libbpf.h>
#include <stdint.h>

#include "bpf/config.h"
#include "lib/error.h"
#include "lib/rules.h"

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

/* The maps a hook keeps whatever program runs on it. File descriptors are owned by the struct; -1: none. */
struct io_maps {
	int rules;
	int counters;
	int events; /* a ring buffer (bpf/event.h); -1 in hooks of versions without it */
	int telling; /* what each CPU left out of it */
	uint32_t image_words; /* room for one image in the rules map */
};

#define IO_NO_MAPS ((struct io_maps){ .rules = -1, .counters = -1, .events = -1, .telling = -1 })

/*
 * Creates the maps, with room for `image` and as much again, and writes it. 0 or −errno with *e filled. io_maps_close() in either
 * case.
 */
int io_maps_create(struct io_maps *maps, const struct tm_image *image, struct tm_error *e);

void io_maps_close(struct io_maps *maps);

/*
 * Puts an image in force at one moment: it is written beside the one in force, then the switch is thrown. -E2BIG where the
 * map has no room for it. The caller holds the lock that keeps a second writer away.
 */
int io_maps_switch(const struct io_maps *maps, const struct tm_image *image, struct tm_error *e);

/*
 * Sets the watch word of a hook until a time (CLOCK_MONOTONIC in ns), or with `reasons` 0 ends the watch. 0 or −errno with *e filled.
 */
int io_maps_watch(const struct io_maps *maps, uint32_t reasons, uint64_t until, struct tm_error *e);

/* Gives one rules map the watch word of another. */
int io_maps_keep_watch(const struct io_maps *to, const struct io_maps *from, struct tm_error *e);

/* Words of room for one image in a rules map, 0 where it cannot be told. */
uint32_t io_maps_room(int rules_fd);

/*
 * The image in force, copied out. The caller frees it (tm_image_free). 0 or −errno with *e filled.
 */
int io_maps_read(int rules_fd, struct tm_image *image, struct tm_error *e);

/* An opened object. */
struct io_program {
	void *skeleton;
	struct bpf_object *object;
	enum io_mode mode;
	unsigned directions;
	struct tm_bpf_config *config;
	bool fib_mark; /* its route lookups see the packet's mark */
};

/*
 * Opens the programs of a mode that the directions (1 << TM_IN, 1 << TM_OUT) need, sets their constants, and lets them use `maps`. `link`: enum pk_link of the device. The
 * object is loaded by io_program_load(), or by libxdp when it attaches it. 0 or −errno with *e filled.
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

/* Fills *e with what a failed BPF call means for a person, and returns err. `what` names the step. */
int io_bpf_error(struct tm_error *e, int err, const char *what);

/* Lets libbpf's and libxdp's own messages through to standard error (-v), or keeps them back (the default). */
void io_bpf_verbose(bool verbose);

#endif
