/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss protect show
 */
#include <getopt.h>
#include <stdio.h>

#include "cli/cli.h"
#include "protect.h"
#include "text.h"
#include "cli/source.h"

static const char help[] = "usage: tcpmss protect show [-j]\n\n"
			   "What the running tcpmssd protects: state, half-open connections, rates, counters, and\n"
			   "what is known of the servers.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss protect show\n"
			   "  tcpmss protect show -j | jq '.protect[] | select(.state != \"idle\")'\n";

static int print(const json_t *document)
{
	const json_t *blocks = json_object_get(document, "protect");

	cli_protect_print(blocks);
	if (!json_array_size(blocks))
		puts("nothing is protected: a block 'protect' in the file of tcpmssd, or 'tcpmss protect add'");
	return cli_flush();
}

int cli_protect_show(int argc, char **argv)
{
	json_t *document;
	bool json;
	int status;

	if (!cli_only_json("protect show", help, argc, argv, &json, &status))
		return status;
	if (optind < argc)
		return cli_usage("protect show", "'%s': takes no argument", argv[optind]);
	status = cli_ask_document(json_pack("{s:s}", "verb", "protect-show"), &document);
	if (status)
		return status;
	return json ? cli_print_json(document) : cli_print_text(document, print);
}
