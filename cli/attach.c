/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss attach DEV
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config-file.h"
#include "io/hook/hook.h"
#include "io/net/routes.h"
#include "lib/options.h"

static const char help[] =
	"usage: tcpmss attach DEV [clamp options] [--mode M] [--direction D] [--name HOOK]\n"
	"       tcpmss attach DEV --wire DEV2 [clamp options] [--via V] [--name HOOK]\n\n"
	"Clamps the MSS of SYNs that pass DEV, in the kernel, also after the command has\n"
	"ended. A hook that is there gets the new limits and keeps its counters.\n\n"
	"Of all limits that apply, the smallest counts:\n"
	"  --mtu auto           the MTU of DEV, followed; the default without --mss, --mtu\n"
	"  --mtu route          the MTUs of the routes both ways, followed\n"
	"  --mtu N              a fixed MTU in bytes: MSS N-40 (IPv4), N-60 (IPv6)\n"
	"  --mss N              a fixed MSS in bytes, both families\n"
	"  --prefix PREFIX=MTU  the links behind a prefix have this MTU; repeatable\n"
	"  --allow-increase     write the fixed MSS also where it is larger\n"
	"  --add-missing        insert an MSS where the default would be too large\n"
	"  --config FILE        also the prefixes of FILE, and the limits of its block for\n"
	"                       this hook or device\n"
	"  --mode M             tc (the default), xdp, xdp-generic\n"
	"  --direction D        in, out, both (the default; of xdp: in)\n"
	"  --wire DEV2          what comes in on DEV leaves on DEV2, and back\n"
	"  --via V              what carries it: auto (the default), xdp, tc\n"
	"  --name HOOK          else the hook is called like DEV\n\n"
	"Examples:\n"
	"  tcpmss attach ppp0\n"
	"  tcpmss attach eth0 --mode xdp --mss 1400 --prefix 203.0.113.0/24=1280\n";

enum { OPT_MODE = TM_OPT_OTHER, OPT_DIRECTION, OPT_NAME, OPT_WIRE, OPT_VIA };

static const struct option long_options[] = {
	TM_CLAMP_OPTIONS,
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "direction", required_argument, NULL, OPT_DIRECTION },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "wire", required_argument, NULL, OPT_WIRE },
	{ "via", required_argument, NULL, OPT_VIA },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static bool find_mode(const char *word, enum io_mode *mode)
{
	for (*mode = IO_TC; *mode <= IO_XDP_GENERIC; ++*mode)
		if (!strcmp(word, io_mode_name(*mode)))
			return true;
	return false;
}

static unsigned find_directions(const char *word)
{
	if (!strcmp(word, "in"))
		return 1 << TM_IN;
	if (!strcmp(word, "out"))
		return 1 << TM_OUT;
	return strcmp(word, "both") ? 0 : 1 << TM_IN | 1 << TM_OUT;
}

/* Routes with an MTU that the kernel keeps from BPF programs go in as they are now. */
static int take_routes(struct tm_ruleset *set, struct tm_ruleset *routes, struct tm_error *e)
{
	int err = io_routes_read(routes, e);

	if (!err) {
		tm_routes_reduce(routes);
		set->routes = routes;
	}
	return err;
}

static int run(struct io_attach *a, struct tm_options *o)
{
	struct tm_ruleset routes = { 0 };
	struct tm_image image;
	struct tm_error e;
	bool replaced;
	int err;

	if (!o->hook.mss && !o->hook.mtu && !(o->hook.flags & PK_HOOK_ROUTE))
		o->hook.flags |= PK_HOOK_AUTO;
	err = tm_options_finish(o, &e);
	if (err)
		return cli_usage("attach", "%s", e.text);
	if (o->hook.flags & PK_HOOK_ROUTE) {
		err = take_routes(&o->set, &routes, &e);
		if (err)
			return cli_fail(err, &e);
	}
	err = tm_image_build(&image, &o->set);
	tm_ruleset_free(&routes);
	if (err) {
		tm_error_code(&e, err, "compiling %zu prefixes: %s", o->set.count, strerror(-err));
		return cli_fail(err, &e);
	}
	a->image = &image;
	err = io_hook_attach(a, &replaced, &e);
	tm_image_free(&image);
	if (err)
		return cli_fail(err, &e);
	fprintf(stderr, "tcpmss: hook %s %s on %s%s%s\n", a->name, replaced ? "has new limits" : "attached", a->device,
		a->peer ? " and " : "", a->peer ? a->peer : "");
	return CLI_OK;
}

int cli_attach(int argc, char **argv)
{
	struct io_attach attach = { .mode = IO_TC };
	struct tm_options options = { 0 };
	const char *mode = NULL, *via = NULL;
	struct tm_error e;
	int opt, err, status;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		err = tm_options_take(&options, opt, optarg, &e);
		if (err < 0)
			return cli_usage("attach", "%s", e.text);
		if (!err)
			continue;
		switch (opt) {
		case OPT_MODE:
			mode = optarg;
			if (!find_mode(optarg, &attach.mode))
				return cli_usage("attach", "--mode %s: not 'tc', 'xdp' or 'xdp-generic'", optarg);
			break;
		case OPT_DIRECTION:
			attach.directions = find_directions(optarg);
			if (!attach.directions)
				return cli_usage("attach", "--direction %s: not 'in', 'out' or 'both'", optarg);
			break;
		case OPT_WIRE:
			attach.peer = optarg;
			break;
		case OPT_VIA:
			via = optarg;
			if (!tm_via_find(optarg, &attach.via))
				return cli_usage("attach", "--via %s: not 'auto', 'xdp' or 'tc'", optarg);
			break;
		case OPT_NAME:
			attach.name = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			return cli_flush();
		default:
			return cli_bad_option("attach", argv, opt);
		}
	}
	if (optind + 1 != argc)
		return cli_usage("attach", optind == argc ? "no device named" : "'%s': one device only", argv[argc - 1]);
	if (attach.peer && (mode || attach.directions))
		return cli_usage("attach", "--wire carries both directions: it goes without --mode and --direction");
	if (via && !attach.peer)
		return cli_usage("attach", "--via is for a wire: --wire DEV2, or --mode tc or xdp");
	attach.device = argv[optind];
	if (!attach.name)
		attach.name = attach.device;
	if (!attach.directions)
		attach.directions = attach.mode == IO_TC ? 1 << TM_IN | 1 << TM_OUT : 1 << TM_IN;
	if (attach.mode != IO_TC && attach.directions != 1 << TM_IN)
		return cli_usage("attach", "--mode %s sees what comes in only: --direction in, or --mode tc",
				 io_mode_name(attach.mode));
	status = cli_config_take(&options, attach.name, attach.device);
	if (!status)
		status = run(&attach, &options);
	tm_options_free(&options);
	return status;
}
