/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss [show]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "io/hook/report.h"
#include "lib/report/report-json.h"
#include "cli/protect/text.h"
#include "source.h"

static const char help[] = "usage: tcpmss [show] [-j]\n\n"
			   "The hooks of this network namespace: their limits and where these come from,\n"
			   "their counters, and what looks wrong.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss\n"
			   "  tcpmss show -j | jq '.hooks[].limit'\n";

static bool is_set(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static void print_source(const json_t *hook, const json_t *limit)
{
	json_int_t prefixes = cli_number(limit, "prefixes");
	const char *comma = "";

	if (cli_number(limit, "mss")) {
		printf("%smss %" JSON_INTEGER_FORMAT "", comma, cli_number(limit, "mss"));
		comma = ", ";
	}
	if (cli_number(limit, "mtu")) {
		printf("%smtu %" JSON_INTEGER_FORMAT "", comma, cli_number(limit, "mtu"));
		comma = ", ";
	}
	if (is_set(limit, "auto")) {
		printf("%sMTU of %s (%" JSON_INTEGER_FORMAT ", followed)", comma, cli_text(hook, "device"),
		       cli_number(hook, "device_mtu"));
		comma = ", ";
	}
	if (is_set(limit, "route")) {
		printf("%sMTU of the routes (followed)", comma);
		comma = ", ";
	}
	if (prefixes) {
		printf("%s%" JSON_INTEGER_FORMAT " prefix%s", comma, prefixes, prefixes == 1 ? "" : "es");
		comma = ", ";
	}
	if (is_set(limit, "learned"))
		printf("%slearned paths", comma);
	if (is_set(limit, "allow_increase"))
		printf(", may raise");
	if (is_set(limit, "add_missing"))
		printf(", adds missing");
}

static void print_limit(const json_t *hook)
{
	const json_t *limit = json_object_get(hook, "limit");

	if (cli_number(limit, "mss4"))
		printf("  limit     MSS %" JSON_INTEGER_FORMAT " (IPv4), %" JSON_INTEGER_FORMAT " (IPv6): ",
		       cli_number(limit, "mss4"), cli_number(limit, "mss6"));
	else
		printf("  limit     ");
	print_source(hook, limit);
	putchar('\n');
}

static void print_counters(json_t *c, const char *name)
{
	const char *comma = "", *reason;
	json_t *packets;

	if (!cli_number(c, "packets"))
		return;
	printf("  %-9s packets %" JSON_INTEGER_FORMAT ", octets %" JSON_INTEGER_FORMAT ", SYNs %" JSON_INTEGER_FORMAT
	       ", fixed %" JSON_INTEGER_FORMAT " (",
	       name, cli_number(c, "packets"), cli_number(c, "octets"), cli_number(c, "syn_packets"),
	       cli_number(c, "fixed_packets"));
	json_object_foreach(json_object_get(c, "reasons"), reason, packets)
	{
		if (json_integer_value(packets)) {
			printf("%s%s %" JSON_INTEGER_FORMAT, comma, reason, json_integer_value(packets));
			comma = ", ";
		}
	}
	puts(")");
}

/* "device wan0, tc both", "wire lan0 to wan0", "device wan0, nfqueue 5 out", "any device, nfqueue 5 out" */
static void print_devices(const json_t *hook)
{
	const char *device = cli_text(hook, "device"), *out = cli_text(hook, "out");

	if (*out) {
		printf("wire %s to %s", device, out);
		return;
	}
	printf("%s%s, %s ", *device ? "device " : "any device", device, cli_text(hook, "mode"));
	if (json_object_get(hook, "queue"))
		printf("%" JSON_INTEGER_FORMAT " ", cli_number(hook, "queue"));
	fputs(cli_text(hook, "direction"), stdout);
}

static void print_head(const json_t *hook)
{
	printf("%s: ", cli_text(hook, "name"));
	print_devices(hook);
	if (json_object_get(hook, "attachment"))
		printf(" (%s)", cli_text(hook, "attachment"));
	puts(is_set(hook, "alive") ? "" : ", NOT ATTACHED");
}

static void print_hook(const json_t *hook)
{
	/* what is not IP last */
	static const char *const names[][3] = { { "in", "ipv4", "in IPv4" },   { "in", "ipv6", "in IPv6" },
						{ "in", "other", "in other" }, { "out", "ipv4", "out IPv4" },
						{ "out", "ipv6", "out IPv6" }, { "out", "other", "out other" } };
	const json_t *counters = json_object_get(hook, "counters"), *by = json_object_get(counters, "directions");
	const json_t *warnings = json_object_get(hook, "warnings"), *warning;
	size_t i;

	if (counters) {
		print_head(hook);
		print_limit(hook);
		for (i = 0; i < sizeof(names) / sizeof(*names); i++)
			print_counters(json_object_get(json_object_get(by, names[i][0]), names[i][1]), names[i][2]);
		if (!cli_number(counters, "packets"))
			puts("  no packet seen yet");
	} else {
		printf("%s:\n", cli_text(hook, "name"));
	}
	json_array_foreach(warnings, i, warning) printf("  warning: %s\n", json_string_value(warning));
}

/* "paths: 12 reduced, 3 raising, 2 static" */
static void print_paths(const json_t *paths)
{
	if (!paths)
		return;
	printf("paths: %" JSON_INTEGER_FORMAT " reduced, %" JSON_INTEGER_FORMAT " raising, %" JSON_INTEGER_FORMAT " static%s\n",
	       cli_number(paths, "reduced"), cli_number(paths, "raising"), cli_number(paths, "static"),
	       is_set(paths, "learning") ? "" : "; learning is off");
}

static int print(const json_t *document)
{
	const json_t *hooks = json_object_get(document, "hooks"), *hook;
	size_t i;

	json_array_foreach(hooks, i, hook) print_hook(hook);
	if (!json_array_size(hooks))
		puts("no hooks: 'tcpmss attach DEV' makes one");
	print_paths(json_object_get(document, "paths"));
	cli_protect_print_short(json_object_get(document, "protect"));
	if (cli_number(document, "seconds_to_confirm"))
		printf("this configuration awaits confirmation for %" JSON_INTEGER_FORMAT
		       " seconds yet: 'tcpmss confirm' keeps it, 'tcpmss undo' goes back\n",
		       cli_number(document, "seconds_to_confirm"));
	return cli_flush();
}

/* Of what is pinned. */
static int make_document(json_t **document, struct tm_error *e)
{
	struct tm_hook_reports reports = { 0 };
	int err = io_hook_reports(&reports, e);

	*document = err ? NULL : tm_show_json(&reports);
	tm_hook_reports_free(&reports);
	return err;
}

int cli_show(int argc, char **argv)
{
	json_t *document;
	struct tm_error e;
	bool json;
	int err, status;

	if (!cli_only_json("show", help, argc, argv, &json, &status))
		return status;
	if (optind < argc)
		return cli_usage("show", "'%s': takes no argument", argv[optind]);
	if (cli_ask_if_there(json_pack("{s:s}", "verb", "show"), &document, &status)) {
		if (status)
			return status;
	} else {
		err = make_document(&document, &e);
		if (err)
			return cli_fail(err, &e);
	}
	return json ? cli_print_json(document) : cli_print_text(document, print);
}
