/* SPDX-License-Identifier: BSD-2-Clause */
#include "config-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli.h"

int cli_config_failed(int err, const struct tm_config_errors *errors)
{
	char text[1024];

	if (err == -ENOMEM) {
		fprintf(stderr, "tcpmss: out of memory\n");
		return CLI_FAILED;
	}
	for (size_t i = 0; i < errors->count; i++) {
		tm_config_error_text(text, sizeof(text), &errors->list[i]);
		fprintf(stderr, "%s\n", text);
	}
	return CLI_CONFIG;
}

int cli_config_take(struct tm_options *options, const char *hook, const char *device)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config = { 0 };
	int err, status = CLI_OK;

	if (!options->config)
		return CLI_OK;
	err = tm_config_read(&config, options->config, &errors);
	if (!err)
		err = tm_options_add_config(options, &config, hook, device, &errors);
	if (err)
		status = cli_config_failed(err, &errors);
	tm_config_errors_free(&errors);
	tm_config_free(&config);
	return status;
}

/* Its descriptor, or -1. */
static int seal(const char *text)
{
	size_t len = strlen(text), done = 0;
	int fd = memfd_create("tcpmss-config", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ssize_t n = 0;

	while (fd >= 0 && done < len && (n = write(fd, text + done, len - done)) > 0)
		done += (size_t)n;
	if (fd >= 0 && n >= 0 && !fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int cli_config_seal(const struct tm_config *config, int *fd)
{
	char *text = tm_config_text(config);

	if (!text)
		return cli_config_failed(-ENOMEM, NULL);
	*fd = seal(text);
	free(text);
	if (*fd >= 0)
		return CLI_OK;
	fprintf(stderr, "tcpmss: memory for the configuration: %s\n", strerror(errno));
	return CLI_FAILED;
}
