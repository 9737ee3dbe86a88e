/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/bpf/bpffs.h"
#include "io/clock.h"
#include "io/hook/hook.h"
#include "files.h"
#include "parts.h"

#define PATIENCE 2000 /* ms from TERM to KILL */

/* ---- processes */

/* One that was told to end. */
struct ending {
	struct pollfd fds[512];
	nfds_t count;
};

/* By a descriptor that is looked at again: what has that number now may be another process. */
static bool end_one(void *ctx, const struct io_lab_file *file, pid_t pid)
{
	struct ending *e = ctx;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return true;
	if (!io_lab_lives_in(pid, file)) {
		close(fd);
		return true;
	}
	syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0);
	e->fds[e->count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	return e->count < sizeof(e->fds) / sizeof(*e->fds);
}

/* ms from now; 0 where it is over. */
static int left(uint64_t deadline)
{
	uint64_t now = io_clock_ns(CLOCK_MONOTONIC);

	return now < deadline ? (int)((deadline - now) / 1000000) + 1 : 0;
}

/* Waits for each of them, in turn; those that are there in the end are killed. */
static void end_processes(const struct io_lab_files *files)
{
	uint64_t deadline = io_clock_ns(CLOCK_MONOTONIC) + PATIENCE * 1000000ULL,
		 late = deadline + PATIENCE * 1000000ULL;
	struct ending e;

	do {
		e.count = 0;
		io_lab_each_process(files, end_one, &e);
		for (nfds_t i = 0; i < e.count; i++) {
			if (poll(&e.fds[i], 1, left(deadline)) == 0) {
				syscall(SYS_pidfd_send_signal, e.fds[i].fd, SIGKILL, NULL, 0);
				poll(&e.fds[i], 1, PATIENCE);
			}
			close(e.fds[i].fd);
		}
	} while (e.count && left(late)); /* meanwhile they may have started others */
}

/* ---- pins */

static int unlink_one(const char *path, const struct stat *s, int type, struct FTW *where)
{
	remove(path);
	return 0;
}

/* Also what is pinned for the namespace and is no hook. The directory goes with the lock. */
static void unpin(const struct io_lab_file *file)
{
	struct io_bpffs fs;
	struct tm_error e;
	struct stat s;

	io_hook_detach(NULL, &e);
	if (io_bpffs_open(&fs, false, &e) || stat(fs.dir, &s) || io_bpffs_open(&fs, true, &e))
		return;
	nftw(fs.dir, unlink_one, 8, FTW_DEPTH | FTW_PHYS);
	io_bpffs_close(&fs);
}

static int unpin_all(const struct io_lab_files *files, struct tm_error *e)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), err = 0;

	for (size_t i = 0; home >= 0 && i < files->count; i++) {
		int netns = files->list[i].ino ? open(files->list[i].path, O_RDONLY | O_CLOEXEC) : -1;

		if (netns >= 0 && !setns(netns, CLONE_NEWNET))
			unpin(&files->list[i]);
		if (netns >= 0)
			close(netns);
	}
	if (home < 0 || setns(home, CLONE_NEWNET))
		err = tm_error_code(e, -errno, "going back to the machine's network namespace: %s", strerror(errno));
	if (home >= 0)
		close(home);
	return err;
}

int io_lab_down(const char *name, bool *found, struct tm_error *e)
{
	struct io_lab_files files;
	int err = io_lab_files(&files, name, e);

	*found = !err && files.count;
	if (err || !files.count)
		return err;
	for (size_t i = 0; !err && i < files.count; i++)
		if (io_lab_lives_in(getpid(), &files.list[i]))
			err = tm_error_code(e, -EBUSY, "this runs inside of lab '%s', at %s: leave it first", name,
					    io_lab_file_host(&files.list[i]));
	if (!err) {
		end_processes(&files);
		err = unpin_all(&files, e);
	}
	for (size_t i = 0; !err && i < files.count; i++)
		io_netns_remove(files.list[i].path);
	io_lab_files_free(&files);
	return err;
}
