/* SPDX-License-Identifier: BSD-2-Clause */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Reads to the end, or to one byte more than is allowed. */
static int read_whole(int fd, char **text, size_t *len)
{
	size_t room = 0;

	for (;;) {
		ssize_t n;

		if (*len + 1 >= room) {
			char *larger;

			room = room ? room * 2 : 1 << 16;
			larger = realloc(*text, room);
			if (!larger)
				return -ENOMEM;
			*text = larger;
		}
		n = read(fd, *text + *len, room - *len - 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0)
			break;
		if (n > 0)
			*len += (size_t)n;
		if (*len > TM_CONFIG_FILE_MAX)
			return -EFBIG;
	}
	(*text)[*len] = '\0';
	return 0;
}

int tm_config_load(const char *path, char **text, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), err;

	*text = NULL;
	*len = 0;
	if (fd < 0)
		return -errno;
	err = read_whole(fd, text, len);
	close(fd);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}

const char *tm_config_load_error(int err)
{
	if (err == -EFBIG)
		return "it has more than 64 MiB; is this a configuration?";
	return strerror(-err);
}

char *tm_config_beside(const char *file, const char *included)
{
	const char *slash = strrchr(file, '/');
	char *path;

	if (*included == '/' || !slash)
		return strdup(included);
	return asprintf(&path, "%.*s/%s", (int)(slash - file), file, included) < 0 ? NULL : path;
}

int tm_config_add_file(struct tm_config *c, const char *name)
{
	char **files = reallocarray(c->files, c->file_count + 1, sizeof(*files));

	if (!files)
		return -ENOMEM;
	c->files = files;
	files[c->file_count] = strdup(name);
	if (!files[c->file_count])
		return -ENOMEM;
	c->file_count++;
	return 0;
}
