/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verbs of "lab" share.
 */
#ifndef CLI_LAB_H
#define CLI_LAB_H

#include "cli/cli.h"
#include "lib/lab/lab.h"

int cli_lab_up(int argc, char **argv);
int cli_lab_run(int argc, char **argv);
int cli_lab_exec(int argc, char **argv);
int cli_lab_status(int argc, char **argv);
int cli_lab_down(int argc, char **argv);
int cli_lab_relay(int argc, char **argv);

/* The options of up and run. */
struct cli_lab_options {
	char name[TM_LAB_NAME];
	enum tm_lab_network network;
	struct tm_lab_choice choice;
	bool quiet;
	bool named; /* --name was given, or the environment has it */
};

/* The lab that is meant without --name: TCPMSS_LAB of the environment, or else "lab". */
const char *cli_lab_name(void);

/* Takes --name of any verb. False: told. */
bool cli_lab_name_take(const char *verb, const char *value, const char **name);

/*
 * Reads the network and its options; what is behind them begins at argv[optind]. False: *status is the verb's exit status.
 */
bool cli_lab_options(const char *verb, const char *help, int argc, char **argv, struct cli_lab_options *o, int *status);

/* Catches INT, TERM and HUP: *cli_lab_stop() gets true then. */
const volatile bool *cli_lab_catch(void);

/* Becomes the command, with this program's directory first in PATH. Returns only with an exit status, told. */
int cli_lab_become(const char *name, char **command);

/* The lab as text. */
int cli_lab_draw(const json_t *lab);

#endif
