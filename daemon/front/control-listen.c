/* SPDX-License-Identifier: BSD-2-Clause */
#include "control-listen.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 128

static int wrong(const struct control_listen *l, int err, const char *what, struct tm_error *e)
{
	return tm_error_code(e, err, "control socket %s: %s: %s", l->path, what, strerror(-err));
}

/* The last folder of the path. */
static int make_folder(const struct control_listen *l, struct tm_error *e)
{
	char folder[sizeof(l->path)];
	char *slash;

	strcpy(folder, l->path);
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	return mkdir(folder, 0755) && errno != EEXIST ? wrong(l, -errno, "making its folder", e) : 0;
}

static int in_use(const struct control_listen *l, struct tm_error *e)
{
	return tm_error_code(
		e, -EADDRINUSE,
		"control socket %s: another tcpmssd serves it; give this one its own, with control { socket = ... }",
		l->path);
}

/* A lock tells the living from the dead, also when two start at once. */
static int lock(struct control_listen *l, struct tm_error *e)
{
	char path[sizeof(l->path) + 5];

	snprintf(path, sizeof(path), "%s.lock", l->path);
	l->lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (l->lock < 0)
		return wrong(l, -errno, "its lock", e);
	return flock(l->lock, LOCK_EX | LOCK_NB) ? in_use(l, e) : 0;
}

/* Whoever listens there without our lock. */
static bool answers(const struct sockaddr_un *at)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool alive = fd >= 0 && (!connect(fd, (const struct sockaddr *)at, sizeof(*at)) || errno == EAGAIN);

	if (fd >= 0)
		close(fd);
	return alive;
}

static int remove_stale(const struct control_listen *l, const struct sockaddr_un *at, struct tm_error *e)
{
	struct stat st;

	if (lstat(l->path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return tm_error_code(e, -EEXIST,
				     "control socket %s: there is something else of that name; move it away", l->path);
	if (answers(at))
		return in_use(l, e);
	return unlink(l->path) && errno != ENOENT ? wrong(l, -errno, "removing the old one", e) : 0;
}

/* Nobody can connect before the group is right. */
static int make(struct control_listen *l, const struct sockaddr_un *at, gid_t group, struct tm_error *e)
{
	mode_t mask = umask(0177);
	int err;

	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = l->fd < 0 || bind(l->fd, (const struct sockaddr *)at, sizeof(*at)) ? -errno : 0;
	umask(mask);
	if (err)
		return wrong(l, err, "making it", e);
	if (group != (gid_t)-1 && chown(l->path, (uid_t)-1, group))
		return wrong(l, -errno, "giving it to its group", e);
	if (chmod(l->path, 0660) || listen(l->fd, BACKLOG))
		return wrong(l, -errno, "opening it", e);
	return 0;
}

static void let_go(struct control_listen *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->lock >= 0)
		close(l->lock);
	l->fd = l->lock = -1;
}

int control_listen_open(struct control_listen *l, const char *path, const char *group, struct tm_error *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const struct group *found = group ? getgrnam(group) : NULL;
	int err;

	*l = (struct control_listen){ .fd = -1, .lock = -1 };
	if (strlen(path) >= sizeof(l->path))
		return tm_error_code(e, -ENAMETOOLONG, "control socket %.64s...: the path has more than 107 bytes",
				     path);
	strcpy(l->path, path);
	strcpy(at.sun_path, path);
	if (group && !found)
		return tm_error_code(e, -ENOENT, "control socket %s: there is no group '%s'", path, group);
	err = make_folder(l, e);
	if (!err)
		err = lock(l, e);
	if (!err)
		err = remove_stale(l, &at, e);
	if (!err) {
		err = make(l, &at, found ? found->gr_gid : (gid_t)-1, e);
		if (err && err != -EADDRINUSE)
			unlink(path);
	}
	if (err)
		let_go(l);
	return err;
}

/* The lock's file stays: whoever removes it could take it from a daemon that has just opened it. */
void control_listen_close(struct control_listen *l)
{
	if (l->fd >= 0)
		unlink(l->path);
	let_go(l);
}
