/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/clock.h"
#include "io/net/routes.h"
#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "daemon/front/metrics-listen.h"
#include "daemon/manager/protect/protect.h"
#include "tproxy.h"

/* What has failed is tried again after half a second, then 1, 2, ... 64. */
#define QUIET_NS 500000000ULL
#define QUIET_DOUBLINGS 7

static const struct hook_kind *const kinds[] = {
	[TM_MODE_TC] = &hook_on_device,	  [TM_MODE_XDP] = &hook_on_device,    [TM_MODE_XDP_GENERIC] = &hook_on_device,
	[TM_MODE_WIRE] = &hook_on_device, [TM_MODE_NFQUEUE] = &hook_on_queue,
};

/* Rules of one hook: its limits, everybody's prefixes, and the routes where it wants them. */
static int compile(const struct tm_config *config, const struct tm_config_hook *hook, struct tm_image *image,
		   struct tm_error *e)
{
	struct tm_ruleset set = config->set, routes = { 0 };
	int err = 0;

	tm_ruleset_limit(&set, &hook->limits);
	if (hook->limits.flags & PK_HOOK_ROUTE) {
		err = io_routes_read(&routes, e);
		if (err)
			goto out;
		tm_routes_reduce(&routes);
		set.routes = &routes;
	}
	err = tm_image_build(image, &set);
	if (err)
		tm_error_code(e, err, "hook %s: compiling its rules: %s", hook->name, strerror(-err));
out:
	tm_ruleset_free(&routes);
	return err;
}

static void settle(struct hook_state *s, const struct tm_image *image)
{
	struct tm_error e;

	if (!s->kind->settle(s, image, &e)) {
		s->failures = 0;
		s->quiet_until = 0;
		return;
	}
	log_line(LOG_ERR, "hook %s: %s", s->config->name, e.text);
	s->quiet_until = io_clock_ns(CLOCK_MONOTONIC) + (QUIET_NS << s->failures);
	if (s->failures < QUIET_DOUBLINGS)
		s->failures++;
}

/* A try that fails changes devices, too (promiscuous mode, XDP): that is no news. What comes meanwhile waits. */
static bool may_try(struct hook_state *s)
{
	bool quiet = s->quiet_until && io_clock_ns(CLOCK_MONOTONIC) < s->quiet_until;

	s->hooks->put_off |= quiet;
	return !quiet;
}

void hooks_settle(struct hook_state *s)
{
	struct tm_image image = { 0 };
	struct tm_error e;

	if (compile(&s->hooks->config, s->config, &image, &e))
		log_line(LOG_ERR, "hook %s: %s", s->config->name, e.text);
	else
		settle(s, &image);
	tm_image_free(&image);
}

/* What the file may say, but this daemon does not do: nothing of it is run then. */
static int check_abilities(const struct hooks *h, const struct tm_config *config, struct tm_error *e)
{
	int err = h->learner ? learner_check(h->learner, config, e) : 0;

	if (err)
		return err;
	if (h->states && !metrics_same(&h->config.metrics, &config->metrics))
		return tm_error_code(
			e, -EOPNOTSUPP,
			"%s: 'metrics' differs from what is served: where to listen counts when tcpmssd starts, so restart it for that",
			config->files[0]);
	return 0;
}

static void detach(struct hook_state *s, bool leave, const char *why)
{
	struct tm_error e;

	if (s->kind->detach(s, leave, &e))
		log_line(LOG_ERR, "hook %s: %s", s->config->name, e.text);
	else if (why)
		log_line(LOG_NOTICE, "hook %s: detached, %s", s->config->name, why);
}

/* Hands a hook's state on to the hook of that name and kind in the new configuration; or takes the hook away. */
static void hand_on(struct hook_state *from, const struct tm_config *config, struct hook_state *states)
{
	for (size_t i = 0; i < config->hook_count; i++) {
		if (strcmp(config->hooks[i].name, from->config->name))
			continue;
		if (kinds[config->hooks[i].mode] == from->kind)
			states[i] = *from;
		else
			detach(from, false, "the configuration has it in another mode");
		return;
	}
	detach(from, false, "the configuration names it no longer");
}

/* The rules of all hooks; -ENOMEM leaves *images NULL or as far as it came. */
static int compile_all(const struct tm_config *config, struct tm_image **images, struct tm_error *e)
{
	int err = 0;

	*images = calloc(config->hook_count + 1, sizeof(**images));
	if (!*images)
		return tm_error_code(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < config->hook_count && !err; i++)
		err = compile(config, &config->hooks[i], &(*images)[i], e);
	return err;
}

