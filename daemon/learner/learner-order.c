/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/log.h"

static bool listed(const struct tm_tag *tags, uint32_t count, uint32_t ifindex)
{
	for (uint32_t i = 0; i < count; i++)
		if (tags[i].ifindex == ifindex)
			return true;
	return false;
}

/* The devices that hooks are on, of a wire the first, each once. Those that wait for their device have none. */
static uint32_t gather_tags(const struct hooks *h, struct tm_tag *tags)
{
	uint32_t count = 0;

	for (size_t i = 0; i < h->config.hook_count && count < LEARN_TAGS_MAX; i++) {
		const struct tm_config_hook *c = h->states[i].config;
		const char *name = c->mode == TM_MODE_WIRE ? c->in : c->device;
		uint32_t ifindex = h->states[i].ifindex[0];
		struct io_device device = { .mtu = 0 };
		struct tm_error ignored;

		if ((*name && !ifindex) || listed(tags, count, ifindex))
			continue;
		if (*name && io_device_find(&device, name, &ignored))
			continue;
		tags[count].ifindex = ifindex;
		tags[count].mtu = device.mtu < TM_MTU_MAX ? device.mtu : TM_MTU_MAX;
		memcpy(tags[count++].device, name, strnlen(name, TM_DEVICE_NAME - 1));
	}
	return count;
}

static void gather_options(struct learn_order *o, const struct tm_config_discovery *d)
{
	o->enabled = d->present;
	o->aging = d->no_aging ? 0 : d->aging * 60;
	o->old_router = d->old_router;
	o->raise = d->raise;
	o->symmetric = d->symmetric;
	o->table_count = d->table_count;
	memcpy(o->table, d->table, sizeof(o->table));
	o->lease = d->lease;
}

char *learner_order_make(const struct hooks *h, size_t *length)
{
	const struct tm_config *c = &h->config;
	size_t hooks = c->hook_count < LEARN_TAGS_MAX ? c->hook_count : LEARN_TAGS_MAX;
	char *order = calloc(1, sizeof(struct learn_order) + hooks * sizeof(struct tm_tag) +
					c->path_count * sizeof(struct tm_static));
	struct learn_order *head = (struct learn_order *)order;
	struct tm_static *statics;

	if (!order)
		return NULL;
	gather_options(head, &c->discovery);
	head->tag_count = gather_tags(h, (struct tm_tag *)(head + 1));
	head->static_count = c->path_count;
	statics = (struct tm_static *)((struct tm_tag *)(head + 1) + head->tag_count);
	for (size_t i = 0; i < c->path_count; i++) {
		const struct tm_config_path *p = &c->paths[i];
		struct tm_static s = { .ipv6 = p->ipv6, .configured = true, .mtu = p->mtu };

		memcpy(s.addr, p->addr, sizeof(s.addr));
		memcpy(s.device, p->device, sizeof(s.device));
		memcpy(&statics[i], &s, sizeof(s));
	}
	*length = (size_t)((char *)(statics + c->path_count) - order);
	return order;
}

int learner_order_file(const char *order, size_t length, struct tm_error *e)
{
	int fd = memfd_create("tcpmss-order", MFD_CLOEXEC);

	if (fd < 0)
		return tm_error_code(e, -errno, "memory for an order: %s", strerror(errno));
	for (size_t at = 0; at < length;) {
		ssize_t n = write(fd, order + at, length - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			close(fd);
			return tm_error_code(e, -ENOMEM, "memory for an order: %s", strerror(errno));
		}
		at += (size_t)n;
	}
	return fd;
}

void learner_order_done(void *ctx, int status, const char *text, size_t len)
{
	if (status)
		log_line(LOG_ERR, "the process that learns paths: %s", text);
}
