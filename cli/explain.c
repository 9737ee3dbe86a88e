/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss explain ADDRESS
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "explain-path.h"
#include "io/hook/report.h"
#include "lib/report/report-json.h"
#include "source.h"

static const char help[] = "usage: tcpmss explain ADDRESS [-j]\n\n"
			   "Which limit a SYN from ADDRESS gets on each hook, from which rule, and the\n"
			   "arithmetic. (The MSS in a SYN limits what is sent back to ADDRESS.) Of a path that\n"
			   "tcpmssd has learned: who told what, when, and why it was believed.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss explain 198.51.100.7\n"
			   "  tcpmss explain 2001:db8::7 -j\n";

/* A limit and its arithmetic; `header` is what IP and TCP take of an MTU. */
static void print_candidate(const json_t *c, int header)
{
	int mtu = (int)cli_number(c, "mtu"), mss = (int)cli_number(c, "mss");

	if (!mtu)
		printf("  %-40s MSS %d", cli_text(c, "detail"), mss);
	else if (mtu - header == mss)
		printf("  %-40s MTU %d - %d = MSS %d", cli_text(c, "detail"), mtu, header, mss);
	else
		printf("  %-40s MTU %d, but never below MSS %d", cli_text(c, "detail"), mtu, mss);
}

static void print_hook(const json_t *hook, const char *address, int header)
{
	const json_t *candidates = json_object_get(hook, "candidates"), *c;
	bool marked = json_array_size(candidates) < 2;
	int mss = (int)cli_number(hook, "mss");
	size_t i;

	printf("%s (%s", cli_text(hook, "name"), *cli_text(hook, "device") ? cli_text(hook, "device") : "any device");
	if (*cli_text(hook, "out"))
		printf(" and %s", cli_text(hook, "out"));
	puts(json_is_true(json_object_get(hook, "alive")) ? "):" : ", not attached):");
	json_array_foreach(candidates, i, c)
	{
		print_candidate(c, header);
		puts(!marked && cli_number(c, "mss") == mss ? "   <- the smallest" : "");
		marked |= cli_number(c, "mss") == mss;
	}
	if (mss)
		printf("  a SYN from %s leaves with an MSS of at most %d\n", address, mss);
	else
		puts("  no limit: its SYNs pass as they are, but for what applies to the other end");
}

static int print(const json_t *document)
{
	const json_t *hooks = json_object_get(document, "hooks"), *hook;
	const json_t *paths = json_object_get(document, "paths"), *path;
	int header = strcmp(cli_text(document, "family"), "ipv6") ? 40 : 60;
	size_t i;

	json_array_foreach(hooks, i, hook) print_hook(hook, cli_text(document, "address"), header);
	json_array_foreach(paths, i, path) cli_explain_path(path);
	if (!json_array_size(hooks))
		puts("no hooks, so no limit: 'tcpmss attach DEV' makes one");
	return cli_flush();
}

/* Of what is pinned. */
static int make_document(const char *text, bool ipv6, const uint8_t *address, json_t **document, struct tm_error *e)
{
	struct tm_hook_explanations explanations = { 0 };
	int err = io_hook_explanations(&explanations, ipv6, address, e);

	*document = err ? NULL : tm_explain_json(text, ipv6, &explanations);
	tm_hook_explanations_free(&explanations);
	return err;
}

int cli_explain(int argc, char **argv)
{
	uint8_t address[16];
	json_t *document;
	struct tm_error e;
	bool json, ipv6;
	int err, status;

	if (!cli_only_json("explain", help, argc, argv, &json, &status))
		return status;
	if (argc - optind != 1)
		return cli_usage("explain", "needs one IPv4 or IPv6 address");
	ipv6 = inet_pton(AF_INET6, argv[optind], address) == 1;
	if (!ipv6 && inet_pton(AF_INET, argv[optind], address) != 1)
		return cli_usage("explain", "'%s' is not an IPv4 or IPv6 address", argv[optind]);
	if (cli_ask_if_there(json_pack("{s:s, s:s}", "verb", "explain", "address", argv[optind]), &document, &status)) {
		if (status)
			return status;
	} else {
		err = make_document(argv[optind], ipv6, address, &document, &e);
		if (err)
			return cli_fail(err, &e);
	}
	return json ? cli_print_json(document) : cli_print_text(document, print);
}
