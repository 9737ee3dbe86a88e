/* SPDX-License-Identifier: BSD-2-Clause */
#include "full.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "answers.h"
#include "daemon/child.h"
#include "daemon/front/control-listen.h"
#include "daemon/daemon.h"
#include "hooks.h"
#include "io/bpf/program.h"
#include "io/bpf/bpffs.h"
#include "io/control-client.h"
#include "io/net/linkwatch.h"
#include "io/protect/conflicts.h"
#include "io/net/routewatch.h"
#include "daemon/manager/protect/protect.h"
#include "daemon/keeper.h"
#include "daemon/learner/learner.h"
#include "daemon/listen-fds.h"
#include "daemon/log.h"
#include "daemon/front/metrics-listen.h"
#include "daemon/notify.h"
#include "daemon/poll-again.h"
#include "daemon/sandbox.h"
#include "tproxy.h"

#define PID_FILE "/run/tcpmssd.pid"
#define SETTLE_MS 200 /* routes often change many at a time */
#define RETRY_MS 250 /* hooks know themselves for how long they are quiet */

struct full {
	const struct full_options *options;
	char file[PATH_MAX]; /* absolute: a daemon does not stay where it was started */
	struct hooks hooks;
	struct learner learner;
	struct tproxy tproxy;
	struct protect protect;
	struct control_listen control;
	struct tm_config_metrics metrics_at; /* where /metrics is served as long as this process lives */
	int metrics; /* its socket; -1: none */
	bool metrics_handed; /* by the service manager */
	struct front front;
	struct reload reload;
	struct answers answers;
	struct watching watching;
	struct io_linkwatch links;
	struct io_routewatch routes;
	struct keeper keeper;
	uv_loop_t loop;
	uv_poll_t links_poll, routes_poll;
	uv_timer_t settle, retry;
	uv_signal_t term, interrupt, hangup;
};

/* Reads the file, or what stands for it; tells all that is wrong with it. An enum daemon_exit. */
static int read_config(const char *file, const char *given, struct tm_config *config)
{
	struct tm_config_errors errors = { 0 };
	char text[LOG_LINE];
	int err = given ? tm_config_parse(config, file, given, strlen(given), &errors) :
			  tm_config_read(config, file, &errors);

	for (size_t i = 0; i < errors.count; i++) {
		tm_config_error_text(text, sizeof(text), &errors.list[i]);
		log_line(LOG_ERR, "%s", text);
	}
	tm_config_errors_free(&errors);
	if (err == -ENOMEM)
		log_line(LOG_ERR, "%s: out of memory", file);
	return err ? DAEMON_CONFIG : DAEMON_OK;
}

/* ---- events */

static void on_device(void *ctx, const struct io_device *device, bool gone)
{
	struct full *f = ctx;

	hooks_device(&f->hooks, device, gone);
}

static void on_retry(uv_timer_t *timer)
{
	struct full *f = timer->data;

	hooks_look_again(&f->hooks, false);
	if (f->hooks.put_off)
		uv_timer_start(timer, on_retry, RETRY_MS, 0);
}

static void on_links(uv_poll_t *poll, int status, int events)
{
	struct full *f = poll->data;
	int err;

	poll_again(poll, status, on_links);
	err = io_linkwatch_read(&f->links, on_device, f);
	if (err)
		log_line(LOG_ERR, "following devices: %s", strerror(-err));
	if (f->links.lost)
		hooks_look_again(&f->hooks, false);
	if (f->hooks.put_off && !uv_is_active((uv_handle_t *)&f->retry))
		uv_timer_start(&f->retry, on_retry, RETRY_MS, 0);
}

static void on_settled(uv_timer_t *timer)
{
	struct full *f = timer->data;

	hooks_look_again(&f->hooks, true);
}

static void on_routes(uv_poll_t *poll, int status, int events)
{
	struct full *f = poll->data;

	bool changed;

	poll_again(poll, status, on_routes);
	changed = io_routewatch_read(&f->routes);
	for (unsigned i = 0; i < f->routes.uplink_count; i++)
		learner_forget_device(&f->learner, f->routes.uplinks[i]);
	f->routes.uplink_count = 0;
	if (changed && hooks_use_routes(&f->hooks) && !uv_is_active((uv_handle_t *)&f->settle))
		uv_timer_start(&f->settle, on_settled, SETTLE_MS, 0);
}

static void on_end(uv_signal_t *handle, int signal)
{
	uv_stop(&((struct full *)handle->data)->loop);
}

