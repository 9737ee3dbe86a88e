/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab relay
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/lab/relay.h"
#include "lab.h"
#include "lib/words.h"

static const char help[] = "usage: tcpmss lab relay [--port N] [--background]\n\n"
			   "A small transparent proxy: takes TCP connections that TPROXY rules divert to it, and\n"
			   "opens another to where each was going, with the client's address. It needs such rules\n"
			   "(the network 'proxy' of 'tcpmss lab up' has them), changes nothing of what passes, and\n"
			   "is not meant for anything but labs.\n\n"
			   "  -p, --port N      listen here; 3129\n"
			   "  -b, --background  return as soon as it listens\n\n"
			   "Examples:\n"
			   "  tcpmss lab relay\n"
			   "  tcpmss lab exec proxy -- tcpmss lab relay --background --port 8080\n";

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "background", no_argument, NULL, 'b' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* True in the process that goes on. */
static bool go_background(void)
{
	int null;

	if (fork() > 0)
		return false;
	setsid();
	null = open("/dev/null", O_RDWR);
	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	return !chdir("/");
}

int cli_lab_relay(int argc, char **argv)
{
	unsigned port = TM_LAB_PROXY_PORT;
	bool background = false;
	struct io_relay relay;
	struct tm_error e;
	int opt, err;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":p:bh", long_options, NULL)) != -1) {
		switch (opt) {
		case 'p':
			if (!tm_number(optarg, 1, 65535, &port))
				return cli_usage("lab relay", "--port %s: not a number from 1 to 65535", optarg);
			break;
		case 'b':
			background = true;
			break;
		case 'h':
			fputs(help, stdout);
			return cli_flush();
		default:
			return cli_bad_option("lab relay", argv, opt);
		}
	}
	if (optind < argc)
		return cli_usage("lab relay", "'%s': it takes no arguments", argv[optind]);
	if (background)
		close_range(3, ~0U, 0); /* what the caller has open is not to stay open as long as this runs */
	err = io_relay_open(&relay, (uint16_t)port, &e);
	if (!err && background && !go_background())
		return CLI_OK;
	if (!err) {
		err = io_relay_serve(&relay);
		tm_error_code(&e, err, "relay: %s", strerror(-err));
	}
	io_relay_close(&relay);
	return cli_fail(err, &e);
}
