/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong between blocks: names, queues, wires, prefixes and paths that are there twice.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <arpa/inet.h>
#include <stdio.h>

#include "parts.h"

static const char *file_of(const struct tm_config *c, struct tm_config_place at)
{
	return c->files[at.file];
}

static bool shares(const struct tm_config_hook *a, const char *device)
{
	return *device && (!strcmp(a->in, device) || !strcmp(a->out, device));
}

/* `b` comes after `a`. */
static void check_pair(const struct tm_config *c, const struct tm_config_hook *a, const struct tm_config_hook *b,
		       struct tm_config_errors *errors)
{
	const char *where = file_of(c, a->at), *here = file_of(c, b->at);

	if (*a->name && !strcmp(a->name, b->name))
		tm_config_error(errors, here, b->at.line, b->name,
				"there is a hook of that name in %s:%u; choose another name", where, a->at.line);
	if (a->queue >= 0 && a->queue == b->queue)
		tm_config_error(errors, here, b->at.line, b->name,
				"has queue %d, which hook '%s' in %s:%u has; choose another", b->queue, a->name, where,
				a->at.line);
	if (a->mode == TM_MODE_WIRE && b->mode == TM_MODE_WIRE && (shares(a, b->in) || shares(a, b->out)))
		tm_config_error(errors, here, b->at.line, b->name,
				"shares a device with the wire '%s' in %s:%u; a device can be the end of one wire",
				a->name, where, a->at.line);
}

struct sorted {
	const struct tm_prefix *p;
	struct tm_config_place at;
	size_t index;
};

static int compare(const void *va, const void *vb)
{
	const struct sorted *a = va, *b = vb;
	int order = tm_prefix_order(a->p, b->p);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static void tell_different(const struct tm_config *c, const struct sorted *a, const struct sorted *b,
			   struct tm_config_errors *errors)
{
	char range[INET6_ADDRSTRLEN + 8];

	inet_ntop(b->p->ipv6 ? AF_INET6 : AF_INET, b->p->addr, range, INET6_ADDRSTRLEN);
	snprintf(range + strlen(range), 8, "/%u", b->p->len);
	tm_config_error(errors, file_of(c, b->at), b->at.line, range,
			"has MTU %u here and %u in %s:%u; keep one of them", b->p->mtu, a->p->mtu, file_of(c, a->at),
			a->at.line);
}

static int check_prefixes(const struct tm_config *c, struct tm_config_errors *errors)
{
	struct sorted *list = c->set.count ? reallocarray(NULL, c->set.count, sizeof(*list)) : NULL;

	if (c->set.count && !list)
		return -ENOMEM;
	for (size_t i = 0; i < c->set.count; i++)
		list[i] = (struct sorted){ &c->set.prefixes[i], c->prefix_at[i], i };
	if (list)
		qsort(list, c->set.count, sizeof(*list), compare);
	for (size_t i = 1; i < c->set.count; i++)
		if (!tm_prefix_order(list[i - 1].p, list[i].p) && list[i - 1].p->mtu != list[i].p->mtu)
			tell_different(c, &list[i - 1], &list[i], errors);
	free(list);
	return 0;
}

/* Without the device, then by it: one without comes before all others of its address. */
static int compare_paths(const void *va, const void *vb)
{
	const struct tm_config_path *a = *(const struct tm_config_path *const *)va,
				    *b = *(const struct tm_config_path *const *)vb;
	int order = a->ipv6 - b->ipv6;

	if (!order)
		order = memcmp(a->addr, b->addr, sizeof(a->addr));
	if (!order)
		order = strcmp(a->device, b->device);
	return order ? order : a < b ? -1 : a > b;
}

static bool same_path(const struct tm_config_path *a, const struct tm_config_path *b)
{
	return a->ipv6 == b->ipv6 && !memcmp(a->addr, b->addr, sizeof(a->addr)) && !strcmp(a->device, b->device);
}

static int check_paths(const struct tm_config *c, struct tm_config_errors *errors)
{
	const struct tm_config_path **list = c->path_count ? reallocarray(NULL, c->path_count, sizeof(*list)) : NULL;
	char address[INET6_ADDRSTRLEN];

	if (c->path_count && !list)
		return -ENOMEM;
	for (size_t i = 0; i < c->path_count; i++)
		list[i] = &c->paths[i];
	if (list)
		qsort(list, c->path_count, sizeof(*list), compare_paths);
	for (size_t i = 1; i < c->path_count; i++) {
		if (!same_path(list[i - 1], list[i]))
			continue;
		inet_ntop(list[i]->ipv6 ? AF_INET6 : AF_INET, list[i]->addr, address, sizeof(address));
		tm_config_error(errors, file_of(c, list[i]->at), list[i]->at.line, address,
				"is given in %s:%u, too; keep one of them", file_of(c, list[i - 1]->at),
				list[i - 1]->at.line);
	}
	free(list);
	if (c->path_count && !c->discovery.present)
		tm_config_error(errors, file_of(c, c->paths[0].at), c->paths[0].at.line, "path",
				"needs path MTU discovery; right would be a block path-mtu-discovery { } beside it");
	return 0;
}

int tm_config_check(const struct tm_config *c, struct tm_config_errors *errors)
{
	for (size_t b = 1; b < c->hook_count; b++)
		for (size_t a = 0; a < b; a++)
			check_pair(c, &c->hooks[a], &c->hooks[b], errors);
	return check_prefixes(c, errors) ?: check_paths(c, errors) ?: tm_config_check_protects(c, errors);
}

void tm_config_free(struct tm_config *c)
{
	for (size_t i = 0; i < c->file_count; i++)
		free(c->files[i]);
	free(c->files);
	free(c->hooks);
	free(c->prefix_at);
	free(c->paths);
	for (size_t i = 0; i < c->protect_count; i++)
		tm_config_protect_free(&c->protects[i]);
	free(c->protects);
	tm_ruleset_free(&c->set);
	*c = (struct tm_config){ 0 };
}
