/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A file that appears under its name when it is complete.
 *
 * A regular file is written as a temporary one beside the name and renamed; it takes over mode and owner of the file
 * it replaces. What is no regular file (/dev/null, a FIFO) is written directly.
 */
#ifndef IO_OUTFILE_H
#define IO_OUTFILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/error.h"

struct io_outfile {
	int fd; /* -1: not open */
	char *path; /* where it goes; NULL: written directly */
	char *volatile temporary; /* NULL before it exists and after it is gone: a signal handler may unlink it */
};

/* The same file under two names, or one descriptor twice: reading and writing it at once would destroy it. */
bool io_same_file(const struct stat *a, const struct stat *b);

/*
 * Opens path for writing. input: what is read while it is written, refused as path. Opening a FIFO waits for its
 * reader. 0, or -errno with *e filled and nothing to undo. To be called before there are threads.
 */
int io_outfile_open(struct io_outfile *o, const char *path, const struct stat *input, struct tm_error *e);

/* Closes and renames. 0, or -errno with *e filled and the temporary file gone. */
int io_outfile_done(struct io_outfile *o, struct tm_error *e);

/* Closes and removes what has been written. */
void io_outfile_drop(struct io_outfile *o);

#endif
