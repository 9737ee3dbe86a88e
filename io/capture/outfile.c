/* SPDX-License-Identifier: BSD-2-Clause */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool io_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && !S_ISCHR(a->st_mode) && !S_ISSOCK(a->st_mode);
}

/* "DIRECTORY/.tcpmss-XXXXXX" for the file at path. */
static char *temporary_beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name;

	if (asprintf(&name, "%.*s.tcpmss-XXXXXX", slash ? (int)(slash + 1 - path) : 0, path) < 0)
		return NULL;
	return name;
}

/* The mode of a new file is what open() would give it. */
static mode_t new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int take_over(int fd, const struct stat *old)
{
	/* Owner and group are kept where we may set them; never with the mode's rights for somebody else's group. */
	mode_t mode = old->st_mode & 0777;

	if (fchown(fd, old->st_uid, old->st_gid) < 0 && fchown(fd, -1, old->st_gid) < 0)
		mode &= ~070u;
	return fchmod(fd, mode);
}

static int open_directly(struct io_outfile *o, const char *path, struct tm_error *e)
{
	o->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (o->fd < 0)
		return tm_error_code(e, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

/* The pointer goes before the memory: a signal may come between the two. */
static void forget_temporary(struct io_outfile *o)
{
	char *name = o->temporary;

	o->temporary = NULL;
	free(name);
}

static int open_temporary(struct io_outfile *o, const char *path, const struct stat *old, struct tm_error *e)
{
	int error;

	/* A link keeps pointing at the file: that is what gets replaced. */
	o->path = old ? realpath(path, NULL) : strdup(path);
	o->temporary = o->path ? temporary_beside(o->path) : NULL;
	if (!o->temporary) {
		error = tm_error_code(e, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	o->fd = mkostemp(o->temporary, O_CLOEXEC);
	if (o->fd < 0) {
		error = tm_error_code(e, -errno, "%s: cannot make a temporary file beside it: %s", path,
				      strerror(errno));
		forget_temporary(o);
		goto out;
	}
	if ((old ? take_over(o->fd, old) : fchmod(o->fd, new_mode())) == 0)
		return 0;
	error = tm_error_code(e, -errno, "%s: %s", o->temporary, strerror(errno));
out:
	io_outfile_drop(o);
	return error;
}

int io_outfile_open(struct io_outfile *o, const char *path, const struct stat *input, struct tm_error *e)
{
	struct stat st;

	*o = (struct io_outfile){ .fd = -1 };
	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return tm_error_code(e, -errno, "%s: %s", path, strerror(errno));
		if (lstat(path, &st) == 0)
			return tm_error_code(e, -ENOENT, "%s: a symbolic link to nothing; name the file itself", path);
		return open_temporary(o, path, NULL, e);
	}
	if (S_ISDIR(st.st_mode))
		return tm_error_code(e, -EISDIR, "%s: a directory; name a file", path);
	if (io_same_file(&st, input))
		return tm_error_code(e, -EINVAL, "%s: input and output are the same file; name another output", path);
	if (!S_ISREG(st.st_mode))
		return open_directly(o, path, e);
	/* Renaming over a file asks only for rights on its directory; the file's own say what its owner wants. */
	if (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0)
		return tm_error_code(e, -errno, "%s: %s", path, strerror(errno));
	return open_temporary(o, path, &st, e);
}

int io_outfile_done(struct io_outfile *o, struct tm_error *e)
{
	int error = 0;

	if (close(o->fd) < 0)
		error = -errno;
	o->fd = -1;
	if (!error && o->path && rename(o->temporary, o->path) < 0)
		error = -errno;
	if (error)
		tm_error_code(e, error, "%s: %s", o->path ? o->path : "output", strerror(-error));
	else
		forget_temporary(o);
	io_outfile_drop(o);
	return error;
}

void io_outfile_drop(struct io_outfile *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
	if (o->temporary)
		unlink(o->temporary);
	forget_temporary(o);
	free(o->path);
	o->path = NULL;
}
