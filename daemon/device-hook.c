/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks of BPF programs on one device: modes tc, xdp and xdp-generic.
 */
#include <errno.h>
#include <string.h>

#include "hook-kind.h"
#include "io/hook.h"
#include "log.h"

/* The device named now is not there; on the one it had before the hook has nothing more to do. */
static void leave_other_device(const struct tm_config_hook *config)
{
	struct io_hook hook;
	struct tm_error e;
	bool other;

	if (io_hook_open(&hook, config->name, &e))
		return;
	other = strcmp(hook.meta.device, config->device);
	io_hook_close(&hook);
	if (other && io_hook_detach(config->name, &e) > 0)
		log_line(LOG_NOTICE, "hook %s: detached from %s", config->name, hook.meta.device);
}

static int settle(struct hook_state *s, const struct tm_image *image, struct tm_error *e)
{
	const struct tm_config_hook *config = s->config;
	struct io_attach a = {
		.name = config->name,
		.device = config->device,
		.mode = (enum io_mode)config->mode, /* the same values */
		.directions = config->directions,
		.image = image,
	};
	struct io_device device;
	bool replaced;
	int err = io_device_find(&device, config->device, e);

	s->ifindex[0] = 0;
	if (err == -ENODEV) {
		leave_other_device(config);
		log_line(LOG_NOTICE, "hook %s: waits for device %s", config->name, config->device);
		return 0;
	}
	if (!err)
		err = io_hook_attach(&a, &replaced, e);
	if (err == -EBUSY && io_hook_detach(config->name, e) > 0) /* another device, mode or direction than before */
		err = io_hook_attach(&a, &replaced, e);
	if (err)
		return err;
	log_line(LOG_NOTICE, "hook %s: %s on %s", config->name, replaced ? "new rules in force" : "attached",
		 config->device);
	s->ifindex[0] = device.index;
	return 0;
}

static bool device_news(struct hook_state *s, const struct io_device *device, bool gone)
{
	bool named = !strcmp(s->config->device, device->name);

	if (s->ifindex[0] == device->index && (gone || !named)) {
		log_line(LOG_NOTICE, "hook %s: device %s has gone, waits for it", s->config->name, s->config->device);
		s->ifindex[0] = 0;
		return false;
	}
	return named && !gone && s->ifindex[0] != device->index;
}

static bool look(struct hook_state *s)
{
	struct io_device device;
	struct tm_error e;

	return !io_device_find(&device, s->config->device, &e) && device.index != s->ifindex[0];
}

static int detach(struct hook_state *s, bool leave, struct tm_error *e)
{
	int err = leave ? 0 : io_hook_detach(s->config->name, e);

	return err < 0 && err != -ENOENT ? err : 0;
}

const struct hook_kind hook_on_device = { .settle = settle, .device = device_news, .look = look, .detach = detach };
