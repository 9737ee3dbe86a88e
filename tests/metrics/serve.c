/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * metrics-serve ADDRESS:PORT|unix:PATH HOOKS [DELAY_MS]: serves /metrics of made-up hooks with the daemon's server, each answer after a
 * delay, until standard input ends. With HOOKS 0 no answer can be had.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/front/metrics-listen.h"
#include "daemon/front/metrics-server.h"
#include "lib/report/metrics-hooks.h"

static struct tm_hook_reports reports;
static struct metrics_server server;
static uv_timer_t delays[2];
static unsigned long delay_ms;

static void on_delay(uv_timer_t *timer)
{
	enum tm_metrics_format format = timer == &delays[TM_METRICS_PLAIN] ? TM_METRICS_PLAIN : TM_METRICS_OPEN;
	struct tm_metrics m = { .format = format };

	tm_metrics_build(&m);
	tm_metrics_hooks(&m, &reports);
	if (tm_metrics_end(&m))
		exit(1);
	metrics_server_answer(&server, format, reports.count ? m.text : NULL, m.len);
	free(m.text);
}

static void ask(void *ctx, enum tm_metrics_format format)
{
	uv_timer_start(&delays[format], on_delay, delay_ms, 0);
}

static void on_input(uv_poll_t *poll, int status, int events)
{
	uv_stop(poll->loop);
}

static void make_hooks(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		struct tm_hook_report *r = tm_hook_reports_add(&reports);

		if (!r)
			exit(1);
		snprintf(r->name, sizeof(r->name), "hook%lu", i);
		snprintf(r->device, sizeof(r->device), "dev\"%lu\\", i % 10);
		r->known = r->alive = true;
		r->directions = 3;
		r->counters.by[0][1].packets = i;
	}
}

int main(int argc, char **argv)
{
	struct tm_config_errors errors = { 0 };
	struct tm_config config = { 0 };
	struct tm_error e = { "" };
	char text[256];
	uv_poll_t input;
	uv_loop_t loop;
	int fd, len;

	if (argc < 3)
		return 2;
	delay_ms = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
	make_hooks(strtoul(argv[2], NULL, 10));
	signal(SIGPIPE, SIG_IGN);
	len = snprintf(text, sizeof(text), "metrics { listen = \"%s\" }", argv[1]);
	if (tm_config_parse(&config, "argument", text, (size_t)len, &errors))
		return 3;
	fd = metrics_listen(&config.metrics, &e);
	if (fd < 0 || uv_loop_init(&loop) || uv_timer_init(&loop, &delays[0]) || uv_timer_init(&loop, &delays[1]) ||
	    uv_poll_init(&loop, &input, 0) || uv_poll_start(&input, UV_READABLE, on_input))
		goto failed;
	server.ask = ask;
	if (metrics_server_start(&server, &loop, fd, &e))
		goto failed;
	puts("serves");
	fflush(stdout);
	uv_run(&loop, UV_RUN_DEFAULT);
	metrics_server_stop(&server);
	metrics_unlink(&config.metrics);
	tm_config_free(&config);
	tm_hook_reports_free(&reports);
	for (int i = 0; i < 2; i++)
		uv_close((uv_handle_t *)&delays[i], NULL);
	uv_close((uv_handle_t *)&input, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	return uv_loop_close(&loop) ? 1 : 0;
failed:
	fprintf(stderr, "metrics-serve: %s\n", e.text);
	return 1;
}
