/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of io/hook share. All of it works on an open file system (io/bpf/bpffs.h); what writes needs its lock.
 */
#ifndef IO_HOOK_PARTS_H
#define IO_HOOK_PARTS_H

#include "hook.h"

#define IO_META_VERSION 1

/* Number of the device that a direction's program is on: 1 for a wire's other one. */
static inline int io_hook_end(const struct io_hook_meta *meta, int direction)
{
	return io_mode_is_wire(meta->mode) && direction == TM_OUT;
}

/* The index of that device. */
static inline uint32_t io_hook_ifindex(const struct io_hook_meta *meta, int direction)
{
	return io_hook_end(meta, direction) ? meta->peer_ifindex : meta->ifindex;
}

/* Where on tc it is: a wire takes both directions as they come in. */
static inline enum tm_direction io_hook_point(const struct io_hook_meta *meta, int direction)
{
	return io_mode_is_wire(meta->mode) ? TM_IN : (enum tm_direction)direction;
}

/* Names of the pinned links, by direction. */
extern const char *const io_link_object[TM_DIRECTIONS];

/* Pins a descriptor as an object of the hook. */
int io_hook_pin(const struct io_bpffs *fs, const char *hook, const char *object, int fd, struct tm_error *e);

/* The descriptor of a pinned object, for the caller to close, or −errno. */
int io_hook_get(const struct io_bpffs *fs, const char *hook, const char *object);

/* Removes the hook's directory and all pins in it. */
void io_hook_unpin(const struct io_bpffs *fs, const char *hook);

/* Pins a map that holds one value, or writes the value of the one that is there. */
int io_hook_write(const struct io_bpffs *fs, const char *hook, const char *object, const void *value, size_t size,
		  struct tm_error *e);

/* Whether the hook has a directory, in whatever state it is. */
bool io_hook_exists(const struct io_bpffs *fs, const char *hook);

/* io_hook_open() on an open file system. -ENOENT; -EBADMSG for one that can only be taken away. */
int io_hook_open_in(const struct io_bpffs *fs, struct io_hook *hook, const char *name, struct tm_error *e);

/*
 * Loads the programs of a described hook with these maps, and puts them on its devices; what comes of it is noted in *meta. 0 or
 * −errno with *e filled; io_hook_detach_programs() then, too.
 */
int io_hook_attach_programs(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta, struct tm_error *e);

/* Puts programs with other maps in the place of those that are on the devices. 0 or −errno with *e filled. */
int io_hook_replace_programs(const struct io_bpffs *fs, const struct io_maps *maps, struct io_hook_meta *meta, struct tm_error *e);

/* Takes the programs off the device, as far as they still are on it. */
int io_hook_detach_programs(const struct io_bpffs *fs, const struct io_hook_meta *meta, struct tm_error *e);

/* Takes away a hook whatever state it is in. */
int io_hook_remove(const struct io_bpffs *fs, const char *name, struct tm_error *e);

/* The description of a hook, of this version. */
bool io_hook_read_meta(const struct io_bpffs *fs, const char *hook, struct io_hook_meta *meta);

/*
 * Names of the hooks, sorted: *count of them, in one allocation for free(); NULL without memory. With `all` those, too, that stand beside
 * others.
 */
char (*io_hook_list(const struct io_bpffs *fs, bool all, int *count))[IO_NAME];

#define IO_BESIDE '~' /* begins their names; no name that is given does */

/* The name of what stands beside a hook. */
void io_hook_beside_name(const char *hook, char name[IO_NAME]);

/* Takes the maps of path MTU discovery away where no hook learns any more. */
void io_hook_learn_tidy(const struct io_bpffs *fs);

#endif
