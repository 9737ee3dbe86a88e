/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who lives in the namespaces of a lab.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"

bool io_lab_lives_in(pid_t pid, const struct io_lab_file *file)
{
	char path[40];
	struct stat s;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	return file->ino && !stat(path, &s) && s.st_ino == file->ino && s.st_dev == file->dev;
}

void io_lab_each_process(const struct io_lab_files *files,
			 bool (*take)(void *ctx, const struct io_lab_file *file, pid_t pid), void *ctx)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	bool more = true;

	while (more && proc && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;

		for (size_t i = 0; pid && more && i < files->count; i++)
			if (io_lab_lives_in(pid, &files->list[i]))
				more = take(ctx, &files->list[i], pid);
	}
	if (proc)
		closedir(proc);
}

struct telling {
	io_lab_process take;
	void *ctx;
};

static bool tell(void *ctx, const struct io_lab_file *file, pid_t pid)
{
	struct telling *t = ctx;
	char path[40], command[16] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, command, sizeof(command) - 1);
	command[n > 0 ? strcspn(command, "\n") : 0] = '\0';
	if (fd >= 0)
		close(fd);
	return t->take(t->ctx, io_lab_file_host(file), pid, command);
}

void io_lab_processes(const char *name, io_lab_process take, void *ctx)
{
	struct telling t = { take, ctx };
	struct io_lab_files files;
	struct tm_error e;

	if (io_lab_files(&files, name, &e))
		return;
	io_lab_each_process(&files, tell, &t);
	io_lab_files_free(&files);
}
