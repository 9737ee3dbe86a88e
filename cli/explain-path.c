/* SPDX-License-Identifier: BSD-2-Clause */
#include "explain-path.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* "42 s", "10 min" */
static const char *duration(char text[24], json_int_t seconds)
{
	if (seconds < 180)
		snprintf(text, 24, "%" JSON_INTEGER_FORMAT " s", seconds);
	else
		snprintf(text, 24, "%" JSON_INTEGER_FORMAT " min", (seconds + 30) / 60);
	return text;
}

static bool is(const json_t *path, const char *key, const char *value)
{
	return !strcmp(cli_text(path, key), value);
}

static void print_head(const json_t *path)
{
	const char *device = cli_text(path, "device");

	printf("path%s%s: MTU %" JSON_INTEGER_FORMAT ", MSS %" JSON_INTEGER_FORMAT "%s", *device ? " through " : "",
	       device, cli_number(path, "mtu"), cli_number(path, "mss"),
	       json_is_false(json_object_get(path, "df")) ? ", packets lose DF" : "");
	if (is(path, "state", "static"))
		puts(", set: it does not age, and nothing told of it counts");
	else
		puts(is(path, "state", "raising") ? ", being tried larger step by step" : ", learned");
}

/* Who said it, of what. */
static void print_told(const json_t *path, const json_t *evidence)
{
	char age[24];

	if (!json_is_object(evidence)) {
		printf("  %s told that, last %s ago; the rest of the evidence went with an earlier process\n",
		       *cli_text(path, "reporter") ? cli_text(path, "reporter") : "a router",
		       duration(age, cli_number(path, "age")));
		return;
	}
	printf("  %s ago %s told ", duration(age, cli_number(evidence, "told_ago")), cli_text(evidence, "reporter"));
	if (cli_number(evidence, "told"))
		printf("an MTU of %" JSON_INTEGER_FORMAT, cli_number(evidence, "told"));
	else
		printf("that it does not fit, without an MTU,");
	printf(" of a packet of %" JSON_INTEGER_FORMAT " bytes from %s port %" JSON_INTEGER_FORMAT
	       " to port %" JSON_INTEGER_FORMAT "\n",
	       cli_number(evidence, "quoted_length"), cli_text(evidence, "source"), cli_number(evidence, "source_port"),
	       cli_number(evidence, "port"));
}

static void print_why(const json_t *evidence)
{
	if (!json_is_object(evidence))
		return;
	printf("  believed since the sender, %" JSON_INTEGER_FORMAT " ms later, re-sent it in %" JSON_INTEGER_FORMAT
	       " bytes%s: %s%s\n",
	       cli_number(evidence, "believed_after_ms"), cli_number(evidence, "resent_length"),
	       json_is_true(json_object_get(evidence, "df_clear")) ? " without DF" : "", cli_text(evidence, "why_text"),
	       json_is_true(json_object_get(evidence, "window")) && !is(evidence, "why", "window") ?
		       "; conntrack agrees" :
		       "");
}

void cli_explain_path(const json_t *path)
{
	const json_t *evidence = json_object_get(path, "evidence");
	char in[24];

	print_head(path);
	if (is(path, "state", "static"))
		return;
	print_told(path, evidence);
	print_why(evidence);
	if (json_is_integer(json_object_get(path, "raise_in")))
		printf("  tried with a larger MTU in %s, up to %" JSON_INTEGER_FORMAT "\n",
		       duration(in, cli_number(path, "raise_in")), cli_number(path, "ceiling"));
	else
		puts("  it does not age");
}
