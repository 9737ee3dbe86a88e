/* SPDX-License-Identifier: BSD-2-Clause */
#include "conflicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "io/protect/conflicts.h"

int cli_protect_conflicts(const struct tm_config *config)
{
	struct tm_findings f = { 0 };
	int status = CLI_OK;

	io_protect_conflicts(&f, config->protects, config->protect_count);
	for (size_t i = 0; i < f.count; i++) {
		const struct tm_finding *c = &f.list[i];

		if (c->result == TM_OK)
			continue;
		if (tm_conflict_forbids(c))
			status = CLI_FAILED;
		fprintf(stderr, "tcpmss: %s%s%s%s%s%s\n", tm_conflict_forbids(c) ? "" : "warning: ", c->hook,
			*c->hook ? ": " : "", c->text, *c->advice ? "; " : "", c->advice);
	}
	tm_findings_free(&f);
	return status;
}

static void put_list(FILE *f, const char *name, const json_t *list)
{
	const json_t *item;
	size_t i;

	if (json_is_string(list)) {
		fprintf(f, "%s = \"%s\"\n", name, json_string_value(list));
		return;
	}
	json_array_foreach(list, i, item)
	{
		fprintf(f, i ? ", " : "%s = { ", name);
		if (json_is_integer(item))
			fprintf(f, "%" JSON_INTEGER_FORMAT, json_integer_value(item));
		else
			fprintf(f, "\"%s\"", json_string_value(item));
	}
	fputs(i ? " }\n" : "\n", f);
}

/* Names of the devices of one side. For json_decref(). */
static json_t *devices(const json_t *block, const char *side)
{
	const json_t *all = json_object_get(block, "devices"), *device;
	json_t *names = json_array();
	size_t i;

	json_array_foreach(all, i, device) if (!strcmp(cli_text(device, "side"), side))
		json_array_append(names, json_object_get(device, "name"));
	return names;
}

/* As far as it matters here. */
static void put_block(FILE *f, const json_t *block)
{
	json_t *clients = devices(block, "client"), *servers = devices(block, "server");

	fprintf(f, "protect \"%s\" {\n", cli_text(block, "name"));
	put_list(f, "servers", json_object_get(block, "prefixes"));
	put_list(f, "ports", json_object_get(block, "ports"));
	put_list(f, "device", clients);
	if (json_array_size(servers))
		put_list(f, "server-device", servers);
	fprintf(f, "accelerator = \"%s\"\n}\n", cli_text(block, "accelerator"));
	json_decref(clients);
	json_decref(servers);
}

void cli_protect_find_conflicts(struct tm_findings *f, const json_t *blocks)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config = { 0 };
	const json_t *block;
	char *text = NULL;
	size_t size, i;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	json_array_foreach(blocks, i, block) put_block(out, block);
	if (!fclose(out) && !tm_config_parse(&config, "protect show", text, size, &errors))
		io_protect_conflicts(f, config.protects, config.protect_count);
	free(text);
	tm_config_errors_free(&errors);
	tm_config_free(&config);
}
