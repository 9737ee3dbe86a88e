/* SPDX-License-Identifier: BSD-2-Clause */
#include "front-process.h"

#include <jansson.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "asking.h"
#include "control.h"
#include "daemon/daemon.h"
#include "daemon/log.h"
#include "metrics-server.h"
#include "daemon/sandbox.h"

#define DESCRIPTORS 256

struct front_side {
	uv_loop_t loop;
	struct asking asking;
	struct control control;
	struct metrics_server metrics;
};

/* The end of the manager is the end of this. */
static void on_end(void *ctx, const char *why)
{
	uv_stop(&((struct front_side *)ctx)->loop);
}

static void on_event(void *ctx, const void *event, size_t len)
{
	control_event(&((struct front_side *)ctx)->control, event, len);
}

static void on_metrics(struct front_side *s, enum tm_metrics_format format, int status, const char *text, size_t len)
{
	metrics_server_answer(&s->metrics, format, status ? NULL : text, len);
}

static void on_open_metrics(void *ctx, int status, const char *text, size_t len)
{
	on_metrics(ctx, TM_METRICS_OPEN, status, text, len);
}

static void on_plain_metrics(void *ctx, int status, const char *text, size_t len)
{
	on_metrics(ctx, TM_METRICS_PLAIN, status, text, len);
}

static void ask_metrics(void *ctx, enum tm_metrics_format format)
{
	const struct channel_request r = { .verb = CHANNEL_METRICS, .what = format };
	struct front_side *s = ctx;

	if (asking_ask(&s->asking, &r, -1, format == TM_METRICS_OPEN ? on_open_metrics : on_plain_metrics, s) < 0)
		on_metrics(s, format, -1, NULL, 0);
}

static int let_go(struct tm_error *e)
{
	struct rlimit limit = { DESCRIPTORS, DESCRIPTORS };
	pid_t manager = getppid();
	int err;

	json_object_seed(0); /* now, since it reads /dev/urandom */
	prctl(PR_SET_NAME, "tcpmssd-front");
	setrlimit(RLIMIT_NOFILE, &limit);
	err = sandbox_drop(SANDBOX_FRONT, e);
	/* Behind that: a change of the user takes the signal back. Where the manager has gone meanwhile, its channel has ended. */
	return err ? err : sandbox_die_with(manager, e);
}

static int set_up(struct front_side *s, int channel, int control, int metrics, struct tm_error *e)
{
	int err = uv_loop_init(&s->loop);

	s->asking.event = on_event;
	s->asking.ended = on_end;
	s->asking.ctx = s;
	if (!err)
		err = asking_open(&s->asking, &s->loop, channel);
	if (!err && control >= 0)
		err = control_open(&s->control, &s->loop, &s->asking, control);
	if (err)
		return tm_error_code(e, err, "starting: %s", uv_strerror(err));
	s->metrics.ask = ask_metrics;
	s->metrics.ctx = s;
	return metrics >= 0 ? metrics_server_start(&s->metrics, &s->loop, metrics, e) : 0;
}

int front_process(int channel, int control, int metrics)
{
	static struct front_side s;
	struct tm_error e;
	int err = let_go(&e);

	if (!err)
		err = set_up(&s, channel, control, metrics, &e);
	if (!err)
		err = sandbox_filter_calls(SANDBOX_FRONT, &e);
	if (err)
		return daemon_fail(err, &e);
	uv_run(&s.loop, UV_RUN_DEFAULT);
	return DAEMON_OK;
}
