/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of "tcpmss pmtu replay", as text or as JSON. Times are those of the engine.
 */
#ifndef CLI_PMTU_LINES_H
#define CLI_PMTU_LINES_H

#include <arpa/inet.h>
#include <jansson.h>
#include <stdbool.h>

#include "lib/pmtu/script.h"

/* "TIME DST pmtu=N mss=N df=on|off state=… deadline=T|-", "TIME DST refused=REASON", "TIME SRC>DST mss=N|none" */
void cli_pmtu_line(const struct tm_script_answer *answer, bool json);

/* What the lines of a script and of a capture have in common. Texts are returned. */
enum { CLI_PMTU_TIME = 32 };
const char *cli_pmtu_address(char text[INET6_ADDRSTRLEN], bool ipv6, const uint8_t addr[16]);

/* Seconds; decimals only where they are not zero. As JSON an integer then: those who compare need no tolerance. */
const char *cli_pmtu_seconds(char text[CLI_PMTU_TIME], uint64_t ms);
json_t *cli_pmtu_json_seconds(int64_t ms);

/* "pmtu=… deadline=T|-", and the same as members of an object. */
void cli_pmtu_print_entry(const struct tm_pmtu_entry *entry);
void cli_pmtu_put_entry(json_t *o, const struct tm_pmtu_entry *entry);

#endif
