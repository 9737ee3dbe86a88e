/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A lab drawn in text, from its JSON document: a line for each device, and between neighbours the link.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab.h"

#define ETHERNET 1500

/* The MTU of the link between two hosts, 0 where there is none. */
static json_int_t between(const json_t *host, const json_t *other)
{
	const json_t *device;
	size_t i;

	json_array_foreach(json_object_get(host, "devices"), i, device)
	{
		if (other && !strcmp(cli_text(json_object_get(device, "peer"), "host"), cli_text(other, "name")))
			return cli_number(device, "mtu");
	}
	return 0;
}

static void print_device(const json_t *host, const json_t *device, bool first)
{
	const json_t *peer = json_object_get(device, "peer"), *addresses = json_object_get(device, "addresses");
	char far[64];

	snprintf(far, sizeof(far), "%s %s", cli_text(peer, "host"), cli_text(peer, "device"));
	printf("  %-10s %-10s %-15s %-19s to %s\n", first ? cli_text(host, "name") : "", cli_text(device, "name"),
	       json_array_size(addresses) ? json_string_value(json_array_get(addresses, 0)) : "-",
	       json_array_size(addresses) ? json_string_value(json_array_get(addresses, 1)) : "-", far);
}

static void print_host(const json_t *host, const json_t *next)
{
	const char *kind = cli_text(host, "kind");
	json_int_t mtu = between(host, next);
	const json_t *device, *process;
	size_t i;

	json_array_foreach(json_object_get(host, "devices"), i, device) print_device(host, device, !i);
	if (!strcmp(kind, "bridge"))
		puts("             (a bridge)");
	json_array_foreach(json_object_get(host, "processes"), i, process)
		printf("             %s, process %" JSON_INTEGER_FORMAT "\n", cli_text(process, "command"),
		       cli_number(process, "pid"));
	if (mtu)
		printf(mtu < ETHERNET ? "      ‖      %" JSON_INTEGER_FORMAT " bytes\n" : "      |\n", mtu);
	else if (next)
		putchar('\n');
}

static void print_sentences(const char *head, const json_t *list)
{
	const json_t *sentence;
	size_t i;

	if (json_array_size(list))
		printf("\n%s\n", head);
	json_array_foreach(list, i, sentence) printf("  %s\n", json_string_value(sentence));
}

/* Commands of a list, as they are to be typed. */
static void print_commands(const char *head, const json_t *list, const char *name)
{
	bool named = strcmp(name, TM_LAB_DEFAULT);
	const json_t *command;
	size_t i;

	if (json_array_size(list))
		printf("\n%s\n", head);
	json_array_foreach(list, i, command)
	{
		const char *shows = cli_text(command, "shows");

		printf("  tcpmss lab exec %s%s%s%s -- %s\n", named ? "--name " : "", named ? name : "",
		       named ? " " : "", cli_text(command, "host"), cli_text(command, "command"));
		if (*shows)
			printf("      %s\n", shows);
	}
}

int cli_lab_draw(const json_t *lab)
{
	const json_t *hosts = json_object_get(lab, "hosts"), *host;
	const char *name = cli_text(lab, "name");
	bool named = strcmp(name, TM_LAB_DEFAULT);
	size_t i;

	if (!json_is_true(json_object_get(lab, "ready"))) {
		printf("lab '%s' is not whole: 'tcpmss lab down%s%s' takes away what is there\n", name,
		       named ? " --name " : "", named ? name : "");
		return cli_flush();
	}
	printf("lab '%s': %s\n\n", name, cli_text(lab, "network"));
	json_array_foreach(hosts, i, host) print_host(host, json_array_get(hosts, i + 1));
	print_sentences("What is broken:", json_object_get(lab, "broken"));
	print_commands("What runs already:", json_object_get(lab, "started"), name);
	print_commands("Try:", json_object_get(lab, "try"), name);
	return cli_flush();
}
