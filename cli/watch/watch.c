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

#include "cli/cli.h"
#include "io/clock.h"
#include "io/control-client.h"
#include "io/hook/events.h"
#include "lib/report/event-json.h"
#include "lines.h"

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

/* Waits for `fd` or for what ends the watch: 1 where it is readable, 0 not yet, -1 at the end. Once a second tells what was left out. */
static int wait_for(struct cli_watch *w, int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = w->signals, .events = POLLIN },
				{ .fd = STDOUT_FILENO } }; /* whether it is still there */

	cli_watch_look(w);
	fflush(stdout);
	w->broken |= ferror(stdout);
	if (w->broken || poll(fds, 3, IO_EVENTS_TICK_MS / 2) < 0 || fds[1].revents ||
	    fds[2].revents & (POLLERR | POLLHUP))
		return -1;
	return fds[0].revents ? 1 : 0;
}

static int read_rings(struct cli_watch *w, struct io_events *ev, struct tm_error *e)
{
	uint64_t tick = 0;
	bool waits = false;
	int ready = 0;

	for (; ready >= 0; ready = wait_for(w, io_events_fd(ev))) {
		uint64_t time = io_clock_ns(CLOCK_MONOTONIC);

		if (ready)
			io_events_read(ev, cli_watch_take, w);
		if (time - tick < IO_EVENTS_TICK_MS * 1000000ull)
			continue;
		tick = time;
		ready = io_events_tick(ev, tm_event_filter_reasons(&w->filter), cli_watch_take, w, e);
		if (ready)
			return ready;
		if (!io_events_hooks(ev) && !waits)
			fprintf(stderr, "tcpmss watch: no hook%s%s yet: waits for it\n", *w->filter.hook ? " " : "",
				w->filter.hook);
		waits = !io_events_hooks(ev);
	}
	return 0;
}

/* Without a daemon: on what is pinned. */
static int watch_rings(struct cli_watch *w)
{
	struct io_events ev;
	struct tm_error e;
	int err = io_events_open(&ev, w->filter.hook, &e);

	if (!err)
		err = read_rings(w, &ev, &e);
	io_events_end(&ev, cli_watch_take, w);
	io_events_close(&ev);
	return err ? cli_fail(err, &e) : CLI_OK;
}

static int read_lines(struct cli_watch *w, struct io_control *c, struct tm_error *e)
{
	for (;;) {
		int err = 0, ready = c->have && memchr(c->text, '\n', c->have) ? 1 : wait_for(w, c->fd);
		json_t *line = NULL;

		if (ready > 0)
			err = io_control_next(c, &line, e);
		if (err || ready < 0)
			return err;
		if (line)
			cli_watch_take_line(w, line);
		json_decref(line);
	}
}

static int watch_daemon(struct cli_watch *w, struct io_control *c)
{
	json_t *request = tm_event_filter_json(&w->filter);
	struct io_control_answer answer;
	struct tm_error e;
	int err, status = CLI_OK;

	json_object_set_new(request, "verb", json_string("watch"));
	err = io_control_ask(c, request, -1, &answer, &e);
	if (!err && answer.status) {
		fprintf(stderr, "tcpmss: %s\n", answer.error);
		status = answer.status;
	} else if (!err) {
		err = read_lines(w, c, &e);
	}
	io_control_answer_free(&answer);
	return err ? cli_fail(err, &e) : status;
}

static int watch(struct cli_watch *w)
{
	struct io_control c;
	struct tm_error ignored;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	w->signals = catch_signals();
	if (!io_control_open(&c, &ignored)) {
		status = watch_daemon(w, &c);
		io_control_close(&c);
	} else {
		status = watch_rings(w);
	}
	cli_watch_left_out(w);
	return status;
}

int cli_watch(int argc, char **argv)
{
	struct cli_watch w = { .rate = 1000 };
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
