/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks of BPF programs: modes tc, xdp and xdp-generic on one device, wire on two.
 */
#include <errno.h>
#include <string.h>

#include "hook-kind.h"
#include "hooks.h"
#include "io/hook/hook.h"
#include "daemon/learner/learner.h"
#include "daemon/log.h"

/* The devices of a hook, by enum tm_direction for a wire; the second NULL elsewhere. */
struct ends {
	const char *name[2];
};

static struct ends ends_of(const struct tm_config_hook *config)
{
	if (config->mode == TM_MODE_WIRE)
		return (struct ends){ { config->in, config->out } };
	return (struct ends){ { config->device, NULL } };
}

/* A device named now is not there; on those it had before the hook has nothing more to do. */
static void leave_other_devices(const struct tm_config_hook *config, const struct ends *ends)
{
	struct io_hook hook;
	struct tm_error e;
	bool other;

	if (io_hook_open(&hook, config->name, &e))
		return;
	other = strcmp(hook.meta.device, ends->name[0]) || strcmp(hook.meta.peer, ends->name[1] ? ends->name[1] : "");
	io_hook_close(&hook);
	if (other && io_hook_detach(config->name, &e) > 0)
		log_line(LOG_NOTICE, "hook %s: detached from %s%s%s", config->name, hook.meta.device,
			 *hook.meta.peer ? " and " : "", hook.meta.peer);
}

/* The indices of the devices. 0, -ENODEV where one is not there, which is logged, other −errno with *e filled. */
static int find_devices(const struct tm_config_hook *config, const struct ends *ends, uint32_t ifindex[2],
			struct tm_error *e)
{
	struct io_device device;
	int err = 0, failed;

	for (int i = 0; i < 2 && ends->name[i]; i++) {
		failed = io_device_find(&device, ends->name[i], e);
		if (failed == -ENODEV)
			log_line(LOG_NOTICE, "hook %s: waits for device %s", config->name, ends->name[i]);
		ifindex[i] = failed ? 0 : device.index;
		err = failed && err != -ENODEV ? failed : err;
	}
	return err;
}

static int settle(struct hook_state *s, const struct tm_image *image, struct tm_error *e)
{
	const struct tm_config_hook *config = s->config;
	const struct ends ends = ends_of(config);
	struct io_attach a = {
		.name = config->name,
		.device = ends.name[0],
		.peer = ends.name[1],
		.mode = (enum io_mode)config->mode, /* the same values, but for a wire's */
		.via = config->via,
		.directions = config->directions,
		.image = image,
		.learn = learner_maps(s->hooks->learner),
	};
	uint32_t ifindex[2] = { 0 };
	bool replaced;
	int err = find_devices(config, &ends, ifindex, e);

	memset(s->ifindex, 0, sizeof(s->ifindex));
	if (err == -ENODEV) {
		memcpy(s->ifindex, ifindex, sizeof(ifindex)); /* news of the one that is there are none */
		leave_other_devices(config, &ends);
		return 0;
	}
	if (!err)
		err = io_hook_attach(&a, &replaced, e);
	if (err == -EBUSY && io_hook_detach(config->name, e) > 0) /* another device, mode or direction than before */
		err = io_hook_attach(&a, &replaced, e);
	if (err)
		return err;
	log_line(LOG_NOTICE, "hook %s: %s on %s%s%s", config->name, replaced ? "new rules in force" : "attached",
		 ends.name[0], ends.name[1] ? " and " : "", ends.name[1] ? ends.name[1] : "");
	memcpy(s->ifindex, ifindex, sizeof(ifindex));
	return 0;
}

static bool device_news(struct hook_state *s, const struct io_device *device, bool gone)
{
	const struct ends ends = ends_of(s->config);
	bool wanted = false;

	for (int i = 0; i < 2 && ends.name[i]; i++) {
		bool named = !strcmp(ends.name[i], device->name);

		if (s->ifindex[i] == device->index && (gone || !named)) {
			log_line(LOG_NOTICE, "hook %s: device %s has gone, waits for it", s->config->name,
				 ends.name[i]);
			s->ifindex[i] = 0;
		} else if (named && !gone && s->ifindex[i] != device->index) {
			wanted = true;
		}
	}
	return wanted;
}

static bool look(struct hook_state *s)
{
	const struct ends ends = ends_of(s->config);
	struct io_device device;
	struct tm_error e;

	for (int i = 0; i < 2 && ends.name[i]; i++)
		if (!io_device_find(&device, ends.name[i], &e) && device.index != s->ifindex[i])
			return true;
	return false;
}

static int detach(struct hook_state *s, bool leave, struct tm_error *e)
{
	int err = leave ? 0 : io_hook_detach(s->config->name, e);

	return err < 0 && err != -ENOENT ? err : 0;
}

const struct hook_kind hook_on_device = { .settle = settle, .device = device_news, .look = look, .detach = detach };
