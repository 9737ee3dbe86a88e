/* SPDX-License-Identifier: BSD-2-Clause */
#include "pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* True where the file we hold is still the one of that name: a daemon that ends removes its file. */
static bool current(const struct pidfile *f)
{
	struct stat ours, named;

	return !fstat(f->fd, &ours) && !stat(f->path, &named) && ours.st_dev == named.st_dev &&
	       ours.st_ino == named.st_ino;
}

int pidfile_open(struct pidfile *f, const char *path, struct tm_error *e)
{
	*f = (struct pidfile){ .path = path, .fd = -1 };
	do {
		pidfile_forget(f);
		f->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
		if (f->fd < 0)
			return tm_error_code(e, -errno, "pid file %s: %s", path, strerror(errno));
		if (flock(f->fd, LOCK_EX | LOCK_NB)) {
			int err = -errno;

			pidfile_forget(f);
			return tm_error_code(e, err == -EWOULDBLOCK ? -EBUSY : err,
					     "pid file %s is locked: that daemon is still running", path);
		}
	} while (!current(f));
	if (*path != '/') /* the daemon changes its folder */
		f->path = realpath(path, NULL);
	return f->path ? 0 : tm_error_code(e, -errno, "pid file %s: %s", path, strerror(errno));
}

int pidfile_write(struct pidfile *f, struct tm_error *e)
{
	if (f->fd < 0 || (!ftruncate(f->fd, 0) && dprintf(f->fd, "%d\n", (int)getpid()) > 0))
		return 0;
	return tm_error_code(e, -errno, "pid file %s: %s", f->path, strerror(errno));
}

void pidfile_forget(struct pidfile *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

void pidfile_remove(struct pidfile *f)
{
	if (f->fd >= 0)
		unlink(f->path);
	pidfile_forget(f);
}
