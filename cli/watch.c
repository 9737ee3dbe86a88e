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
#include "io/control-client.h"
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
	uint64_t second; /* when it began: CLOCK_MONOTONIC in ns */
	int signals; /* descriptor: one that ends the watch has come */
	bool broken; /* standard output takes nothing more */
};

static void print(struct watch *w, const json_t *document)
{
	if (w->json) {
		json_dumpf(document, stdout, JSON_COMPACT);
		putchar('\n');
	} else {
		cli_watch_text(stdout, document);
	}
	w->broken |= ferror(stdout);
}

static void print_event(struct watch *w, const struct tm_event *event)
{
	json_t *document = tm_event_json(event);

	print(w, document);
	json_decref(document);
}

/* Whether a line that the rate applies to may be shown; else it is counted. */
static bool may_show(struct watch *w)
{
	if (w->rate && w->shown >= w->rate) {
		w->left_out.rate++;
		return false;
	}
	w->shown++;
	return true;
}

/* An event of the kernel's. */
static void take(void *ctx, const struct tm_event *event)
{
	struct watch *w = ctx;

	if (event->kind == TM_EVENT_LEFT_OUT)
		w->left_out.kernel += event->left_out.kernel;
	else if (tm_event_wanted(&w->filter, event) && (event->kind != TM_EVENT_SYN || may_show(w)))
		print_event(w, event);
}

/* A line of the daemon's, which knows the filter. */
static void take_line(struct watch *w, const json_t *line)
{
	const char *kind = json_string_value(json_object_get(line, "event"));

	if (kind && !strcmp(kind, tm_event_kind_name(TM_EVENT_LEFT_OUT))) {
		w->left_out.kernel += (uint64_t)json_integer_value(json_object_get(line, "kernel"));
		w->left_out.daemon += (uint64_t)json_integer_value(json_object_get(line, "daemon"));
	} else if (kind && (strcmp(kind, tm_event_kind_name(TM_EVENT_SYN)) || may_show(w))) {
		print(w, line);
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
	print_event(w, &event);
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

/* Waits for `fd` or for what ends the watch: 1 where it is readable, 0 not yet, -1 at the end. Once a second tells what was left out. */
static int wait_for(struct watch *w, int fd)
{
	struct pollfd fds[] = { { .fd = fd, .events = POLLIN },
				{ .fd = w->signals, .events = POLLIN },
				{ .fd = STDOUT_FILENO } }; /* whether it is still there */
	uint64_t time = io_clock_ns(CLOCK_MONOTONIC);

	if (time - w->second >= 1000000000) {
		w->second = time;
		w->shown = 0;
		tell_left_out(w);
	}
	fflush(stdout);
	w->broken |= ferror(stdout);
	if (w->broken || poll(fds, 3, IO_EVENTS_TICK_MS / 2) < 0 || fds[1].revents ||
	    fds[2].revents & (POLLERR | POLLHUP))
		return -1;
	return fds[0].revents ? 1 : 0;
}

static int read_rings(struct watch *w, struct io_events *ev, struct tm_error *e)
{
	uint64_t tick = 0;
	bool waits = false;
	int ready = 0;

	for (; ready >= 0; ready = wait_for(w, io_events_fd(ev))) {
		uint64_t time = io_clock_ns(CLOCK_MONOTONIC);

		if (ready)
			io_events_read(ev, take, w);
		if (time - tick < IO_EVENTS_TICK_MS * 1000000ull)
			continue;
		tick = time;
		ready = io_events_tick(ev, tm_event_filter_reasons(&w->filter), take, w, e);
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
static int watch_rings(struct watch *w)
{
	struct io_events ev;
	struct tm_error e;
	int err = io_events_open(&ev, w->filter.hook, &e);

	if (!err)
		err = read_rings(w, &ev, &e);
	io_events_end(&ev, take, w);
	io_events_close(&ev);
	return err ? cli_fail(err, &e) : CLI_OK;
}

static int read_lines(struct watch *w, struct io_control *c, struct tm_error *e)
{
	for (;;) {
		int err = 0, ready = c->have && memchr(c->text, '\n', c->have) ? 1 : wait_for(w, c->fd);
		json_t *line = NULL;

		if (ready > 0)
			err = io_control_next(c, &line, e);
		if (err || ready < 0)
			return err;
		if (line)
			take_line(w, line);
		json_decref(line);
	}
}

static int watch_daemon(struct watch *w, struct io_control *c)
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

static int watch(struct watch *w)
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
	tell_left_out(w);
	return status;
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
