/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpffs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOUNT_POINT "/sys/fs/bpf"

static int kept = -1; /* the file system, where it is not on our MOUNT_POINT */

static bool is_bpffs(const char *path)
{
	struct statfs s;

	return !statfs(path, &s) && (unsigned long)s.f_type == BPF_FS_MAGIC;
}

/* The parent of a process, 0 where it cannot be told. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[128];
	pid_t parent = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "PPid:", 5))
			parent = (pid_t)atoi(line + 5);
	if (f)
		fclose(f);
	return parent;
}

static bool same_mounts(pid_t pid)
{
	char path[64];
	struct stat ours, theirs;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	return !stat("/proc/self/ns/mnt", &ours) && !stat(path, &theirs) && ours.st_ino == theirs.st_ino;
}

/* The nearest ancestor that sees other mounts than we do, 0 for none: who called `ip netns exec`, which put another /sys around us. */
static pid_t outside(void)
{
	pid_t pid = getppid();
	char path[64];

	while (pid > 0) {
		snprintf(path, sizeof(path), "/proc/%d/root/sys", (int)pid);
		if (!same_mounts(pid))
			return access(path, X_OK) ? 0 : pid;
		pid = parent_of(pid);
	}
	return 0;
}

static int mount_here(struct tm_error *e)
{
	if (!mount("bpf", MOUNT_POINT, "bpf", 0, "mode=0700"))
		return 0;
	return tm_error_code(e, errno == EACCES ? -EPERM : -errno, "mounting a BPF file system on %s: %s%s", MOUNT_POINT,
			     strerror(errno), errno == EPERM || errno == EACCES ? ": run as root" : "");
}

/* A mount of our own would be gone with us, and the clamp with it: it is made where that process lives. */
static int mount_outside(pid_t pid, struct tm_error *e)
{
	int status = 0, mnt;
	char path[64];
	pid_t child;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	mnt = open(path, O_RDONLY | O_CLOEXEC);
	child = mnt < 0 ? -1 : fork();
	if (!child)
		_exit(setns(mnt, CLONE_NEWNS) || mount_here(e) ? 1 : 0);
	if (child > 0)
		waitpid(child, &status, 0);
	if (mnt >= 0)
		close(mnt);
	if (child > 0 && !status)
		return 0;
	return tm_error_code(e, -ENOENT,
			     "no BPF file system on %s outside this mount namespace: mount one there first (mount -t bpf bpf %s)",
			     MOUNT_POINT, MOUNT_POINT);
}

/*
 * Where that process lives, as a path that works also when its mounts may no longer be looked at: for a process that gives up rights
 * later. The descriptor stays open.
 */
