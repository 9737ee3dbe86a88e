/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What verbs do with a configuration file.
 */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "lib/config/config.h"
#include "lib/options.h"

/* Prints each error on a line of standard error; the exit status that `err` stands for. */
int cli_config_failed(int err, const struct tm_config_errors *errors);

/*
 * Reads the file of --config, where there is one, and adds it to the options (tm_options_add_config()). `hook` and `device` are
 * NULL where limits of hooks do not matter. CLI_OK, or what to exit with, the errors printed.
 */
int cli_config_take(struct tm_options *options, const char *hook, const char *device);

/*
 * The configuration's text in memory that nobody can change any more, to hand over (cli_ask()): its descriptor. CLI_OK, or what to exit
 * with, told.
 */
int cli_config_seal(const struct tm_config *config, int *fd);

#endif
