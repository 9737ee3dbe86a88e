/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss rewrite: clamps the packets of a capture file. Lossless but for what the clamp changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "config-file.h"
#include "progress.h"
#include "io/capture/outfile.h"
#include "io/capture/stream.h"
#include "lib/clamp.h"
#include "lib/linktype.h"
#include "lib/options.h"
#include "lib/report/report-json.h"

static const char verb[] = "rewrite";

static const char help[] = "usage: tcpmss rewrite [clamp options] [-j] IN OUT\n\n"
			   "Clamps the MSS of SYNs in a capture (pcap or pcapng), as a gateway would have.\n"
			   "What the clamp does not change stays as it is, byte for byte. '-' is standard\n"
			   "input or output. OUT gets its name when it is complete; of a capture that\n"
			   "breaks off, what is whole is written, and the exit status is 1.\n\n"
			   "  --mss N           limit in bytes, 32 to 65495\n"
			   "  --mtu N           the same as an MTU: less 40 for IPv4, 60 for IPv6\n"
			   "  --prefix P=MTU    for packets from or to prefix P; repeatable\n"
			   "  --allow-increase  write --mss also where it is larger\n"
			   "  --add-missing     insert a missing option where the limit needs it\n"
			   "  --config FILE     also the prefixes of a configuration\n"
			   "  -j, --json        the counters as JSON on standard output (on standard error\n"
			   "                    with OUT '-'); octets are captured bytes, before the clamp\n\n"
			   "One limit at least is needed. Examples:\n"
			   "  tcpmss rewrite --mtu 1400 before.pcapng after.pcapng\n"
			   "  tcpdump -w - tcp | tcpmss rewrite --mss 1360 - - | tcpdump -nr -\n";

struct rewrite {
	const char *in, *out;
	bool json;
	struct tm_options options;
	struct tm_rules rules;
	struct tm_counters counters;
	struct cli_progress progress;
	int in_fd;
	struct stat in_stat;
};

/* What a signal that ends the process leaves behind. */
static struct io_outfile outfile = { .fd = -1 };

static const int fatal_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };

static void remove_temporary(int signal_number)
{
	const char *temporary = outfile.temporary;

	if (temporary)
		unlink(temporary);
	signal(signal_number, SIG_DFL);
	raise(signal_number); /* delivered when this handler returns */
}

static void catch_signals(void)
{
	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]); i++) {
		if (signal(fatal_signals[i], remove_temporary) == SIG_IGN)
			signal(fatal_signals[i], SIG_IGN);
	}
	signal(SIGXFSZ, SIG_IGN); /* a file over the limit is an error of write() */
}

static bool is_stream(const char *name)
{
	return strcmp(name, "-") == 0;
}

static uint32_t clamp(void *ctx, uint32_t linktype, uint8_t *buf, uint32_t len, uint32_t room)
{
	struct rewrite *r = ctx;
	enum pk_link link = tm_link_of(linktype);
	struct pk_view view = { .frame = buf, .len = len, .room = room };
	struct pk_packet packet = { 0 };
	struct pk_result result = { .reason = pk_parse_frame(&view, link, &packet) };
	uint32_t grown = len;

	/* Nearly all packets end with the parser; at millions of them a second the call is what they cost. */
	if (result.reason == PK_GO_ON)
		result = tm_clamp_frame(&r->rules, link, buf, &grown, room);
	tm_counters_count(&r->counters, &result, len);
	return grown;
}

