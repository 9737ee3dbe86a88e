/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The verbs behind "tcpmss pmtu", as those of tcpmss are: argv[0] is the verb.
 */
#ifndef CLI_PMTU_H
#define CLI_PMTU_H

int cli_pmtu_show(int argc, char **argv);
int cli_pmtu_set(int argc, char **argv);
int cli_pmtu_delete(int argc, char **argv);
int cli_pmtu_flush(int argc, char **argv);
int cli_pmtu_replay(int argc, char **argv);

#endif
