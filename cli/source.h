/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where verbs get what they tell from: the daemon of this network namespace, or what is pinned.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

/*
 * Asks the daemon (it takes the request's reference). False: there is none to ask. True: *status is what to exit with, told where it is
 * not 0, and with 0 *document is the answer's, or NULL where it has none.
 */
bool cli_ask_if_there(json_t *request, json_t **document, int *status);

/* The same where only the daemon can do it; `fd` (-1: none) goes along. An exit status, told where it is not 0. */
int cli_ask(json_t *request, int fd);

#endif