static void keep_outside(struct io_bpffs *fs, pid_t pid)
{
	int fd;

	snprintf(fs->root, sizeof(fs->root), "/proc/%d/root%s", (int)pid, MOUNT_POINT);
	if (!is_bpffs(fs->root))
		return;
	fd = open(fs->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	kept = fd;
	snprintf(fs->root, sizeof(fs->root), "/proc/self/fd/%d", kept);
}

/* Sets fs->root. -ENOENT with nothing told where there is none and none is to be made. */
static int find(struct io_bpffs *fs, bool create, struct tm_error *e)
{
	pid_t pid;
	int err;

	snprintf(fs->root, sizeof(fs->root), "%s", MOUNT_POINT);
	if (is_bpffs(fs->root))
		return 0;
	if (kept >= 0) {
		snprintf(fs->root, sizeof(fs->root), "/proc/self/fd/%d", kept);
		return 0;
	}
	pid = outside();
	if (pid)
		keep_outside(fs, pid);
	if (is_bpffs(fs->root))
		return 0;
	if (!create)
		return -ENOENT;
	err = pid ? mount_outside(pid, e) : mount_here(e);
	if (pid && !err)
		keep_outside(fs, pid);
	return err;
}

static int make_dir(const char *path, struct tm_error *e)
{
	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	return tm_error_code(e, errno == EACCES ? -EPERM : -errno, "making %s: %s%s", path, strerror(errno),
			     errno == EACCES || errno == EPERM ? ": run as root" : "");
}

/* Locks fs->base. 0 with fs->lock -1: the directory was another one by then. */
static int lock(struct io_bpffs *fs, struct tm_error *e)
{
	struct stat ours, there;
	int fd = open(fs->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || flock(fd, LOCK_EX) || fstat(fd, &ours)) {
		err = tm_error_code(e, -errno, "locking %s: %s", fs->base, strerror(errno));
		if (fd >= 0)
			close(fd);
		return err;
	}
	if (stat(fs->base, &there) || there.st_ino != ours.st_ino)
		close(fd);
	else
		fs->lock = fd;
	return 0;
}

/* Who may own our directories: root, whoever runs this, and the user that the daemon's service runs as. */
static bool trusted(uid_t owner)
{
	const struct passwd *user = owner == 0 || owner == geteuid() ? NULL : getpwnam("tcpmss");

	return owner == 0 || owner == geteuid() || (user && user->pw_uid == owner);
}

/* Whoever could write there could take our hooks away, or put others in their place. */
static int check_owner(const char *path, struct tm_error *e)
{
	struct stat s;

	if (lstat(path, &s))
		return tm_error_code(e, errno == EACCES ? -EPERM : -errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(s.st_mode) && trusted(s.st_uid) && !(s.st_mode & 022))
		return 0;
	return tm_error_code(e, -EEXIST, "%s is not a directory that only root can write: somebody else made it; remove it first", path);
}

int io_bpffs_open(struct io_bpffs *fs, bool create, struct tm_error *e)
{
	struct stat netns;
	int err;

	*fs = (struct io_bpffs){ .lock = -1 };
	err = find(fs, create, e);
	if (err == -ENOENT && !create)
		return 0; /* no file system, so no hooks */
	if (err)
		return err;
	if (stat("/proc/self/ns/net", &netns))
		return tm_error_code(e, -errno, "/proc/self/ns/net: %s", strerror(errno));
	snprintf(fs->base, sizeof(fs->base), "%s/tcpmss", fs->root);
	snprintf(fs->dir, sizeof(fs->dir), "%s/tcpmss/%lu", fs->root, (unsigned long)netns.st_ino);
	if (!create) {
		/* with the capabilities of a service that is not root */
		if (faccessat(AT_FDCWD, fs->dir, R_OK | X_OK, AT_EACCESS) && errno == EACCES)
			return tm_error_code(e, -EPERM, "%s: not permitted: run as root", fs->dir);
		return faccessat(AT_FDCWD, fs->base, F_OK, AT_EACCESS) ? 0 : check_owner(fs->base, e);
	}
	/* The last detach of another process may take the directories away until the lock is ours. */
	do {
		err = make_dir(fs->base, e);
		if (!err)
			err = check_owner(fs->base, e);
		if (err)
			return err;
		err = lock(fs, e);
		if (err)
			return err;
	} while (fs->lock < 0);
	err = make_dir(fs->dir, e);
	if (err)
		io_bpffs_close(fs);
	return err;
}

void io_bpffs_close(struct io_bpffs *fs)
{
	if (fs->lock < 0)
		return;
	rmdir(fs->dir); /* succeeds where no hook is left */
	rmdir(fs->base);
	close(fs->lock);
	fs->lock = -1;
}

void io_bpffs_path(const struct io_bpffs *fs, const char *hook, const char *object, char path[IO_PATH])
{
	if (object)
		snprintf(path, IO_PATH, "%s/%s/%s", fs->dir, hook, object);
	else
		snprintf(path, IO_PATH, "%s/%s", fs->dir, hook);
}

int io_hook_name_check(const char *name, struct tm_error *e)
{
	return tm_hook_name_check(name, e);
}

bool io_bpffs_there(const char *path)
{
	return !faccessat(AT_FDCWD, path, F_OK, AT_EACCESS);
}
