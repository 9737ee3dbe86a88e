/* SPDX-License-Identifier: BSD-2-Clause */
#include "classic.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "daemon/daemon.h"
#include "follow.h"
#include "daemon/keeper.h"
#include "daemon/log.h"
#include "daemon/notify.h"
#include "daemon/poll-again.h"
#include "queue.h"
#include "daemon/sandbox.h"

#define ROUNDS 16 /* of reading packets, before signals and devices get their turn */

struct classic {
	const struct classic_options *options;
	struct queue queue;
	struct tm_image image;
	struct tm_bpf_counters counters[TM_DIRECTIONS];
	struct follow follow;
	struct keeper keeper;
	uv_loop_t loop;
	uv_poll_t queue_poll, follow_poll;
	uv_signal_t term, interrupt, hangup;
	int status;
};

static void say_limit(uint32_t mtu)
{
	log_line(LOG_DEBUG, "MSS limit %u for IPv4, %u for IPv6", pk_mtu_to_mss(mtu, PK_IPV4),
		 pk_mtu_to_mss(mtu, PK_IPV6));
}

static void set_mtu(void *ctx, uint32_t mtu)
{
	struct classic *c = ctx;

	c->queue.rules.device_mtu = mtu;
	say_limit(mtu);
}

static void stop(struct classic *c, int status)
{
	c->status = status;
	uv_stop(&c->loop);
}

/* ---- events */

static bool passing(int err)
{
	return err == -ENOBUFS || err == -ENOMEM;
}

static void on_packets(uv_poll_t *poll, int status, int events)
{
	struct classic *c = poll->data;
	int n = IO_NFQUEUE_BATCH;

	poll_again(poll, status, on_packets);
	for (int i = 0; i < ROUNDS && n == IO_NFQUEUE_BATCH; i++)
		n = io_nfqueue_read(&c->queue.nfq, queue_take, &c->queue);
	if (n >= 0 || passing(n))
		return;
	log_line(LOG_ERR, "reading queue %u: %s", c->options->port, strerror(-n));
	stop(c, DAEMON_FAILED);
}

static void on_device(uv_poll_t *poll, int status, int events)
{
	struct classic *c = poll->data;
	int err;

	poll_again(poll, status, on_device);
	err = follow_read(&c->follow);
	if (!err || passing(err))
		return;
	log_line(LOG_ERR, "following %s: %s", c->options->device, strerror(-err));
	stop(c, DAEMON_FAILED);
}

static void on_end(uv_signal_t *handle, int signal)
{
	stop(handle->data, DAEMON_OK);
}

static void on_hangup(uv_signal_t *handle, int signal)
{
	struct classic *c = handle->data;

	if (c->options->device && follow_ask(&c->follow))
		log_line(LOG_WARNING, "cannot ask for the MTU of %s", c->options->device);
}

/* ---- the worker */

static int watch(struct classic *c, uv_poll_t *poll, int fd, uv_poll_cb take)
{
	int err = uv_poll_init(&c->loop, poll, fd);

	poll->data = c;
	return err ? err : uv_poll_start(poll, UV_READABLE, take);
}

static int take_signal(struct classic *c, uv_signal_t *handle, int signal, uv_signal_cb take)
{
	int err = uv_signal_init(&c->loop, handle);

	handle->data = c;
	return err ? err : uv_signal_start(handle, take, signal);
}

static int set_up_loop(struct classic *c)
{
	int err = uv_loop_init(&c->loop);

	if (!err)
		err = take_signal(c, &c->term, SIGTERM, on_end);
	if (!err)
		err = take_signal(c, &c->interrupt, SIGINT, on_end);
	if (!err)
		err = take_signal(c, &c->hangup, SIGHUP, on_hangup);
	if (!err)
		err = watch(c, &c->queue_poll, io_nfqueue_fd(&c->queue.nfq), on_packets);
	if (!err && c->options->device)
		err = watch(c, &c->follow_poll, follow_fd(&c->follow), on_device);
	return err ? err : notify_watchdog(&c->loop);
}

