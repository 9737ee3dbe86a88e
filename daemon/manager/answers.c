/* SPDX-License-Identifier: BSD-2-Clause */
#include "answers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "daemon/learner/learner.h"
#include "lib/json.h"
#include "lib/report/metrics-hooks.h"
#include "lib/report/metrics-protect.h"
#include "lib/protect/json.h"
#include "lib/report/report-json.h"
#include "daemon/notify.h"
#include "daemon/manager/protect/protect.h"
#include "reports.h"

/* Sends a document and frees it. */
static void answer_json(struct front *f, uint32_t id, json_t *document)
{
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	front_answer(f, id, text ? DAEMON_OK : DAEMON_FAILED, text ? text : "out of memory");
	free(text);
}

static void hello(const struct answers *a, struct front *f, uint32_t id)
{
	struct stat ns = { 0 };
	json_t *pending = json_null();

	stat("/proc/self/ns/net", &ns);
	if (reload_left(a->reload))
		pending = json_integer(reload_left(a->reload));
	answer_json(f, id,
		    json_pack("{s:i, s:s, s:i, s:{s:I, s:I}, s:o, s:o}", "schema_version", 1, "version", TM_VERSION,
			      "pid", (int)getpid(), "netns", "dev", (json_int_t)ns.st_dev, "inode",
			      (json_int_t)ns.st_ino, "file", tm_json_name(a->file), "seconds_to_confirm", pending));
}

static void fail(struct front *f, uint32_t id, int err, const struct tm_error *e)
{
	int status = err == -EPERM ? DAEMON_PRIVILEGE : err == -EOPNOTSUPP ? DAEMON_UNSUPPORTED : DAEMON_FAILED;

	front_answer(f, id, status, e->text);
}

/* How many paths are known. */
static json_t *paths(const struct hooks *h)
{
	json_t *o = json_pack("{s:b}", "learning", h->config.discovery.present);
	struct tm_path_numbers n;

	learner_numbers(h->learner, &n);
	for (int s = TM_PMTU_REDUCED; s <= TM_PMTU_STATIC; s++)
		json_object_set_new(o, tm_pmtu_state_name(s), json_integer((json_int_t)n.by_state[s]));
	return o;
}

/* Reports of all protect blocks. 0 or −errno with *e filled. */
static int protects(const struct answers *a, struct tm_protect_reports *reports, bool servers, struct tm_error *e)
{
	return a->hooks->protect ? protect_reports(a->hooks->protect, reports, servers, e) : 0;
}

/* Beside what is told without a daemon: whether a configuration awaits confirmation. */
static void show(const struct answers *a, struct front *f, uint32_t id)
{
	struct tm_protect_reports blocks = { 0 };
	struct tm_hook_reports reports = { 0 };
	json_t *document = NULL;
	struct tm_error e;
	int err = reports_fill(a->hooks, &reports, &e);

	if (!err)
		err = protects(a, &blocks, false, &e);
	if (!err)
		document = tm_show_json(&reports);
	if (document && blocks.count)
		json_object_set_new(document, "protect", tm_protects_json(&blocks, false));
	tm_protect_reports_free(&blocks);
	tm_hook_reports_free(&reports);
	if (document && learner_there(a->hooks->learner))
		json_object_set_new(document, "paths", paths(a->hooks));
	if (document && reload_left(a->reload))
		json_object_set_new(document, "seconds_to_confirm", json_integer(reload_left(a->reload)));
	if (err)
		fail(f, id, err, &e);
	else
		answer_json(f, id, document);
}

static void stats(const struct answers *a, struct front *f, uint32_t id, const struct channel_request *r)
{
	struct tm_hook_counters counters;
	struct tm_error e;
	int err = reports_stats(a->hooks, r->hook, (enum io_stats)r->what, &counters, &e);

	if (err)
		fail(f, id, err, &e);
	else if (r->what == IO_STATS_CLEAR)
		front_answer(f, id, DAEMON_OK, "");
	else
		answer_json(f, id, tm_stats_json(&counters, 1 << TM_IN | 1 << TM_OUT));
}

/* The learner's part goes to the end of the document, as it is: nobody here reads it. */
static void explain_paths(const struct answers *a, struct front *f, uint32_t id, const struct channel_request *r,
			  json_t *document)
{
	struct channel_request evidence = *r;
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL, *before = NULL;
	size_t len = text ? strlen(text) : 0;

	json_decref(document);
	evidence.verb = CHANNEL_LEARN_EXPLAIN;
	if (!text || asprintf(&before, "%.*s,\"paths\":", (int)len - 1, text) < 0)
		front_answer(f, id, DAEMON_FAILED, "out of memory");
	else
		learner_ask(a->hooks->learner, id, &evidence, before);
	free(before);
	free(text);
}

static void explain(const struct answers *a, struct front *f, uint32_t id, const struct channel_request *r)
{
	struct tm_hook_explanations list = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct tm_error e;
	int err = reports_explain(a->hooks, &list, r->ipv6, r->address, &e);
	json_t *document;

	inet_ntop(r->ipv6 ? AF_INET6 : AF_INET, r->address, text, sizeof(text));
	document = err ? NULL : tm_explain_json(text, r->ipv6, &list);
	tm_hook_explanations_free(&list);
	if (err)
		fail(f, id, err, &e);
	else if (learner_runs(a->hooks->learner))
		explain_paths(a, f, id, r, document);
	else
		answer_json(f, id, document);
}

