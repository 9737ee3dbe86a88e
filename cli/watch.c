/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss watch
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli.h"
#include "io/clock.h"
#include "io/events.h"
#include "lib/event-json.h"
#include "watch-text.h"

static const char help[] = "usage: tcpmss watch [-j] [--host ADDRESS] [--port N] [--hook HOOK]\n"
			   "                    [--reason NAME]… [--rate N]\n\n"
			   "A line for each SYN: what became of its MSS, for whom, by which rule; and for\n"
			   "hooks that come and go. What is not shown is counted and told.\n\n"
			   "  -j, --json         a JSON document a line\n"
			   "      --host ADDRESS  one end of the connection, or PREFIX/LENGTH\n"
			   "      --port N       of either end; with --host, of that end\n"
			   "      --hook HOOK    of this hook only\n"
			   "      --reason NAME  like clamped or within-limit; may be given many times\n"
			   "      --rate N       lines a second at most, 1000; 0: no limit\n\n"
			   "Examples:\n"
			   "  tcpmss watch --host 198.51.100.7\n"
			   "  tcpmss watch -j --reason clamped | jq .src\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },	    { "host", required_argument, NULL, 'H' },
	{ "port", required_argument, NULL, 'p' },   { "hook", required_argument, NULL, 'k' },
	{ "reason", required_argument, NULL, 'r' }, { "rate", required_argument, NULL, 'R' },
	{ "help", no_argument, NULL, 'h' },	    { 0 },
};

struct watch {
	struct tm_event_filter filter;
	bool json;
	unsigned rate; /* lines a second, 0: any number */
	unsigned shown; /* in this second */
	struct tm_event_left_out left_out; /* not told yet */
	bool broken; /* standard output takes nothing more */
};

static void print(struct watch *w, const struct tm_event *event)
{
	json_t *document = tm_event_json(event);

	if (w->json) {
		json_dumpf(document, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_watch_text(stdout, document);
	}
	json_decref(document);
	w->broken |= ferror(stdout);
}

static void take(void *ctx, const struct tm_event *event)
{
	struct watch *w = ctx;

	if (event->kind == TM_EVENT_LEFT_OUT) {
		w->left_out.kernel += event->left_out.kernel;
		w->left_out.daemon += event->left_out.daemon;
	} else if (!tm_event_wanted(&w->filter, event)) {
		return;
	} else if (event->kind == TM_EVENT_SYN && w->rate && w->shown >= w->rate) {
		w->left_out.rate++;
	} else {
		w->shown += event->kind == TM_EVENT_SYN;
		print(w, event);
	}
}

static void tell_left_out(struct watch *w)
{
	struct tm_event event;

	if (!w->left_out.kernel && !w->left_out.daemon && !w->left_out.rate)
		return;
	tm_event_notice(&event, TM_EVENT_LEFT_OUT, io_clock_ns(CLOCK_REALTIME), NULL, NULL, NULL);
	event.left_out = w->left_out;
	w->left_out = (struct tm_event_left_out){ 0 };
	print(w, &event);
}

/* The descriptor that tells of the signals which end a watch. */
static int catch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run(struct watch *w, struct io_events *ev, struct tm_error *e)
{
	struct pollfd fds[] = { { .fd = io_events_fd(ev), .events = POLLIN },
				{ .fd = catch_signals(), .events = POLLIN },
				{ .fd = STDOUT_FILENO } }; /* whether it is still there */
	uint64_t tick = 0, second = 0;
	bool waits = false;

	for (;;) {
		uint64_t time = io_clock_ns(CLOCK_MONOTONIC);

		if (time - second >= 1000000000) {
			second = time;
			w->shown = 0;
			tell_left_out(w);
		}
		if (time - tick >= IO_EVENTS_TICK_MS * 1000000ull) {
			int err = io_events_tick(ev, tm_event_filter_reasons(&w->filter), take, w, e);

			if (err)
				return err;
			tick = time;
			if (!io_events_hooks(ev) && !waits)
				fprintf(stderr, "tcpmss watch: no hook%s%s yet: waits for it\n",
					*w->filter.hook ? " " : "", w->filter.hook);
			waits = !io_events_hooks(ev);
		}
		fflush(stdout);
		w->broken |= ferror(stdout);
		if (w->broken || poll(fds, 3, IO_EVENTS_TICK_MS / 2) < 0 || fds[1].revents ||
		    fds[2].revents & (POLLERR | POLLHUP))
			return 0;
		if (fds[0].revents)
			io_events_read(ev, take, w);
	}
}

static int watch(struct watch *w)
{
	struct io_events ev;
	struct tm_error e;
	int err;

	setvbuf(stdout, NULL, _IOLBF, 0);
	err = io_events_open(&ev, w->filter.hook, &e);
	if (!err)
		err = run(w, &ev, &e);
	io_events_end(&ev, take, w);
	io_events_close(&ev);
	if (err)
		return cli_fail(err, &e);
	tell_left_out(w);
	return CLI_OK;
}

int cli_watch(int argc, char **argv)
{
	struct watch w = { .rate = 1000 };
	struct tm_error e;
	int opt, err = 0;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1 && !err) {
		switch (opt) {
		case 'j':
			w.json = true;
			break;
		case 'H':
			err = tm_event_filter_host(&w.filter, optarg, &e);
			break;
		case 'p':
			err = tm_event_filter_port(&w.filter, optarg, &e);
			break;
		case 'k':
			err = tm_event_filter_hook(&w.filter, optarg, &e);
			break;
		case 'r':
			err = tm_event_filter_reason(&w.filter, optarg, &e);
			break;
		case 'R':
			if (!tm_number(optarg, 0, 1000000000, &w.rate))
				err = tm_error(&e, "rate '%.60s': needs a number of lines a second, 0 for no limit",
					       optarg);
			break;
		case 'h':
			fputs(help, stdout);
			return cli_flush();
		default:
			return cli_bad_option("watch", argv, opt);
		}
	}
	if (err)
		return cli_usage("watch", "%s", e.text);
	if (optind < argc)
		return cli_usage("watch", "'%s': takes no argument", argv[optind]);
	return watch(&w);
}
