/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss tproxy up|down|check
 */
#include "tproxy.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "io/tproxy/tproxy.h"

static const char help[] = "usage: tcpmss tproxy up [--mark N] [--table N] [--tc] [DEV ...]\n"
			   "       tcpmss tproxy down\n"
			   "       tcpmss tproxy check [-j] [DEV ...]\n\n"
			   "Packet-too-big messages for a transparent proxy (TPROXY): those that quote a\n"
			   "connection of a transparent socket get a mark and are routed to that socket,\n"
			   "both sides, IPv4 and IPv6, beside the rules that are there.\n\n"
			   "  up       adds what is missing; mark and table are those of the rules that are\n"
			   "           there, else 1 and 100\n"
			   "  down     takes all of that away\n"
			   "  check    tries whether such a message reaches a transparent socket, and names\n"
			   "           what stands in the way; exit status 10: it does not\n\n"
			   "  --mark N, --table N  of policy routing (ip rule fwmark N lookup N)\n"
			   "  --tc        by BPF programs on all devices, or on DEV ..., not by nftables\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss tproxy up && tcpmss tproxy check\n"
			   "  tcpmss tproxy up --mark 0x10 --table 133 --tc eth0 eth1\n";

static const struct option long_options[] = {
	{ "mark", required_argument, NULL, 'm' }, { "table", required_argument, NULL, 't' },
	{ "tc", no_argument, NULL, 'c' },	  { "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },	  { 0 },
};

struct options {
	struct io_tproxy_order order;
	bool json;
	int given; /* options, but for -j */
};

/* 0, or an exit status; with *done where that is all. */
static int parse(int argc, char **argv, struct options *o, bool *done)
{
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		uint32_t *number = opt == 'm' ? &o->order.wish.mark : &o->order.wish.table;

		o->given += opt == 'm' || opt == 't' || opt == 'c';
		if (opt == 'c') {
			o->order.via = TM_TPROXY_VIA_TC;
		} else if (opt == 'j') {
			o->json = true;
		} else if (opt == 'm' || opt == 't') {
			if (!tm_tproxy_number(optarg, number))
				return cli_usage("tproxy",
						 "'%s' is not a number from 1 to 4294967295 (or 0x1 to 0xffffffff)",
						 optarg);
		} else if (opt == 'h') {
			fputs(help, stdout);
			*done = true;
			return cli_flush();
		} else {
			return cli_bad_option("tproxy", argv, opt);
		}
	}
	return 0;
}

static void tell_family(const char *name, const struct tm_tproxy_family *f)
{
	if (!f->on)
		printf("%s  not there: nothing to do\n", name);
	else
		printf("%s  mark 0x%x, %s; table %u, %s\n", name, f->mark,
		       f->own_rule ? "own rule" : "by a rule that is there", f->table,
		       f->own_route ? "own local route" : "whose local route is there");
}

static int up(const struct options *o)
{
	struct io_tproxy_done done;
	struct tm_error e;
	int err = io_tproxy_up(&o->order, NULL, &done, &e);

	if (err)
		return cli_fail(err, &e);
	tell_family("IPv4", &done.plan.family[TM_IPV4]);
	tell_family("IPv6", &done.plan.family[TM_IPV6]);
	if (done.via == TM_TPROXY_VIA_NFT)
		printf("marks  by nftables, table inet %s\n", TM_TPROXY_NFT);
	else
		printf("marks  by tc on %u device%s%s\n", done.devices, done.devices == 1 ? "" : "s",
		       o->order.device_count ? "" : " (a device that comes later needs 'up' again, or tcpmssd)");
	return cli_flush();
}

static int down(void)
{
	struct tm_error e;
	unsigned removed;
	int err = io_tproxy_down(NULL, &removed, &e);

	if (err)
		return cli_fail(err, &e);
	if (!removed)
		fprintf(stderr, "tcpmss: there was nothing to take away\n");
	return CLI_OK;
}

int cli_tproxy(int argc, char **argv)
{
	struct options o = { 0 };
	const char *verb = argc > 1 ? argv[1] : NULL;
	bool done = false;
	int status;

	if (verb && verb[0] != '-') {
		argv++;
		argc--;
	}
	status = parse(argc, argv, &o, &done);
	if (status || done)
		return status;
	o.order.devices = (const char *const *)argv + optind;
	o.order.device_count = (size_t)(argc - optind);
	if (!verb || verb[0] == '-')
		return cli_usage("tproxy", "needs a verb: up, down or check");
	if (!strcmp(verb, "up")) {
		if (o.json)
			return cli_usage("tproxy", "up has no option -j");
		if (o.order.device_count && o.order.via != TM_TPROXY_VIA_TC)
			return cli_usage("tproxy", "up takes devices with --tc only");
		return up(&o);
	}
	if (!strcmp(verb, "check") && !o.given)
		return tproxy_check(o.order.devices, o.order.device_count, o.json);
	if (!strcmp(verb, "down") && !o.given && !o.json && !o.order.device_count)
		return down();
	if (!strcmp(verb, "check") || !strcmp(verb, "down"))
		return cli_usage("tproxy", "that is not for %s", verb);
	return cli_usage("tproxy", "'%s' is not a verb: up, down or check", verb);
}