/* Verdicts need CAP_NET_ADMIN; nothing else here does. Before the first packet is read. */
static int give_up_rights(struct classic *c, struct tm_error *e)
{
	int err = sandbox_drop(SANDBOX_QUEUE, e);

	if (!err)
		err = sandbox_die_with(c->keeper.parent, e); /* after the change of user, which would undo it */
	return err ? err : sandbox_filter_calls(SANDBOX_QUEUE, e);
}

/* No packet may be lost: from now on new ones pass by the queue, and those in it are still handled. */
static void drain(struct classic *c)
{
	if (io_nfqueue_retire(&c->queue.nfq))
		return;
	while (io_nfqueue_read(&c->queue.nfq, queue_take, &c->queue) > 0)
		;
}

static int work(struct keeper *k)
{
	struct classic *c = k->ctx;
	struct tm_error e;
	int err = set_up_loop(c);

	if (err) {
		tm_error_code(&e, err, "starting: %s", uv_strerror(err));
		return daemon_fail(err, &e);
	}
	err = give_up_rights(c, &e);
	if (err)
		return daemon_fail(err, &e);
	log_line(LOG_DEBUG, "reading queue %u, %s segments", c->options->port,
		 c->options->both ? "outgoing and incoming" : "outgoing");
	say_limit(c->options->device ? c->follow.device.mtu : c->options->mtu);
	keeper_ready(k);
	uv_run(&c->loop, UV_RUN_DEFAULT);
	notify_send("STOPPING=1");
	drain(c);
	queue_report(&c->queue);
	return c->status;
}

/* ---- set-up */

static void let_go(void *ctx)
{
	struct classic *c = ctx;

	io_nfqueue_close(&c->queue.nfq);
	tm_image_free(&c->image);
	if (c->options->device)
		follow_close(&c->follow);
}

/* Without the right to write to /run the daemon works, only nobody finds its number there. */
static int open_pidfile(struct classic *c, struct tm_error *e)
{
	static char usual[64];
	const char *path = c->options->pid_file;
	int err;

	c->keeper.pidfile.fd = -1;
	if (!path && c->options->foreground)
		return 0;
	if (!path) {
		snprintf(usual, sizeof(usual), "/run/tcpmssd.%u.pid", c->options->port);
		path = usual;
	}
	err = pidfile_open(&c->keeper.pidfile, path, e);
	if (!err || err == -EBUSY || c->options->pid_file)
		return err;
	log_line(LOG_WARNING, "going on without %s", e->text);
	return 0;
}

static int set_up(struct classic *c, struct tm_error *e)
{
	const struct classic_options *o = c->options;
	int err = io_nfqueue_open(&c->queue.nfq, o->port, e);

	c->queue.hooks = QUEUE_OUTGOING | (o->both ? QUEUE_INCOMING : 0);
	c->queue.tell = o->verbose;
	c->queue.counters = c->counters;
	c->follow = (struct follow){ .changed = set_mtu, .ctx = c };
	if (!err && o->device)
		err = follow_open(&c->follow, o->device, e);
	if (!err && queue_limit_by_mtu(&c->queue, &c->image))
		err = tm_error_code(e, -ENOMEM, "out of memory");
	c->queue.rules.device_mtu = o->device ? c->follow.device.mtu : o->mtu;
	return err ? err : open_pidfile(c, e);
}

int classic_run(const struct classic_options *o)
{
	static struct classic c;
	struct tm_error e;
	int err;

	c = (struct classic){ .options = o,
			      .keeper = { .foreground = o->foreground, .work = work, .let_go = let_go, .ctx = &c } };
	log_verbose(o->verbose);
	err = set_up(&c, &e);
	return err ? daemon_fail(err, &e) : keeper_run(&c.keeper);
}