/* All is read and checked first; only then anything changes. */
static void read_again(struct full *f)
{
	char *why, *rest = NULL;

	if (!reload_apply(&f->reload, -1, 0, &why))
		return;
	for (char *line = why ? strtok_r(why, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
		log_line(LOG_ERR, "%s", line);
	log_line(LOG_ERR, "%s is not put in force: the configuration in force stays", f->file);
	free(why);
}

static void on_hangup(uv_signal_t *handle, int signal)
{
	struct full *f = handle->data;

	notify_reloading();
	read_again(f);
	notify_reloaded(f->file, f->hooks.config.hook_count);
}

/* ---- set-up */

static int watch(struct full *f, uv_poll_t *poll, int fd, uv_poll_cb take)
{
	int err = uv_poll_init(&f->loop, poll, fd);

	poll->data = f;
	return err ? err : uv_poll_start(poll, UV_READABLE, take);
}

static int catch (struct full *f, uv_signal_t *handle, int signal, uv_signal_cb take)
{
	int err = uv_signal_init(&f->loop, handle);

	handle->data = f;
	return err ? err : uv_signal_start(handle, take, signal);
}

static int set_up_loop(struct full *f)
{
	int err = uv_loop_init(&f->loop);

	if (!err)
		err = children_init(&f->loop, &f->keeper);
	if (!err)
		err = uv_timer_init(&f->loop, &f->settle);
	f->settle.data = f;
	if (!err)
		err = uv_timer_init(&f->loop, &f->retry);
	f->retry.data = f;
	if (!err)
		err = catch (f, &f->term, SIGTERM, on_end);
	if (!err)
		err = catch (f, &f->interrupt, SIGINT, on_end);
	if (!err)
		err = catch (f, &f->hangup, SIGHUP, on_hangup);
	if (!err)
		err = watch(f, &f->links_poll, io_linkwatch_fd(&f->links), on_links);
	if (!err)
		err = watch(f, &f->routes_poll, io_routewatch_fd(&f->routes), on_routes);
	return err ? err : notify_watchdog(&f->loop);
}

/* A socket that the file names has to be there; without the usual one the daemon does its work, too. */
static int open_control(struct full *f, const struct tm_config *config, struct tm_error *e)
{
	const struct tm_config_control *c = &config->control;
	int err = control_listen_open(&f->control, *c->socket ? c->socket : IO_CONTROL_SOCKET,
				      *c->group ? c->group : NULL, e);

	if (!err || *c->socket || *c->group)
		return err;
	log_line(LOG_WARNING, "%s; tcpmss works on what is pinned only", e->text);
	return 0;
}

static void on_reload(void *ctx, const char *text)
{
	watching_notice(&((struct full *)ctx)->watching, TM_EVENT_RELOAD, text);
}

/* What the service manager has opened is taken before anything is opened here. */
static int open_metrics(struct full *f, const struct tm_config_metrics *m, struct tm_error *e)
{
	f->metrics = -1;
	f->metrics_at = *m;
	if (m->family)
		f->metrics = metrics_claim(m);
	f->metrics_handed = f->metrics >= 0;
	listen_fds_unused();
	if (!m->family || f->metrics_handed)
		return 0;
	f->metrics = metrics_listen(m, e);
	return f->metrics < 0 ? f->metrics : 0;
}

/* The process that meets clients: forked while this one has loaded nothing yet. */
static int start_front(struct full *f, const struct tm_config *config, struct tm_error *e)
{
	int err = open_control(f, config, e);

	if (!err)
		err = open_metrics(f, &config->metrics, e);
	if (!err)
		err = reload_init(&f->reload, &f->loop, &f->hooks, f->file, config);
	f->learner.loop = &f->loop;
	f->learner.front = &f->front;
	f->learner.event = watching_event;
	f->learner.ctx = &f->watching;
	f->hooks.learner = &f->learner;
	if (!err)
		err = learner_init(&f->learner);
	f->hooks.tproxy = &f->tproxy;
	if (!err)
		err = tproxy_init(&f->tproxy, &f->loop);
	f->protect.loop = &f->loop;
	f->protect.learner = &f->learner;
	f->protect.watching = &f->watching;
	f->hooks.protect = &f->protect;
	if (!err)
		err = protect_init(&f->protect, e);
	f->answers =
		(struct answers){ .hooks = &f->hooks, .reload = &f->reload, .watching = &f->watching, .file = f->file };
	f->reload.text = f->options->text;
	f->reload.told = on_reload;
	f->reload.ctx = f;
	f->front = (struct front){
		.control = f->control.fd, .metrics = f->metrics, .take = answers_take, .ctx = &f->answers
	};
	return err ? err : front_start(&f->front, &f->loop, e);
}

static bool uses_xdp(const struct tm_config *config)
{
	for (size_t i = 0; i < config->hook_count; i++)
		if (config->hooks[i].mode != TM_MODE_TC && config->hooks[i].mode != TM_MODE_NFQUEUE)
			return true;
	for (size_t i = 0; i < config->protect_count; i++)
		if (config->protects[i].accelerator == TM_ACCELERATOR_XDP)
			return true;
	return false;
}

/* What is in the way of protect blocks: looked for with programs that a process with a filter may not start. */
static int look_for_conflicts(const struct tm_config *config, struct tm_error *e)
{
	struct tm_findings f = { 0 };
	int err = 0;

	io_protect_conflicts(&f, config->protects, config->protect_count);
	for (size_t i = 0; i < f.count; i++) {
		const struct tm_finding *c = &f.list[i];

		if (tm_conflict_forbids(c) && !err)
			err = tm_error_code(e, -EBUSY, "protect%s%s: %s", *c->hook ? " " : "", c->hook, c->text);
		else if (c->result != TM_OK)
			log_line(LOG_WARNING, "protect%s%s: %s", *c->hook ? " " : "", c->hook, c->text);
	}
	tm_findings_free(&f);
	return err;
}

/* Nothing has come from a stranger yet. A BPF file system is only found or made with more rights than are needed later. */
static int give_up_rights(const struct tm_config *config, struct tm_error *e)
{
	enum sandbox_role role = uses_xdp(config) ? SANDBOX_MANAGER_XDP : SANDBOX_MANAGER;
	struct io_bpffs fs;
	int err;

	if (!io_bpffs_open(&fs, true, e))
		io_bpffs_close(&fs);
	err = sandbox_drop(role, e);
	return err ? err : sandbox_filter_calls(role, e);
}

static int work(struct keeper *k)
{
	struct full *f = k->ctx;
	struct tm_config config = { 0 };
	struct tm_error e;
	int err = sandbox_die_with(k->parent, &e), status;

	if (err)
		return daemon_fail(err, &e);
	err = set_up_loop(f);
	if (err) {
		tm_error_code(&e, err, "starting: %s", uv_strerror(err));
		return daemon_fail(err, &e);
	}
	/* The watches are on already: nothing that changes from here on is missed. */
	status = read_config(f->file, f->options->text, &config);
	if (status)
		return status;
	err = look_for_conflicts(&config, &e);
	if (!err)
		err = start_front(f, &config, &e);
	if (!err)
		err = give_up_rights(&config, &e);
	if (!err)
		err = hooks_apply(&f->hooks, &config, &e);
	if (!err)
		err = watching_open(&f->watching, &f->loop, &f->hooks, &f->front, &e);
	tm_config_free(&config);
	if (err)
		return daemon_fail(err, &e);
	notify_state(f->file, f->hooks.config.hook_count);
	keeper_ready(k);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	notify_send("STOPPING=1");
	watching_close(&f->watching);
	learner_end(&f->learner);
	front_stop(&f->front);
	control_listen_close(&f->control);
	if (f->metrics >= 0 && !f->metrics_handed)
		metrics_unlink(&f->metrics_at);
	reload_end(&f->reload);
	hooks_end(&f->hooks, f->options->leave);
	learner_tidy(&f->learner);
	return DAEMON_OK;
}

static void let_go(void *ctx)
{
	struct full *f = ctx;

	io_linkwatch_close(&f->links);
	io_routewatch_close(&f->routes);
	listen_fds_close();
}

static int set_up(struct full *f, struct tm_error *e)
{
	const char *path = f->options->pid_file ? f->options->pid_file : f->options->foreground ? NULL : PID_FILE;
	int err = sandbox_check_manager(e);

	if (!err)
		err = io_linkwatch_open(&f->links, e);
	if (!err)
		err = io_routewatch_open(&f->routes, e);
	f->keeper.pidfile.fd = -1;
	if (!err && path)
		err = pidfile_open(&f->keeper.pidfile, path, e);
	return err;
}

int full_run(const struct full_options *o)
{
	static struct full f;
	struct tm_config config = { 0 };
	struct tm_error e;
	int err, status;

	log_verbose(o->verbose);
	io_bpf_verbose(false);
	status = read_config(o->file, o->text, &config);
	tm_config_free(&config);
	if (status || o->check)
		return status;
	f = (struct full){ .options = o,
			   .keeper = { .foreground = o->foreground, .work = work, .let_go = let_go, .ctx = &f } };
	if (o->text) {
		snprintf(f.file, sizeof(f.file), "%s", o->file);
	} else if (!realpath(o->file, f.file)) {
		err = tm_error_code(&e, -errno, "%s: %s", o->file, strerror(errno));
		return daemon_fail(err, &e);
	}
	err = set_up(&f, &e);
	return err ? daemon_fail(err, &e) : keeper_run(&f.keeper);
}
