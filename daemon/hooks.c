/* SPDX-License-Identifier: BSD-2-Clause */
#include "hooks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/hook.h"
#include "io/routes.h"
#include "log.h"

/* Rules of one hook: its limits, everybody's prefixes, and the routes where it wants them. */
static int compile(const struct tm_config *config, const struct tm_config_hook *hook, struct tm_image *image, struct tm_error *e)
{
	struct tm_ruleset set = config->set, routes = { 0 };
	int err = 0;

	set.hooks[0] = hook->limits;
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

static int attach(const struct tm_config_hook *hook, const struct tm_image *image, struct tm_error *e)
{
	struct io_attach a = {
		.name = hook->name,
		.device = hook->device,
		.mode = (enum io_mode)hook->mode, /* the same values, as far as this daemon runs them */
		.directions = hook->directions,
		.image = image,
	};
	bool replaced;
	int err = io_hook_attach(&a, &replaced, e);

	if (err == -EBUSY && io_hook_detach(hook->name, e) > 0) /* another device, mode or direction than before */
		err = io_hook_attach(&a, &replaced, e);
	if (!err)
		log_line(LOG_NOTICE, "hook %s: %s on %s", hook->name, replaced ? "new rules in force" : "attached", hook->device);
	return err;
}

/* Attaches one, or gives it its rules anew. What is not possible now is told, and tried again when its device changes. */
static void settle(struct hooks *h, struct hook_state *s, const struct tm_image *compiled)
{
	struct tm_image image = { 0 };
	struct io_device device;
	struct tm_error e;
	int err;

	s->ifindex = 0;
	err = io_device_find(&device, s->config->device, &e);
	if (err == -ENODEV) {
		log_line(LOG_NOTICE, "hook %s: waits for device %s", s->config->name, s->config->device);
		return;
	}
	if (!err && !compiled)
		err = compile(&h->config, s->config, &image, &e);
	if (!err)
		err = attach(s->config, compiled ? compiled : &image, &e);
	if (err)
		log_line(LOG_ERR, "hook %s: %s", s->config->name, e.text);
	else
		s->ifindex = device.index;
	tm_image_free(&image);
}

static int cannot(const struct tm_config *config, const struct tm_config_place *at, const char *what, struct tm_error *e)
{
	return tm_error_code(e, -EOPNOTSUPP, "%s:%u: %s", config->files[at->file], at->line, what);
}

/* What the file may say, but this daemon does not do: nothing of it is run then. */
static int check_abilities(const struct tm_config *config, struct tm_error *e)
{
	for (size_t i = 0; i < config->hook_count; i++) {
		const struct tm_config_hook *hook = &config->hooks[i];

		if (hook->mode == TM_MODE_WIRE)
			return cannot(config, &hook->at, "this tcpmssd runs the modes tc, xdp and xdp-generic, not wire", e);
		if (hook->mode == TM_MODE_NFQUEUE)
			return cannot(config, &hook->at,
				      "this tcpmssd runs the modes tc, xdp and xdp-generic; for nfqueue there is tcpmssd -p", e);
	}
	if (config->discovery.present)
		return cannot(config, &config->discovery.at, "this tcpmssd does no path MTU discovery", e);
	if (config->metrics.family)
		return cannot(config, &config->metrics.at, "this tcpmssd serves no metrics", e);
	return 0;
}

/* Hooks of the old configuration that the new one does not name. */
static void drop(const struct hooks *old, const struct tm_config *config)
{
	struct tm_error e;

	for (size_t i = 0; i < old->config.hook_count; i++) {
		const struct tm_config_hook *hook = &old->config.hooks[i];
		bool named = false;

		for (size_t j = 0; j < config->hook_count && !named; j++)
			named = !strcmp(config->hooks[j].name, hook->name);
		if (!named && io_hook_detach(hook->name, &e) > 0)
			log_line(LOG_NOTICE, "hook %s: detached, the configuration names it no longer", hook->name);
	}
}

int hooks_apply(struct hooks *h, struct tm_config *config, struct tm_error *e)
{
	struct hook_state *states = calloc(config->hook_count + 1, sizeof(*states));
	struct tm_image *images = calloc(config->hook_count + 1, sizeof(*images));
	int err = states && images ? check_abilities(config, e) : tm_error_code(e, -ENOMEM, "out of memory");

	for (size_t i = 0; i < config->hook_count && !err; i++)
		err = compile(config, &config->hooks[i], &images[i], e);
	if (!err) {
		drop(h, config);
		free(h->states);
		tm_config_free(&h->config);
		h->config = *config;
		h->states = states;
		*config = (struct tm_config){ 0 };
		for (size_t i = 0; i < h->config.hook_count; i++) {
			states[i].config = &h->config.hooks[i];
			settle(h, &states[i], &images[i]);
		}
		states = NULL;
	}
	for (size_t i = 0; images && i < (states ? config->hook_count : h->config.hook_count); i++)
		tm_image_free(&images[i]);
	free(images);
	free(states);
	return err;
}

void hooks_device(struct hooks *h, const struct io_device *device, bool gone)
{
	for (size_t i = 0; i < h->config.hook_count; i++) {
		struct hook_state *s = &h->states[i];
		bool named = !strcmp(s->config->device, device->name);

		if (s->ifindex == device->index && (gone || !named)) {
			log_line(LOG_NOTICE, "hook %s: device %s has gone, waits for it", s->config->name, s->config->device);
			s->ifindex = 0;
		} else if (named && !gone && s->ifindex != device->index) {
			settle(h, s, NULL);
		}
	}
}

void hooks_look_again(struct hooks *h, bool routes)
{
	struct io_device device;
	struct tm_error e;

	for (size_t i = 0; i < h->config.hook_count; i++) {
		struct hook_state *s = &h->states[i];

		if (routes && s->ifindex && s->config->limits.flags & PK_HOOK_ROUTE)
			settle(h, s, NULL);
		else if (!io_device_find(&device, s->config->device, &e) && device.index != s->ifindex)
			settle(h, s, NULL);
	}
}

bool hooks_use_routes(const struct hooks *h)
{
	for (size_t i = 0; i < h->config.hook_count; i++)
		if (h->config.hooks[i].limits.flags & PK_HOOK_ROUTE)
			return true;
	return false;
}

void hooks_end(struct hooks *h, bool detach)
{
	struct tm_error e;
	int err;

	for (size_t i = 0; detach && i < h->config.hook_count; i++) {
		err = io_hook_detach(h->config.hooks[i].name, &e);
		if (err < 0 && err != -ENOENT)
			log_line(LOG_ERR, "hook %s: %s", h->config.hooks[i].name, e.text);
	}
	free(h->states);
	tm_config_free(&h->config);
	*h = (struct hooks){ 0 };
}
