/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs of tcpmss protect.
 */
#ifndef CLI_PROTECT_H
#define CLI_PROTECT_H

/* As a struct cli_verb's `run`. */
int cli_protect_show(int argc, char **argv);
int cli_protect_add(int argc, char **argv);
int cli_protect_remove(int argc, char **argv);

#endif
