/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab up NETWORK
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "io/lab/lab.h"
#include "lab.h"
#include "lib/lab/json.h"

static const char help[] = "usage: tcpmss lab up NETWORK [--mtu N] [options]\n\n"
			   "Makes a network in namespaces, and draws it.\n\n"
			   "  gateway  client - gateway - server; nothing is broken\n"
			   "  path     client - gateway - router =narrow= remote - server\n"
			   "  proxy    client - edge - transparent proxy - router =narrow= server, whose\n"
			   "           SYN-ACK promises more than its link carries\n"
			   "  wire     client - gateway - server, joined only by a tcpmss wire\n"
			   "  flood    client, attackers - switch - gateway - server\n"
			   "  bridge   client - gateway, a bridge - server\n\n"
			   "  --mtu N            of the narrow link; path: 1300, proxy: 1280, others: 1500\n"
			   "  --blackhole        path: beside it nobody sends a packet-too-big message\n"
			   "  --raise-mss N|no   proxy: what is written into the SYN-ACK; 1440\n"
			   "  --narrow SIDE      proxy: client, server or both have the narrow link; server\n"
			   "  --bare             proxy, wire: without what would be started\n"
			   "  --offload on|off   of checksums and segmentation, at client and server; on\n"
			   "  --gro on|off       path: at the gateway; off\n"
			   "  -n, --name NAME    of this lab, beside others; 'lab', or TCPMSS_LAB\n"
			   "  -q, --quiet        do not draw it\n\n"
			   "Examples:\n"
			   "  tcpmss lab up path --mtu 1300 --blackhole\n"
			   "  tcpmss lab up proxy --name second\n";

int cli_lab_up(int argc, char **argv)
{
	struct cli_lab_options o;
	struct tm_lab lab;
	struct tm_error e;
	int status, err;

	if (!cli_lab_options("lab up", help, argc, argv, &o, &status))
		return status;
	if (optind < argc)
		return cli_usage("lab up", "'%s': one network only", argv[optind]);
	tm_lab_plan(&lab, o.name, o.network, &o.choice);
	err = io_lab_up(&lab, cli_lab_catch(), &e);
	if (err)
		return cli_fail(err, &e);
	return o.quiet ? CLI_OK : cli_print_text(tm_lab_json(&lab, true), cli_lab_draw);
}
