/* SPDX-License-Identifier: BSD-2-Clause */
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_setting(const char *name, int flags)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return open(path, flags | O_CLOEXEC);
}

int io_sysctl_read(const char *name, long *value)
{
	int fd = open_setting(name, O_RDONLY);
	char text[32], *end;
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	n = read(fd, text, sizeof(text) - 1);
	err = n < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[n] = 0;
	*value = strtol(text, &end, 10);
	return end == text ? -EINVAL : 0;
}

int io_sysctl_write(const char *name, long value, struct tm_error *e)
{
	int fd = open_setting(name, O_WRONLY), err = 0, len;
	char text[32];

	len = snprintf(text, sizeof(text), "%ld\n", value);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		err = -errno;
	if (fd >= 0)
		close(fd);
	if (err == -ENOENT)
		return tm_error_code(e, err, "this kernel has no setting /proc/sys/%s", name);
	if (err == -EROFS)
		return tm_error_code(
			e, err,
			"/proc/sys/%s cannot be written here: a container or the service's unit has it read-only",
			name);
	if (err)
		return tm_error_code(e, err == -EACCES ? -EPERM : err, "writing %ld to /proc/sys/%s: %s%s", value, name,
				     strerror(-err), err == -EACCES || err == -EPERM ? ": run as root" : "");
	return 0;
}
