/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss pmtu show
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "lib/options.h"
#include "lib/words.h"
#include "pmtu.h"
#include "cli/source.h"

static const char help[] = "usage: tcpmss pmtu show [-j] [--device DEV] [--state STATE]… [ADDRESS|PREFIX]\n\n"
			   "The paths whose MTU the running tcpmssd knows: all, or those to ADDRESS or PREFIX.\n\n"
			   "  -j, --json      one JSON document\n"
			   "  --device DEV    only through this device\n"
			   "  --state STATE   only reduced (learned), raising (being tried larger), or static;\n"
			   "                  may be given more than once\n\n"
			   "Examples:\n"
			   "  tcpmss pmtu show --state reduced 198.51.100.0/24\n"
			   "  tcpmss pmtu show -j | jq '.paths[] | select(.mtu < 1280)'\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "device", required_argument, NULL, 'd' },
	{ "state", required_argument, NULL, 's' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* A path as the daemon has told it; a million of them need little memory as text. */
struct row {
	uint8_t address[16];
	bool ipv6;
	char *json;
};

struct rows {
	struct row *list;
	size_t count, room;
};

static int compare(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	int order = a->ipv6 - b->ipv6;

	if (!order)
		order = memcmp(a->address, b->address, sizeof(a->address));
	return order ? order : strcmp(a->json, b->json); /* which has the device behind the address */
}

static bool same(const struct row *a, const struct row *b)
{
	const char *end = strstr(a->json, ",\"mtu\":");

	return end && a->ipv6 == b->ipv6 && !memcmp(a->address, b->address, sizeof(a->address)) &&
	       !strncmp(a->json, b->json, (size_t)(end - a->json));
}

/* Sorted; what moved in the daemon between two answers may have been told twice. */
static void sort(struct rows *rows)
{
	size_t kept = 0;

	if (rows->count)
		qsort(rows->list, rows->count, sizeof(*rows->list), compare);
	for (size_t i = 0; i < rows->count; i++) {
		if (kept && same(&rows->list[kept - 1], &rows->list[i]))
			free(rows->list[i].json);
		else
			rows->list[kept++] = rows->list[i];
	}
	rows->count = kept;
}

static bool add(struct rows *rows, const json_t *path)
{
	const char *address = cli_text(path, "destination");
	struct row row = { .json = json_dumps(path, JSON_COMPACT) };

	if (rows->count == rows->room) {
		size_t room = rows->room ? rows->room * 2 : 1024;
		struct row *list = reallocarray(rows->list, room, sizeof(*list));

		if (!list) {
			free(row.json);
			return false;
		}
		rows->list = list;
		rows->room = room;
	}
	row.ipv6 = inet_pton(AF_INET6, address, row.address) == 1;
	if (!row.ipv6)
		inet_pton(AF_INET, address, row.address);
	if (row.json)
		rows->list[rows->count++] = row;
	return row.json;
}

/* A cli_take_part: the daemon tells some paths at a time, and where to go on. */
static int take(void *ctx, json_t *request, const json_t *answer)
{
	const json_t *cursor = json_object_get(answer, "cursor"), *path;
	size_t i;

	json_array_foreach(json_object_get(answer, "paths"), i, path)
	{
		if (!add(ctx, path)) {
			fputs("tcpmss: out of memory\n", stderr);
			return -1;
		}
	}
	if (!json_is_integer(cursor))
		return 0;
	json_object_set(request, "cursor", (json_t *)cursor);
	return 1;
}

/* ---- out */

static void print_json(const struct rows *rows)
{
	fputs("{\"schema_version\":1,\"paths\":[", stdout);
	for (size_t i = 0; i < rows->count; i++)
		printf("%s\n%s", i ? "," : "", rows->list[i].json);
	puts("]}");
}

static void print_seconds(const json_t *path, const char *key)
{
	char text[24] = "-";

	if (json_is_integer(json_object_get(path, key)))
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT "s", cli_number(path, key));
	printf(" %7s", text);
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void print_row(const json_t *path, int width)
{
	printf("%-*s %-10s %5" JSON_INTEGER_FORMAT " %5" JSON_INTEGER_FORMAT " %-3s %-8s %-9s", width,
	       cli_text(path, "destination"), or_dash(cli_text(path, "device")), cli_number(path, "mtu"),
	       cli_number(path, "mss"), json_is_false(json_object_get(path, "df")) ? "off" : "on",
	       cli_text(path, "state"), cli_text(path, "origin"));
	print_seconds(path, "age");
	print_seconds(path, "raise_in");
	printf(" %5" JSON_INTEGER_FORMAT " %s\n", cli_number(path, "hits"), or_dash(cli_text(path, "reporter")));
}

static void print_text(const struct rows *rows)
{
	int width = 15;

	for (size_t i = 0; i < rows->count; i++)
		if (rows->list[i].ipv6)
			width = INET6_ADDRSTRLEN - 8;
	if (!rows->count)
		puts("no paths");
	else
		printf("%-*s %-10s %5s %5s %-3s %-8s %-9s %7s %7s %5s %s\n", width, "DESTINATION", "DEVICE", "MTU",
		       "MSS", "DF", "STATE", "ORIGIN", "AGE", "RAISE", "HITS", "REPORTER");
	for (size_t i = 0; i < rows->count; i++) {
		json_t *path = json_loads(rows->list[i].json, 0, NULL);

		if (path)
			print_row(path, width);
		json_decref(path);
	}
}

static int show(json_t *request, bool json)
{
	struct rows rows = { 0 };
	int status = cli_ask_parts(request, take, &rows);

	if (!status) {
		sort(&rows);
		if (json)
			print_json(&rows);
		else
			print_text(&rows);
		status = cli_flush();
	}
	for (size_t i = 0; i < rows.count; i++)
		free(rows.list[i].json);
	free(rows.list);
	return status;
}

int cli_pmtu_show(int argc, char **argv)
{
	json_t *request = json_pack("{s:s}", "verb", "pmtu-show"), *states = json_array();
	bool json = false;
	const char *wrong;
	struct tm_prefix p;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			json = true;
		} else if (opt == 'd') {
			if (!tm_device_name_good(optarg))
				return cli_usage("pmtu show", "--device %s: no name for a network device", optarg);
			json_object_set_new(request, "device", json_string(optarg));
		} else if (opt == 's') {
			if (strcmp(optarg, "reduced") && strcmp(optarg, "raising") && strcmp(optarg, "static"))
				return cli_usage("pmtu show", "--state %s: not reduced, raising or static", optarg);
			json_array_append_new(states, json_string(optarg));
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("pmtu show", argv, opt);
		}
	}
	if (argc - optind > 1)
		return cli_usage("pmtu show", "'%s': one address or prefix only", argv[optind + 1]);
	if (optind < argc) {
		wrong = tm_prefix_range(&p, argv[optind], strlen(argv[optind]));
		if (wrong)
			return cli_usage("pmtu show", "'%s' %s", argv[optind], wrong);
		json_object_set_new(request, "destination", json_string(argv[optind]));
	}
	if (json_array_size(states))
		json_object_set(request, "states", states);
	json_decref(states);
	return show(request, json);
}
