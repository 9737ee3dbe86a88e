/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The namespaces of a lab by their files, and who lives in them.
 */
#ifndef IO_LAB_FILES_H
#define IO_LAB_FILES_H

#include <sys/types.h>

#include "parts.h"

struct io_lab_file {
	char path[IO_NETNS_PATH];
	size_t host_at; /* where in path the host's name begins */
	dev_t dev;
	ino_t ino; /* of the namespace; 0 where there is none behind the file */
	char record[TM_LAB_RECORD];
};

struct io_lab_files {
	struct io_lab_file *list;
	size_t count;
};

static inline const char *io_lab_file_host(const struct io_lab_file *f)
{
	return f->path + f->host_at;
}

/* All that a lab of that name has left, sorted by hosts. 0 or −errno with *e filled. */
int io_lab_files(struct io_lab_files *files, const char *name, struct tm_error *e);

void io_lab_files_free(struct io_lab_files *files);

/* ---- lab-processes.c */

/* Whether the process is in that network namespace now. */
bool io_lab_lives_in(pid_t pid, const struct io_lab_file *file);

/* Calls `take` for each process that lives in one of them, until it returns false. */
void io_lab_each_process(const struct io_lab_files *files,
			 bool (*take)(void *ctx, const struct io_lab_file *file, pid_t pid), void *ctx);

#endif