/* Prints "tcpmss rewrite: ..." and returns CLI_FAILED: a file's rights are no privilege of ours. */
static int failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int failure(const char *format, ...)
{
	va_list args;

	fputs("tcpmss rewrite: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return CLI_FAILED;
}

static int check_names(struct rewrite *r, int argc, char **argv)
{
	if (argc != 2)
		return cli_usage(verb, "%d names of files; it takes two, IN and OUT, '-' for standard input and output",
				 argc);
	r->in = argv[0];
	r->out = argv[1];
	if (is_stream(r->in) && isatty(STDIN_FILENO))
		return cli_usage(verb, "standard input is a terminal, not a capture");
	if (is_stream(r->out) && isatty(STDOUT_FILENO))
		return cli_usage(verb, "standard output is a terminal, and a capture is not text; name a file");
	return CLI_OK;
}

static int check_limit(const struct tm_options *o)
{
	if (o->hook.flags & (PK_HOOK_AUTO | PK_HOOK_ROUTE))
		return cli_usage(
			verb,
			"--mtu %s asks this machine's devices and routes, which a capture knows nothing of; give --mtu N or --mss N",
			o->hook.flags & PK_HOOK_AUTO ? "auto" : "route");
	if (!tm_options_limited(o))
		return cli_usage(verb, "no limit is given; it needs --mss N, --mtu N, --prefix PREFIX=MTU or a --config FILE with prefixes");
	return CLI_OK;
}

/* Returns CLI_OK with r filled, or what to exit with; -1 where help was asked for. */
static int parse(struct rewrite *r, int argc, char **argv)
{
	static const struct option longs[] = {
		TM_CLAMP_OPTIONS,
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct tm_error e;
	int opt, status;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", longs, NULL)) != -1) {
		switch (opt) {
		case 'j':
			r->json = true;
			break;
		case 'h':
			return -1;
		case ':':
		case '?':
			return cli_bad_option(verb, argv, opt);
		default:
			if (tm_options_take(&r->options, opt, optarg, &e) < 0)
				return cli_usage(verb, "%s", e.text);
		}
	}
	status = cli_config_take(&r->options, NULL, NULL);
	if (status)
		return status;
	if (tm_options_finish(&r->options, &e) < 0)
		return cli_usage(verb, "%s", e.text);
	status = check_limit(&r->options);
	return status ? status : check_names(r, argc - optind, argv + optind);
}

static int open_input(struct rewrite *r)
{
	r->in_fd = is_stream(r->in) ? STDIN_FILENO : open(r->in, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->in_fd < 0 || fstat(r->in_fd, &r->in_stat) < 0)
		return failure("%s: %s", r->in, strerror(errno));
	if (S_ISDIR(r->in_stat.st_mode))
		return failure("%s: a directory; name a capture file", r->in);
	return CLI_OK;
}

static int open_output(struct rewrite *r)
{
	struct tm_error e;
	struct stat st;

	if (!is_stream(r->out))
		return io_outfile_open(&outfile, r->out, &r->in_stat, &e) ? failure("%s", e.text) : CLI_OK;
	if (fstat(STDOUT_FILENO, &st) < 0)
		return failure("standard output: %s", strerror(errno));
	if (io_same_file(&st, &r->in_stat))
		return failure("standard output: input and output are the same file; name another output");
	outfile.fd = STDOUT_FILENO;
	return CLI_OK;
}

/* The counters, once the output is what they say. */
static int report(const struct rewrite *r)
{
	const struct tm_counters *c = &r->counters;
	json_t *json;

	if (!r->json) {
		fprintf(stderr, "%" PRIu64 " packets, %" PRIu64 " SYNs, %" PRIu64 " changed\n", c->packets,
			c->syn_packets, c->fixed_packets);
		return CLI_OK;
	}
	json = tm_counters_json(c);
	json_object_set_new(json, "schema_version", json_integer(1));
	if (!is_stream(r->out))
		return cli_print_json(json);
	json_dumpf(json, stderr, JSON_INDENT(2));
	fputc('\n', stderr);
	json_decref(json);
	return CLI_OK;
}

static void show_progress(void *ctx, uint64_t input)
{
	cli_progress_at(ctx, input);
}

static const char *name_of(const char *name, const char *stream)
{
	return is_stream(name) ? stream : name;
}

/* Tells what went wrong between input and output, if anything did. */
static int outcome(const struct rewrite *r, const struct io_capture *c, int error, enum io_stream_step failed)
{
	const char *in = name_of(r->in, "standard input"), *out = name_of(r->out, "standard output");

	if (error)
		return failure("%s: %s", failed == IO_STREAM_WRITE ? out : in, strerror(-error));
	if (c->state != IO_CAPTURE_OK)
		return failure("%s: %s", in, c->error.text);
	return CLI_OK;
}

static int copy(struct rewrite *r)
{
	struct io_capture_hooks hooks = {
		.packet = clamp,
		.ctx = r,
		.may_grow = r->options.hook.flags & PK_HOOK_ADD_MISSING,
	};
	struct io_stream stream = { .in = r->in_fd, .out = outfile.fd, .progress = show_progress, .ctx = &r->progress };
	enum io_stream_step failed;
	struct io_capture c;
	struct tm_error e;
	int error, status;

	io_capture_init(&c, &hooks, outfile.path != NULL);
	cli_progress_begin(&r->progress, S_ISREG(r->in_stat.st_mode) ? r->in_stat.st_size : 0);
	error = io_stream_run(&stream, &c, &failed);
	cli_progress_end(&r->progress);
	status = outcome(r, &c, error, failed);

	/* What is whole of a capture that breaks off is worth keeping; of a damaged one nobody knows. */
	if (status && (error || c.state != IO_CAPTURE_TRUNCATED || !c.whole.output)) {
		if (!is_stream(r->out))
			io_outfile_drop(&outfile);
	} else {
		if (!is_stream(r->out) && io_outfile_done(&outfile, &e))
			status = failure("%s", e.text);
		else if (report(r))
			status = CLI_FAILED;
	}
	io_capture_free(&c);
	return status;
}

static int rewrite(struct rewrite *r)
{
	struct tm_image image = { 0 };
	int status;

	if (tm_image_build(&image, &r->options.set))
		return failure("too many prefixes for the memory there is");
	r->rules.image = tm_image_rules(&image);
	status = open_input(r);
	if (!status)
		status = open_output(r);
	if (!status)
		status = copy(r);
	if (r->in_fd > STDERR_FILENO)
		close(r->in_fd);
	tm_image_free(&image);
	return status;
}

int cli_rewrite(int argc, char **argv)
{
	struct rewrite r = { .in_fd = -1 };
	int status = parse(&r, argc, argv);

	if (status < 0) {
		fputs(help, stdout);
		status = cli_flush();
	} else if (status == CLI_OK) {
		catch_signals();
		status = rewrite(&r);
	}
	tm_options_free(&r.options);
	return status;
}