static void watch(const struct answers *a, struct front *f, uint32_t id, const struct channel_request *r)
{
	struct tm_error e;
	int err = watching_set(a->watching, (uint32_t)r->reasons & TM_EVENT_REASONS, &e);

	if (err)
		fail(f, id, err, &e);
	else
		front_answer(f, id, DAEMON_OK, "");
}

static void metrics(const struct answers *a, struct front *f, uint32_t id, const struct channel_request *r)
{
	struct tm_metrics m = { .format = r->what == TM_METRICS_OPEN ? TM_METRICS_OPEN : TM_METRICS_PLAIN };
	struct tm_protect_reports blocks = { 0 };
	struct tm_hook_reports reports = { 0 };
	struct tm_path_numbers numbers;
	struct tm_error e;
	int err = reports_fill(a->hooks, &reports, &e);

	if (!err)
		err = protects(a, &blocks, false, &e);
	if (!err) {
		tm_metrics_build(&m);
		tm_metrics_hooks(&m, &reports);
		if (learner_there(a->hooks->learner)) {
			learner_numbers(a->hooks->learner, &numbers);
			tm_metrics_paths(&m, &numbers);
		}
		if (blocks.count)
			tm_metrics_protect(&m, &blocks);
		if (tm_metrics_end(&m))
			err = tm_error_code(&e, -ENOMEM, "out of memory");
	}
	if (err)
		fail(f, id, err, &e);
	else
		front_answer(f, id, DAEMON_OK, m.text);
	free(m.text);
	tm_protect_reports_free(&blocks);
	tm_hook_reports_free(&reports);
}

static void protect_show(const struct answers *a, struct front *f, uint32_t id)
{
	struct tm_protect_reports reports = { 0 };
	struct tm_error e;
	int err = protects(a, &reports, true, &e);
	json_t *document = err ? NULL : tm_protect_show_json(&reports);

	tm_protect_reports_free(&reports);
	if (err)
		fail(f, id, err, &e);
	else
		answer_json(f, id, document);
}

static void finish(struct front *f, uint32_t id, int status, char *why)
{
	front_answer(f, id, status, !status ? "" : why ? why : "out of memory");
	free(why);
}

static void reload(const struct answers *a, struct front *f, const struct channel_message *m,
		   const struct channel_request *r)
{
	char *why;
	int status;

	notify_reloading();
	status = reload_apply(a->reload, m->fd, r->confirm, &why);
	notify_reloaded(a->reload->file, a->reload->hooks->config.hook_count);
	finish(f, m->id, status, why);
}

void answers_take(void *ctx, struct front *f, const struct channel_message *m)
{
	const struct answers *a = ctx;
	struct channel_request r;
	char *why = NULL;
	int status;

	memcpy(&r, m->body, sizeof(r)); /* its length and fields are checked */
	if (m->fd >= 0 && r.verb != CHANNEL_RELOAD && r.verb != CHANNEL_PROTECT_ADD)
		close(m->fd);
	switch ((enum channel_verb)r.verb) {
	case CHANNEL_HELLO:
		hello(a, f, m->id);
		return;
	case CHANNEL_RELOAD:
		reload(a, f, m, &r);
		return;
	case CHANNEL_CONFIRM:
		status = reload_confirm(a->reload, &why);
		finish(f, m->id, status, why);
		return;
	case CHANNEL_UNDO:
		status = reload_undo(a->reload, &why);
		finish(f, m->id, status, why);
		return;
	case CHANNEL_SHOW:
		show(a, f, m->id);
		return;
	case CHANNEL_STATS:
		stats(a, f, m->id, &r);
		return;
	case CHANNEL_EXPLAIN:
		explain(a, f, m->id, &r);
		return;
	case CHANNEL_METRICS:
		metrics(a, f, m->id, &r);
		return;
	case CHANNEL_WATCH:
		watch(a, f, m->id, &r);
		return;
	case CHANNEL_PMTU_SHOW:
	case CHANNEL_PMTU_SET:
	case CHANNEL_PMTU_DELETE:
	case CHANNEL_PMTU_FLUSH:
		learner_ask(a->hooks->learner, m->id, &r, NULL);
		return;
	case CHANNEL_PROTECT_ADD:
		status = reload_add_protect(a->reload, m->fd, &why);
		finish(f, m->id, status, why);
		return;
	case CHANNEL_PROTECT_REMOVE:
		status = reload_remove_protect(a->reload, r.what ? NULL : r.hook, &why);
		finish(f, m->id, status, why);
		return;
	case CHANNEL_PROTECT_SHOW:
		protect_show(a, f, m->id);
		return;
	case CHANNEL_LEARN_ORDER: /* not for the front */
	case CHANNEL_LEARN_LOAD:
	case CHANNEL_LEARN_SAVE:
	case CHANNEL_LEARN_EXPLAIN:
	case CHANNEL_VERBS:
		break;
	}
	front_answer(f, m->id, DAEMON_UNSUPPORTED, "this tcpmssd does not answer that");
}
