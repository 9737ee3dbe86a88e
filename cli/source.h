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

/* The same with the answer's document, for json_decref(); NULL where it has none. */
int cli_ask_document(json_t *request, json_t **document);

/*
 * What takes more than one answer: `take` gets each answer's document, changes the request for the next, and returns 1 to go on, 0 at the
 * end, -1 where something went wrong and was told. As above.
 */
int cli_ask_parts(json_t *request, int (*take)(void *ctx, json_t *request, const json_t *document), void *ctx);

#endif
