/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <stdio.h>

#include "cli/cli.h"

#define INT "%" JSON_INTEGER_FORMAT

/* "web: armed for 12 s, adaptive: 2480 half-open connections, high 2000, low 500" */
static void print_head(const json_t *block)
{
	printf("%s: %s for " INT " s, mode %s: " INT " half-open connections, high " INT ", low " INT "\n",
	       cli_text(block, "name"), cli_text(block, "state"), cli_number(block, "seconds"), cli_text(block, "mode"),
	       cli_number(block, "half_open"), cli_number(block, "high"), cli_number(block, "low"));
}

static void print_rates(const json_t *block)
{
	const json_t *rates = json_object_get(block, "rates");

	printf("  rates     SYNs let pass " INT "/s, answered " INT "/s; cookies good " INT "/s, bad " INT "/s\n",
	       cli_number(rates, "opened"), cli_number(rates, "answered"), cli_number(rates, "cookies_good"),
	       cli_number(rates, "cookies_bad"));
}

static void print_counters(const json_t *block, const char *family, const char *name)
{
	json_t *counters = json_object_get(json_object_get(block, "counters"), family), *packets;
	const char *reason, *before = "";

	json_object_foreach(counters, reason, packets)
	{
		if (!json_integer_value(packets))
			continue;
		if (!*before)
			printf("  %-9s ", name);
		printf("%s%s " INT, before, reason, json_integer_value(packets));
		before = ", ";
	}
	if (*before)
		putchar('\n');
}

/* Words and numbers with commas between; a text alone, too. */
static void print_list(const json_t *list)
{
	const json_t *item;
	size_t i;

	if (json_is_string(list))
		fputs(json_string_value(list), stdout);
	json_array_foreach(list, i, item)
	{
		fputs(i ? ", " : "", stdout);
		if (json_is_string(item))
			fputs(json_string_value(item), stdout);
		else
			printf(INT, json_integer_value(item));
	}
}

static void print_services(const json_t *block)
{
	fputs("  services  ", stdout);
	print_list(json_object_get(block, "prefixes"));
	fputs("; ports ", stdout);
	print_list(json_object_get(block, "ports"));
	putchar('\n');
}

static void print_devices(const json_t *block)
{
	const json_t *devices = json_object_get(block, "devices"), *device;
	size_t i;

	printf("  devices   ");
	json_array_foreach(devices, i, device)
	{
		const char *attachment = cli_text(device, "attachment");

		printf("%s%s %s (%s", i ? ", " : "", cli_text(device, "side"), cli_text(device, "name"),
		       *attachment ? attachment : "NOT ATTACHED");
		if (cli_number(device, "mtu"))
			printf(", MTU " INT, cli_number(device, "mtu"));
		putchar(')');
	}
	printf("; accelerator %s\n", cli_text(block, "accelerator"));
}

/* "server    10.0.2.5 port 80: MSS 1240 of its 1460, window scale 10, SACK, timestamps; answered 3 s ago" */
static void print_server(const json_t *server)
{
	const json_t *wscale = json_object_get(server, "wscale");

	printf("  server    %s port " INT ": MSS " INT, cli_text(server, "address"), cli_number(server, "port"),
	       cli_number(server, "mss"));
	if (cli_number(server, "own_mss") != cli_number(server, "mss"))
		printf(" of its " INT, cli_number(server, "own_mss"));
	if (json_is_integer(wscale))
		printf(", window scale " INT, json_integer_value(wscale));
	printf("%s%s; answered " INT " s ago\n", json_is_true(json_object_get(server, "sack")) ? ", SACK" : "",
	       json_is_true(json_object_get(server, "timestamps")) ? ", timestamps" : "",
	       cli_number(server, "seen_seconds"));
}

static void print_servers(const json_t *block)
{
	const json_t *servers = json_object_get(block, "servers"), *server;
	json_int_t more = cli_number(block, "server_count") - (json_int_t)json_array_size(servers);
	size_t i;

	json_array_foreach(servers, i, server) print_server(server);
	if (more > 0)
		printf("  server    and " INT " more\n", more);
}

static void print_warnings(const json_t *block)
{
	const json_t *warnings = json_object_get(block, "warnings"), *warning;
	size_t i;

	json_array_foreach(warnings, i, warning) printf("  warning: %s\n", json_string_value(warning));
}

void cli_protect_print_short(const json_t *blocks)
{
	const json_t *block;
	size_t i;

	json_array_foreach(blocks, i, block)
	{
		fputs("protect ", stdout);
		print_head(block);
		print_warnings(block);
	}
}

void cli_protect_print(const json_t *blocks)
{
	const json_t *block;
	size_t i;

	json_array_foreach(blocks, i, block)
	{
		print_head(block);
		print_rates(block);
		print_services(block);
		print_devices(block);
		print_counters(block, "ipv4", "IPv4");
		print_counters(block, "ipv6", "IPv6");
		print_servers(block);
		print_warnings(block);
	}
}
