/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks: a clamp on a device, kept on the BPF file system.
 *
 * Objects of one (io/bpffs.h): `meta` (struct io_hook_meta), `rules`, `counters`, `baseline`, and with TCX the links `link-in`
 * and `link-out`.
 */
#ifndef IO_HOOK_H
#define IO_HOOK_H

#include <net/if.h>
#include <stddef.h>

#include "bpf-program.h"
#include "bpffs.h"
#include "lib/hook-counters.h"

/* How a hook's programs hang on the device. */
enum io_attachment {
	IO_TCX, /* links, Linux 6.6 and later */
	IO_CLSACT, /* filters of the clsact qdisc */
	IO_LIBXDP, /* its dispatcher, beside other XDP programs, or alone where the kernel lacks what that needs */
};

/* The pinned description of a hook. Its layout is kept; `version` says which one it is. */
struct io_hook_meta {
	uint32_t version;
	char name[IO_NAME];
	char device[IF_NAMESIZE];
	uint32_t ifindex;
	uint8_t mode; /* enum io_mode */
	uint8_t attachment; /* enum io_attachment */
	uint8_t directions; /* 1 << TM_IN | 1 << TM_OUT */
	uint8_t fib_mark; /* route lookups see the packet's mark */
	uint32_t program[TM_DIRECTIONS]; /* ids of what was loaded */
	uint32_t link; /* enum pk_link */
	uint32_t made_clsact; /* the qdisc was not there before */
	uint32_t reserved[8];
};

/* An open hook. Descriptors are its own, -1 where there is none. */
struct io_hook {
	struct io_hook_meta meta;
	struct io_maps maps;
	int baseline;
	bool alive; /* its programs are still on a device of that name and index */
	char trouble[160]; /* what looks wrong, empty for nothing */
};

struct io_attach {
	const char *name; /* of the hook */
	const char *device;
	enum io_mode mode;
	unsigned directions; /* 1 << TM_IN | 1 << TM_OUT */
	const struct tm_image *image;
};

/*
 * Puts a clamp on a device, or, where the hook is there already with the same device, mode and directions, puts the new rules in
 * force at one moment; counters stay. *replaced tells which. A hook whose device or program has gone is attached anew, and
 * goes on counting where it stopped. 0 or −errno with *e filled: -ENODEV no such device, -EBUSY the hook exists
 * otherwise, -EPERM, -EOPNOTSUPP what kernel or driver cannot. Nothing is changed then.
 */
int io_hook_attach(const struct io_attach *a, bool *replaced, struct tm_error *e);

/*
 * Takes hooks away: the one of that name, or all of the device of that name, or with NULL all of this network namespace. Returns how
 * many, or −errno with *e filled (-ENOENT: none of that name).
 */
int io_hook_detach(const char *name, struct tm_error *e);

/* Calls `each` for every hook of this network namespace, by name, until it returns non-zero, which is returned. −errno with *e filled. */
int io_hook_each(int (*each)(struct io_hook *hook, void *ctx), void *ctx, struct tm_error *e);

/* Opens one by name. -ENOENT with *e filled. io_hook_close(). */
int io_hook_open(struct io_hook *hook, const char *name, struct tm_error *e);

void io_hook_close(struct io_hook *hook);

enum io_stats { IO_STATS_GET, IO_STATS_CLEAR, IO_STATS_GETCLEAR };

/*
 * Reads a hook's counters since the last clear, and for the other two clears them: what is counted between a read and a clear
 * is in the next read. 0 or −errno with *e filled.
 */
int io_hook_stats(const char *name, enum io_stats what, struct tm_hook_counters *counters, struct tm_error *e);

/* The same without clearing, of an open hook. */
int io_hook_counters(const struct io_hook *hook, struct tm_hook_counters *counters, struct tm_error *e);

#endif
