/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nfq-clamp QUEUE [clamp options]: tcpmssd's way through an NFQUEUE with limits that its command line does not have.
 * Says "ready" on standard error and ends with SIGTERM. For the corpus.
 */
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/queue/queue.h"
#include "lib/options.h"

static int die(const char *why)
{
	fprintf(stderr, "nfq-clamp: %s\n", why);
	return 1;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = { TM_CLAMP_OPTIONS, { 0 } };
	static struct tm_bpf_counters counters[TM_DIRECTIONS];
	static struct queue q = { .counters = counters, .hooks = QUEUE_OUTGOING | QUEUE_INCOMING };
	struct tm_image image;
	struct tm_options options = { 0 };
	struct pollfd poll_queue;
	struct tm_error e;
	int opt;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (tm_options_take(&options, opt, optarg, &e))
			return die("a clamp option");
	if (optind + 1 != argc)
		return die("usage: nfq-clamp QUEUE [clamp options]");
	if (tm_options_finish(&options, &e) || io_nfqueue_open(&q.nfq, atoi(argv[optind]), &e))
		return die(e.text);
	if (tm_image_build(&image, &options.set))
		return die("no image");
	q.rules.image = tm_image_rules(&image);
	fputs("ready\n", stderr);
	poll_queue = (struct pollfd){ .fd = io_nfqueue_fd(&q.nfq), .events = POLLIN };
	while (poll(&poll_queue, 1, -1) >= 0)
		if (io_nfqueue_read(&q.nfq, queue_take, &q) < 0)
			return die("reading the queue");
	return 0;
}
