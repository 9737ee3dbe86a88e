/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where hooks are kept: a directory for each on the BPF file system, below one for each network namespace, so that a clamp
 * outlives the process that attached it.
 *
 *	/sys/fs/bpf/tcpmss/<inode of the network namespace>/<hook>/<object>
 */
#ifndef IO_BPFFS_H
#define IO_BPFFS_H

#include <limits.h>
#include <stdbool.h>

#include "lib/error.h"
#include "lib/words.h"

/* Bytes of a path here, NUL included. */
#define IO_PATH 512

/* A hook's name: letters, digits and ".-_:@+", not starting with a dot. */
#define IO_NAME TM_HOOK_NAME

struct io_bpffs {
	char root[64]; /* the mounted file system */
	char base[96]; /* our directory on it */
	char dir[128]; /* this network namespace's hooks */
	int lock; /* descriptor that holds the lock, -1 */
};

/*
 * Finds the BPF file system, also from inside `ip netns exec`, which hides it. With `create` mounts it where there is none,
 * makes our directories and takes the lock that keeps other writers away until io_bpffs_close(). Without, a missing directory is
 * no error. 0 or −errno with *e filled.
 */
int io_bpffs_open(struct io_bpffs *fs, bool create, struct tm_error *e);

void io_bpffs_close(struct io_bpffs *fs);

/* path = DIR/HOOK, or DIR/HOOK/OBJECT. */
void io_bpffs_path(const struct io_bpffs *fs, const char *hook, const char *object, char path[IO_PATH]);

/* 0, or -EINVAL with *e filled where it is no name for a hook. */
int io_hook_name_check(const char *name, struct tm_error *e);

/* Whether there is something of that path, with the rights that this process has, whoever started it. */
bool io_bpffs_there(const char *path);

#endif
