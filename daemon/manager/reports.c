/* SPDX-License-Identifier: BSD-2-Clause */
#include "reports.h"

#include <errno.h>
#include <string.h>

#include "io/clock.h"
#include "io/hook/report.h"
#include "io/net/routes.h"
#include "daemon/learner/learner.h"
#include "queue-hook.h"

/* What is given to a hook that is not on BPF; routes are asked for each packet, or looked up when they are told. */
static int compile(const struct hook_state *s, struct tm_image *image, struct tm_error *e)
{
	struct tm_ruleset set = s->hooks->config.set;
	int err;

	set.hooks[0] = s->config->limits;
	err = tm_image_build(image, &set);
	return err ? tm_error_code(e, err, "hook %s: compiling its rules: %s", s->config->name, strerror(-err)) : 0;
}

static int report_queue(const struct hook_state *s, struct tm_hook_report *r, struct tm_error *e)
{
	struct queue_hook_view view;
	struct tm_image image;
	int err = compile(s, &image, e);

	if (err)
		return err;
	queue_hook_view(s, &view);
	queue_hook_stats(s, IO_STATS_GET, &r->counters);
	r->known = true;
	r->alive = view.alive;
	r->queue = s->config->queue;
	strcpy(r->device, s->config->device);
	tm_hook_report_limits(r, &image, view.device_mtu);
	if (!view.alive)
		tm_hook_report_warn(r, "no process reads queue %d just now: its packets pass as they are",
				    s->config->queue);
	tm_image_free(&image);
	return 0;
}

/* One that waits for its device, or could not be attached. */
static void report_waiting(const struct hook_state *s, struct tm_hook_report *r)
{
	const struct tm_config_hook *c = s->config;

	if (c->mode == TM_MODE_WIRE)
		tm_hook_report_warn(r, "not attached: waits for %s and %s", c->in, c->out);
	else
		tm_hook_report_warn(r, "not attached: waits for %s", c->device);
}

static bool told(const struct tm_hook_reports *reports, const char *name)
{
	for (size_t i = 0; i < reports->count; i++)
		if (!strcmp(reports->list[i].name, name))
			return true;
	return false;
}

int reports_fill(const struct hooks *h, struct tm_hook_reports *reports, struct tm_error *e)
{
	int err = io_hook_reports(reports, e);

	for (size_t i = 0; i < h->config.hook_count && !err; i++) {
		const struct hook_state *s = &h->states[i];
		struct tm_hook_report *r;

		if (told(reports, s->config->name))
			continue;
		r = tm_hook_reports_add(reports);
		if (!r)
			return tm_error_code(e, -ENOMEM, "out of memory");
		strcpy(r->name, s->config->name);
		r->mode = s->config->mode;
		r->directions = s->config->directions;
		if (s->kind == &hook_on_queue)
			err = report_queue(s, r, e);
		else
			report_waiting(s, r);
	}
	tm_hook_reports_sort(reports);
	return err;
}

static uint16_t learned_mtu(const struct hook_state *s, bool ipv6, const uint8_t *address)
{
	struct pk_learned_table table = learner_table(s->hooks->learner);
	struct tm_learned_path path = { .ipv6 = ipv6, .tag = s->ifindex[0] };

	memcpy(path.address, address, ipv6 ? 16 : 4);
	return tm_learned_mtu(&table, &path, io_clock_ns(CLOCK_MONOTONIC));
}

static int explain_queue(const struct hook_state *s, struct tm_hook_explanation *x, bool ipv6, const uint8_t *address,
			 struct tm_error *e)
{
	struct tm_surroundings around = { 0 };
	struct queue_hook_view view;
	struct tm_image image;
	struct io_route route;
	struct tm_error ignored;
	int err = compile(s, &image, e);

	if (err)
		return err;
	queue_hook_view(s, &view);
	around.device_mtu = view.device_mtu;
	if (!io_route_find(&route, ipv6, address, &ignored) && !route.local)
		around.route_mtu = route.mtu;
	around.learned_mtu = learned_mtu(s, ipv6, address);
	strcpy(x->name, s->config->name);
	strcpy(x->device, s->config->device);
	x->alive = view.alive;
	tm_explain(&x->limits, &image, &around, ipv6, address);
	tm_image_free(&image);
	return 0;
}

int reports_explain(const struct hooks *h, struct tm_hook_explanations *list, bool ipv6, const uint8_t *address,
		    struct tm_error *e)
{
	int err = io_hook_explanations(list, ipv6, address, e);

	for (size_t i = 0; i < h->config.hook_count && !err; i++) {
		struct tm_hook_explanation *x;

		if (h->states[i].kind != &hook_on_queue)
			continue;
		x = tm_hook_explanations_add(list);
		err = x ? explain_queue(&h->states[i], x, ipv6, address, e) :
			  tm_error_code(e, -ENOMEM, "out of memory");
	}
	tm_hook_explanations_sort(list);
	return err;
}

int reports_stats(const struct hooks *h, const char *name, enum io_stats what, struct tm_hook_counters *counters,
		  struct tm_error *e)
{
	for (size_t i = 0; i < h->config.hook_count; i++) {
		if (strcmp(h->config.hooks[i].name, name) || h->states[i].kind != &hook_on_queue)
			continue;
		queue_hook_stats(&h->states[i], what, counters);
		return 0;
	}
	return io_hook_stats(name, what, counters, e);
}
