/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts of configurations that are handed over, and sentences about them.
 */
#include "reload-parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "daemon/daemon.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

char *reload_sentence(const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	return n < 0 ? NULL : text;
}

static char *all_errors(const struct tm_config_errors *errors)
{
	char line[1024], *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (size_t i = 0; f && i < errors->count; i++) {
		tm_config_error_text(line, sizeof(line), &errors->list[i]);
		fprintf(f, "%s%s", i ? "\n" : "", line);
	}
	if (f)
		fclose(f);
	return text;
}

int reload_read_passed(int fd, char **text, size_t *len, char **why)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *map;

	if (seals < 0 || (seals & SEALS) != SEALS || fstat(fd, &st) || st.st_size < 0) {
		*why = reload_sentence("the configuration that came along is not in a sealed memory file");
		return DAEMON_FAILED;
	}
	if (st.st_size > RELOAD_TEXT_MAX) {
		*why = reload_sentence("the configuration has %lld bytes: more than %u MiB", (long long)st.st_size,
				       RELOAD_TEXT_MAX >> 20);
		return DAEMON_CONFIG;
	}
	*len = (size_t)st.st_size;
	*text = malloc(*len + 1);
	map = *len ? mmap(NULL, *len, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (!*text || map == MAP_FAILED) {
		*why = reload_sentence("out of memory");
		return DAEMON_FAILED;
	}
	if (map) {
		memcpy(*text, map, *len);
		munmap(map, *len);
	}
	return 0;
}

int reload_parse(struct tm_config *config, const char *name, const char *text, size_t len, char **why)
{
	struct tm_config_errors errors = { 0 };
	int err = text ? tm_config_parse(config, name, text, len, &errors) : tm_config_read(config, name, &errors);

	if (err)
		*why = err == -EINVAL ? all_errors(&errors) : reload_sentence("out of memory");
	tm_config_errors_free(&errors);
	return !err ? 0 : err == -EINVAL ? DAEMON_CONFIG : DAEMON_FAILED;
}
