/* SPDX-License-Identifier: BSD-2-Clause */
#include "config-file.h"

#include <errno.h>
#include <stdio.h>

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
