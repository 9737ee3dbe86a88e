/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss explain ADDRESS
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "io/device.h"
#include "io/hook.h"
#include "lib/explain.h"

static const char help[] = "usage: tcpmss explain ADDRESS [-j]\n\n"
			   "Which limit a SYN from ADDRESS gets on each hook, from which rule, and the\n"
			   "arithmetic. (The MSS in a SYN limits what is sent back to ADDRESS.)\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss explain 198.51.100.7\n"
			   "  tcpmss explain 2001:db8::7 -j\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct explain {
	const char *text;
	uint8_t address[16];
	bool ipv6;
	json_t *hooks; /* NULL: as text */
	int count;
	struct tm_error e;
};

/* Where a limit comes from, for a person: "the prefix 203.0.113.0/24". */
static void describe(const struct explain *x, const struct io_hook *hook, const struct tm_candidate *c, char *text, size_t size)
{
	char address[INET6_ADDRSTRLEN];

	switch (c->source) {
	case PK_FROM_MSS:
		snprintf(text, size, "the hook's --mss");
		return;
	case PK_FROM_MTU:
		snprintf(text, size, "the hook's --mtu");
		return;
	case PK_FROM_DEVICE:
		snprintf(text, size, "the MTU of %s", hook->meta.device);
		return;
	case PK_FROM_ROUTE:
		snprintf(text, size, "the route to %s", x->text);
		return;
	case PK_FROM_PREFIX_SRC:
		inet_ntop(x->ipv6 ? AF_INET6 : AF_INET, c->prefix.addr, address, sizeof(address));
		snprintf(text, size, "the prefix %s/%u", address, c->prefix.len);
		return;
	case PK_FROM_NOWHERE:
	case PK_FROM_PREFIX_DST:
		break;
	}
	snprintf(text, size, "?");
}

static void print(const struct explain *x, const struct io_hook *hook, const struct tm_explanation *found)
{
	char text[128];

	printf("%s (%s%s):\n", hook->meta.name, hook->meta.device, hook->alive ? "" : ", not attached");
	for (unsigned i = 0; i < found->count; i++) {
		const struct tm_candidate *c = &found->candidates[i];

		describe(x, hook, c, text, sizeof(text));
		if (!c->mtu)
			printf("  %-40s MSS %u", text, c->mss);
		else if (c->mtu - (x->ipv6 ? 60 : 40) == c->mss)
			printf("  %-40s MTU %u - %d = MSS %u", text, c->mtu, x->ipv6 ? 60 : 40, c->mss);
		else
			printf("  %-40s MTU %u, but never below MSS %u", text, c->mtu, c->mss);
		puts(found->count > 1 && (int)i == found->chosen ? "   <- the smallest" : "");
	}
	if (found->chosen < 0)
		puts("  no limit: its SYNs pass as they are, but for what applies to the other end");
	else
		printf("  a SYN from %s leaves with an MSS of at most %u\n", x->text, found->candidates[found->chosen].mss);
}

static json_t *json(const struct explain *x, const struct io_hook *hook, const struct tm_explanation *found)
{
	json_t *candidates = json_array(), *document;
	char text[128];

	for (unsigned i = 0; i < found->count; i++) {
		const struct tm_candidate *c = &found->candidates[i];

		describe(x, hook, c, text, sizeof(text));
		json_array_append_new(candidates, json_pack("{s:s, s:s, s:o, s:i}", "source", tm_source_name(c->source), "detail",
							    text, "mtu", c->mtu ? json_integer(c->mtu) : json_null(), "mss", c->mss));
	}
	document = json_pack("{s:s, s:s, s:b, s:o}", "name", hook->meta.name, "device", hook->meta.device, "alive", hook->alive,
			     "candidates", candidates);
	json_object_set_new(document, "mss",
			    found->chosen < 0 ? json_null() : json_integer(found->candidates[found->chosen].mss));
	json_object_set_new(document, "source",
			    json_string(tm_source_name(found->chosen < 0 ? PK_FROM_NOWHERE :
									   found->candidates[found->chosen].source)));
	return document;
}

static int explain_hook(struct io_hook *hook, void *ctx)
{
	struct explain *x = ctx;
	struct tm_surroundings around = { 0 };
	struct tm_explanation found;
	struct tm_image image;
	struct io_device device;
	struct io_route route;
	int err;

	if (hook->maps.rules < 0)
		return 0;
	err = io_maps_read(hook->maps.rules, &image, &x->e);
	if (err)
		return err;
	if (hook->alive && !io_device_find(&device, hook->meta.device, &x->e))
		around.device_mtu = device.mtu;
	if (!io_route_find(&route, x->ipv6, x->address, &x->e) && !route.local)
		around.route_mtu = route.mtu;
	tm_explain(&found, &image, &around, x->ipv6, x->address);
	if (x->hooks)
		json_array_append_new(x->hooks, json(x, hook, &found));
	else
		print(x, hook, &found);
	x->count++;
	tm_image_free(&image);
	return 0;
}

int cli_explain(int argc, char **argv)
{
	struct explain x = { 0 };
	int opt, err;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			x.hooks = x.hooks ? x.hooks : json_array();
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("explain", argv, opt);
		}
	}
	if (argc - optind != 1)
		return cli_usage("explain", "needs one IPv4 or IPv6 address");
	x.text = argv[optind];
	x.ipv6 = inet_pton(AF_INET6, x.text, x.address) == 1;
	if (!x.ipv6 && inet_pton(AF_INET, x.text, x.address) != 1)
		return cli_usage("explain", "'%s' is not an IPv4 or IPv6 address", x.text);
	err = io_hook_each(explain_hook, &x, &x.e);
	if (err) {
		json_decref(x.hooks);
		return cli_fail(err, &x.e);
	}
	if (x.hooks)
		return cli_print_json(json_pack("{s:i, s:s, s:s, s:o}", "schema_version", 1, "address", x.text, "family",
						x.ipv6 ? "ipv6" : "ipv4", "hooks", x.hooks));
	if (!x.count)
		puts("no hooks, so no limit: 'tcpmss attach DEV' makes one");
	return cli_flush();
}