/* Paths are learned where hooks are. */
static void follow(struct hooks *h)
{
	if (h->learner)
		learner_follow(h->learner, h);
}

/* Nothing can fail any more. */
static void put_in_force(struct hooks *h, struct tm_config *config, struct hook_state *states,
			 const struct tm_image *images)
{
	for (size_t i = 0; i < h->config.hook_count; i++)
		hand_on(&h->states[i], config, states);
	free(h->states);
	tm_config_free(&h->config);
	h->config = *config;
	h->states = states;
	*config = (struct tm_config){ 0 };
	for (size_t i = 0; i < h->config.hook_count; i++) {
		states[i].config = &h->config.hooks[i];
		states[i].kind = kinds[h->config.hooks[i].mode];
		states[i].hooks = h;
		settle(&states[i], &images[i]);
	}
	follow(h);
}

/* The last that may fail: what came before it then goes back. */
static int apply_protect(struct hooks *h, const struct tm_config *config, struct tm_error *e)
{
	struct tm_error again;
	int err = protect_apply(h->protect, config, e);

	if (err && h->tproxy && tproxy_apply(h->tproxy, &h->config.tproxy, &again))
		log_line(LOG_ERR, "%s", again.text);
	return err;
}

int hooks_apply(struct hooks *h, struct tm_config *config, struct tm_error *e)
{
	size_t count = config->hook_count;
	struct hook_state *states = calloc(count + 1, sizeof(*states));
	struct tm_image *images = NULL;
	int err = states ? check_abilities(h, config, e) : tm_error_code(e, -ENOMEM, "out of memory");

	if (!err)
		err = compile_all(config, &images, e);
	if (!err && h->learner)
		err = learner_start(h->learner, config, e);
	if (!err && h->tproxy)
		err = tproxy_apply(h->tproxy, &config->tproxy, e);
	if (!err && h->protect)
		err = apply_protect(h, config, e);
	if (!err)
		put_in_force(h, config, states, images);
	else
		free(states);
	for (size_t i = 0; images && i < count; i++)
		tm_image_free(&images[i]);
	free(images);
	return err;
}

/* Whether paths are learned on it, or will be. */
static bool learns_on(const struct hook_state *s, const struct io_device *device)
{
	const struct tm_config_hook *c = s->config;

	return s->ifindex[0] == device->index || !strcmp(c->mode == TM_MODE_WIRE ? c->in : c->device, device->name);
}

void hooks_device(struct hooks *h, const struct io_device *device, bool gone)
{
	bool matters = false;

	if (h->protect)
		protect_on_device(h->protect, device, gone);

	for (size_t i = 0; i < h->config.hook_count; i++) {
		matters |= learns_on(&h->states[i], device); /* before the hook hears that it has gone */
		if (h->states[i].kind->device(&h->states[i], device, gone) && may_try(&h->states[i]))
			hooks_settle(&h->states[i]);
	}
	if (matters)
		follow(h);
	if (h->tproxy && !gone)
		tproxy_device(h->tproxy, device);
}

void hooks_look_again(struct hooks *h, bool routes)
{
	h->put_off = false;
	for (size_t i = 0; i < h->config.hook_count; i++) {
		struct hook_state *s = &h->states[i];

		if (((routes && s->config->limits.flags & PK_HOOK_ROUTE && s->ifindex[0]) || s->kind->look(s)) &&
		    may_try(s))
			hooks_settle(s);
	}
	follow(h);
	if (h->protect)
		protect_look_again(h->protect);
}

bool hooks_use_routes(const struct hooks *h)
{
	if (h->protect && protect_there(h->protect))
		return true;
	for (size_t i = 0; i < h->config.hook_count; i++)
		if (h->config.hooks[i].limits.flags & PK_HOOK_ROUTE)
			return true;
	return false;
}

void hooks_end(struct hooks *h, bool leave)
{
	if (h->protect)
		protect_end(h->protect, leave);
	for (size_t i = 0; i < h->config.hook_count; i++)
		detach(&h->states[i], leave, NULL);
	if (h->tproxy)
		tproxy_end(h->tproxy, leave);
	free(h->states);
	tm_config_free(&h->config);
	*h = (struct hooks){ 0 };
}
