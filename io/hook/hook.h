/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks: a clamp on a device, or on the wire between two, kept on the BPF file system.
 *
 * Objects of one (io/bpf/bpffs.h): `meta` (struct io_hook_meta), `rules`, `counters`, `baseline`, `events` and `telling`
 * (bpf/event.h), and where links hold the programs `link-in` and `link-out`.
 *
 * Hooks that learn path MTUs share maps (io/hook/learn-maps.h). XDP programs see only what comes in, so that beside one of them stands a hook
 * without a name of its own, which only learns.
 */
#ifndef IO_HOOK_H
#define IO_HOOK_H

#include <net/if.h>
#include <stddef.h>

#include "io/bpf/program.h"
#include "io/bpf/bpffs.h"
#include "lib/report/hook-counters.h"

/* How a hook's programs hang on the device. */
enum io_attachment {
	IO_TCX, /* links, Linux 6.6 and later */
	IO_CLSACT, /* filters of the clsact qdisc */
	IO_LIBXDP, /* its dispatcher, beside other XDP programs */
	IO_XDP_LINK, /* a link, alone, where that is not permitted or the kernel lacks it (io/bpf/xdp.h) */
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
	/* XDP: the program's id. clsact: the filter's handle, which was the id of its first program. Of no use with TCX. */
	uint32_t place[TM_DIRECTIONS];
	uint32_t link; /* enum pk_link */
	uint32_t made_clsact; /* the qdisc was not there before: 1 << 0 of the device, 1 << 1 of a wire's other one */
	/* Of a wire; zero elsewhere and in what was pinned before there were any. */
	char peer[IF_NAMESIZE]; /* the other device: what comes in on `device` leaves here, and back */
	uint32_t peer_ifindex;
	uint8_t changed[TM_DIRECTIONS]; /* settings that were changed for it (io/hook/wire.h), of `device` and `peer` */
	uint8_t learn_only; /* stands beside a hook of another kind, and only learns */
	uint8_t pad;
	uint32_t learned; /* id of the map of learned paths; 0: does not learn */
	uint32_t reserved;
};
_Static_assert(sizeof(struct io_hook_meta) == 108, "pinned, and read by other versions");

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
	const char *peer; /* makes it a wire to this device; NULL: none */
	enum io_mode mode; /* not of a wire */
	enum tm_via via; /* of a wire; io/hook/wire.h tells what auto is */
	unsigned directions; /* 1 << TM_IN | 1 << TM_OUT; of a wire both */
	const struct tm_image *image;
	const struct io_learn_maps *learn; /* learns path MTUs with these; NULL: does not */
};

/*
 * Puts a clamp on a device, or, where the hook is there already with the same device, mode and directions, puts the new rules in
 * force at one moment; counters stay. *replaced tells which. A hook whose device or program has gone is attached anew, and
 * goes on counting where it stopped. 0 or −errno with *e filled: -ENODEV no such device, -EBUSY the hook exists
 * otherwise or a device is part of another wire, -EINVAL a wire from a device to itself, -EPERM, -EOPNOTSUPP what kernel or driver cannot. Nothing is changed then.
 */
int io_hook_attach(const struct io_attach *a, bool *replaced, struct tm_error *e);

/*
 * Puts programs on a device that learn path MTUs for what is no hook of ours there, an nfqueue: both directions, under the name of that
 * one; or renews them. 0 or −errno as above.
 */
int io_hook_learn_beside(const char *name, const char *device, const struct io_learn_maps *learn, struct tm_error *e);

/* Takes them away. Nothing there is no error. */
int io_hook_learn_no_more(const char *name, struct tm_error *e);

/*
 * Takes hooks away: the one of that name, or all of the device of that name (either of a wire's), or with NULL all of this network namespace. Returns how
 * many, or −errno with *e filled (-ENOENT: none of that name).
 */
int io_hook_detach(const char *name, struct tm_error *e);

/* Whether single SYNs of the hook can be watched; else an older version made it, and attaching again gives it what it lacks. */
static inline bool io_hook_has_events(const struct io_hook *hook)
{
	return hook->maps.events >= 0 && hook->maps.telling >= 0;
}

/* Calls `each` for every hook of this network namespace, by name, until it returns non-zero, which is returned. −errno with *e filled. */
int io_hook_each(int (*each)(struct io_hook *hook, void *ctx), void *ctx, struct tm_error *e);

/* Opens one by name. -ENOENT with *e filled. io_hook_close(). */
int io_hook_open(struct io_hook *hook, const char *name, struct tm_error *e);

void io_hook_close(struct io_hook *hook);

/* The MTU in bytes of the hook's device, of a wire's two the smaller; 0 where it is not alive. */
uint32_t io_hook_device_mtu(const struct io_hook *hook);

enum io_stats { IO_STATS_GET, IO_STATS_CLEAR, IO_STATS_GETCLEAR };

/*
 * Reads a hook's counters since the last clear, and for the other two clears them: what is counted between a read and a clear
 * is in the next read. 0 or −errno with *e filled.
 */
int io_hook_stats(const char *name, enum io_stats what, struct tm_hook_counters *counters, struct tm_error *e);

/* The same, but clears only these directions (1 << TM_IN, 1 << TM_OUT). */
int io_hook_stats_of(const char *name, unsigned directions, enum io_stats what, struct tm_hook_counters *counters,
		     struct tm_error *e);

/* The same without clearing, of an open hook. */
int io_hook_counters(const struct io_hook *hook, struct tm_hook_counters *counters, struct tm_error *e);

#endif
