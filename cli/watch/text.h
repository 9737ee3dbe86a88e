/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events as lines for people.
 */
#ifndef CLI_WATCH_TEXT_H
#define CLI_WATCH_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* Prints a document of lib/report/event-json.h as one line; what is missing in it is left out. Control characters do not get through. */
void cli_watch_text(FILE *f, const json_t *event);

#endif
