/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/pmtu/statics.h"
#include "daemon/log.h"

#define COPIED_AT_ONCE 4096
#define SET_BY_HAND 10000 /* paths, at most */

/* ---- the table of the datapath */

/*
 * A dead daemon raises nothing: an entry ends at its deadline then, what has none with the lease. A living one is a little late
 * sometimes, which does not let a value lapse.
 */
#define GRACE_MS 5000

static uint64_t until(const struct learner_paths *p, const struct tm_pmtu_entry *e)
{
	bool runs = e->deadline_ms && tm_pmtu_enabled(p->engine);

	return runs ? e->deadline_ms + GRACE_MS : TM_LEARNED_ALWAYS;
}

static void put(struct learner_paths *p, const struct tm_pmtu_entry *e)
{
	struct tm_learned_path path = { .ipv6 = e->path.ipv6, .tag = e->path.tag };
	const struct tm_learned_value value = { .mtu = e->pmtu, .nodf = e->nodf, .until = until(p, e) };

	memcpy(path.address, e->path.addr, sizeof(path.address));
	if (e->state == TM_PMTU_NONE)
		tm_learned_delete(&p->table, &path);
	else
		tm_learned_set(&p->table, &path, &value); /* where there is no room it counts that itself */
}

/* A tm_pmtu_changed. */
static void on_change(void *ctx, const struct tm_pmtu_entry *e, enum tm_pmtu_change change)
{
	struct learner_paths *p = ctx;
	struct tm_learned_path path = { .ipv6 = e->path.ipv6, .tag = e->path.tag };
	struct tm_learned_value before = { 0 };

	memcpy(path.address, e->path.addr, sizeof(path.address));
	tm_learned_get(&p->table, &path, &before);
	put(p, e);
	if (p->changed)
		p->changed(p->ctx, e, change, before.mtu);
}

void learner_paths_copy_all(struct learner_paths *p)
{
	p->copying = true;
	p->copied = 0;
}

bool learner_paths_copy(struct learner_paths *p)
{
	struct tm_pmtu_entry some[64];
	size_t n = 64;

	for (unsigned i = 0; p->copying && i < COPIED_AT_ONCE / 64; i++) {
		n = tm_pmtu_walk(p->engine, &p->copied, some, 64);
		for (size_t k = 0; k < n; k++)
			put(p, &some[k]);
		p->copying = n == 64;
	}
	return p->copying;
}

/* ---- tags */

const struct tm_tag *learner_tag(const struct learner_paths *p, uint32_t ifindex)
{
	for (uint32_t i = 0; i < p->order.tag_count; i++)
		if (p->tags[i].ifindex == ifindex)
			return &p->tags[i];
	return NULL;
}

const struct tm_tag *learner_tag_named(const struct learner_paths *p, const char *device)
{
	for (uint32_t i = 0; i < p->order.tag_count; i++)
		if (!strcmp(p->tags[i].device, device))
			return &p->tags[i];
	return NULL;
}

/* ---- paths that are given */

static struct tm_path path_of(const struct tm_static *s, const struct tm_tag *tag)
{
	struct tm_path path = { .ipv6 = s->ipv6, .tag = tag->ifindex };

	memcpy(path.addr, s->addr, s->ipv6 ? 16 : 4);
	return path;
}

static bool is_static(const struct learner_paths *p, const struct tm_path *path)
{
	struct tm_pmtu_entry e;

	return tm_pmtu_find(p->engine, path, &e) && e.state == TM_PMTU_STATIC;
}

/* What holds now for the address of `s` on each tag. False: there was no room for it on one. */
static bool apply(struct learner_paths *p, const struct tm_static *s)
{
	bool room = true;

	for (uint32_t i = 0; i < p->order.tag_count; i++) {
		const struct tm_static *holds =
			tm_static_find(p->statics, p->static_count, s->ipv6, s->addr, p->tags[i].device);
		struct tm_path path = path_of(s, &p->tags[i]);
		struct tm_pmtu_entry e;

		if (!holds) {
			if (is_static(p, &path))
				tm_pmtu_delete(p->engine, &path);
		} else if (!tm_pmtu_find(p->engine, &path, &e) || e.state != TM_PMTU_STATIC || e.pmtu != holds->mtu) {
			room &= !tm_pmtu_refused(tm_pmtu_set_static(p->engine, &path, holds->mtu, p->now));
		}
	}
	return room;
}

/* Another list, which it takes over: first what is new holds, then what is old goes. */
static void replace_statics(struct learner_paths *p, struct tm_static *list, size_t count)
{
	struct tm_static *old = p->statics;
	size_t old_count = p->static_count, without = 0;

	tm_statics_sort(list, count);
	p->statics = list;
	p->static_count = count;
	for (size_t i = 0; i < count; i++)
		without += !apply(p, &list[i]);
	for (size_t i = 0; i < old_count; i++)
		apply(p, &old[i]);
	free(old);
	if (without)
		log_line(LOG_ERR, "%zu paths with a given MTU have no room among the %zu entries", without, count);
}

int learner_static_set(struct learner_paths *p, const struct tm_static *s, struct tm_error *e)
{
	size_t by_hand = 0, i;
	struct tm_static *list;

	for (i = tm_static_first(p->statics, p->static_count, s->ipv6, s->addr);
	     i < p->static_count && tm_static_same(&p->statics[i], s->ipv6, s->addr); i++) {
		if (p->statics[i].configured || strcmp(p->statics[i].device, s->device))
			continue;
		p->statics[i].mtu = s->mtu;
		return apply(p, s) ? 0 : tm_error_code(e, -ENOSPC, "no room for another path: 'entries' says how many");
	}
	for (i = 0; i < p->static_count; i++)
		by_hand += !p->statics[i].configured;
	if (by_hand >= SET_BY_HAND)
		return tm_error_code(e, -ENOSPC, "%d paths are set by hand already: put them into the configuration",
				     SET_BY_HAND);
	list = reallocarray(p->statics, p->static_count + 1, sizeof(*list));
	if (!list)
		return tm_error_code(e, -ENOMEM, "out of memory");
	list[p->static_count++] = *s;
	tm_statics_sort(list, p->static_count);
	p->statics = list;
	return apply(p, s) ? 0 : tm_error_code(e, -ENOSPC, "no room for another path: 'entries' says how many");
}

int learner_statics_add(struct learner_paths *p, const struct tm_static *more, size_t count, struct tm_error *e)
{
	struct tm_static *list = calloc(p->static_count + count + 1, sizeof(*list));

	if (!list)
		return tm_error_code(e, -ENOMEM, "out of memory");
	if (p->static_count)
		memcpy(list, p->statics, p->static_count * sizeof(*list));
	if (count)
		memcpy(list + p->static_count, more, count * sizeof(*list));
	replace_statics(p, list, p->static_count + count);
	return 0;
}

int learner_forget(struct learner_paths *p, bool ipv6, const uint8_t *address, const char *device, struct tm_error *e)
{
	size_t first = tm_static_first(p->statics, p->static_count, ipv6, address), end = first, kept = first;
	struct tm_static one = { .ipv6 = ipv6 };
	int gone = 0;

	for (; end < p->static_count && tm_static_same(&p->statics[end], ipv6, address); end++) {
		const struct tm_static *s = &p->statics[end];

		if (*device && *s->device && strcmp(s->device, device))
			continue;
		if (s->configured)
			return tm_error_code(e, -EEXIST,
					     "the configuration gives this path its MTU: change it there, and reload");
		if (*device && !*s->device)
			return tm_error_code(e, -EEXIST, "it is set for all devices: delete it without naming one");
	}
	memcpy(one.addr, address, ipv6 ? 16 : 4);
	for (uint32_t i = 0; i < p->order.tag_count; i++) {
		struct tm_path path = path_of(&one, &p->tags[i]);

		if (!*device || !strcmp(p->tags[i].device, device))
			gone += tm_pmtu_delete(p->engine, &path);
	}
	for (size_t i = first; i < p->static_count; i++)
		if (i >= end || (*device && strcmp(p->statics[i].device, device)))
			p->statics[kept++] = p->statics[i];
	gone += !gone && kept < p->static_count; /* of a device that is not there */
	p->static_count = kept;
	return gone;
}

/* ---- orders */

static bool order_good(const struct learn_order *o, size_t length)
{
	return o->tag_count <= LEARN_TAGS_MAX && o->old_router <= TM_OLD_ROUTER_OFF && o->raise <= TM_RAISE_JUMP &&
	       o->table_count <= TM_TABLE_MAX && o->static_count <= LEARN_ORDER_MAX / sizeof(struct tm_static) &&
	       length == sizeof(*o) + o->tag_count * sizeof(struct tm_tag) + o->static_count * sizeof(struct tm_static);
}

static void set_options(struct learner_paths *p)
{
	const struct learn_order *o = &p->order;
	const struct tm_pmtu_options options = {
		.aging_s = o->aging,
		.old_router = (enum tm_old_router)o->old_router,
		.raise = (enum tm_raise)o->raise,
		.symmetric = o->symmetric,
		.table = o->table_count ? o->table : NULL,
		.table_length = o->table_count,
	};

	tm_pmtu_set_options(p->engine, &options);
	tm_learned_set_symmetric(&p->table, o->symmetric);
	if (o->enabled && !tm_pmtu_enabled(p->engine))
		tm_pmtu_enable(p->engine, p->now);
	else if (!o->enabled && tm_pmtu_enabled(p->engine))
		tm_pmtu_disable(p->engine, p->now);
	learner_paths_copy_all(p); /* deadlines may have moved */
}

/* Of a device that has gone or has another MTU nothing is known any more. */
static void drop_tags(struct learner_paths *p, const struct tm_tag *old, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct tm_tag *now = learner_tag(p, old[i].ifindex);
		size_t gone;

		if (now && now->mtu == old[i].mtu && !strcmp(now->device, old[i].device))
			continue;
		gone = tm_pmtu_drop_tag(p->engine, old[i].ifindex, !now);
		if (gone)
			log_line(LOG_NOTICE, "%s: %zu learned paths are forgotten, since %s", old[i].device, gone,
				 now ? "its MTU has changed" : "it has gone");
	}
}

int learner_paths_order(struct learner_paths *p, const void *bytes, size_t length, struct tm_error *e)
{
	struct tm_tag *tags, *old = p->tags;
	uint32_t old_count = p->order.tag_count;
	struct tm_static *statics;
	struct learn_order o;
	size_t kept = 0;

	if (length < sizeof(o))
		return tm_error_code(e, -EPROTO, "an order that is too short");
	memcpy(&o, bytes, sizeof(o));
	if (!order_good(&o, length))
		return tm_error_code(e, -EPROTO, "an order with a field out of bounds");
	if (!o.enabled) { /* as it was, but for what there is to learn on */
		const struct learn_order told = o;

		o = p->order;
		o.enabled = 0;
		o.tag_count = told.tag_count;
		o.static_count = told.static_count;
	}
	tags = calloc(o.tag_count + 1, sizeof(*tags));
	statics = calloc(o.static_count + p->static_count + 1, sizeof(*statics));
	if (!tags || !statics) {
		free(tags);
		free(statics);
		return tm_error_code(e, -ENOMEM, "out of memory");
	}
	memcpy(tags, (const char *)bytes + sizeof(o), o.tag_count * sizeof(*tags));
	memcpy(statics, (const char *)bytes + sizeof(o) + o.tag_count * sizeof(*tags),
	       o.static_count * sizeof(*statics));
	for (size_t i = 0; i < p->static_count; i++)
		if (!p->statics[i].configured)
			statics[o.static_count + kept++] = p->statics[i];
	p->order = o;
	p->tags = tags;
	set_options(p);
	drop_tags(p, old, old_count);
	free(old);
	replace_statics(p, statics, o.static_count + kept);
	return 0;
}

int learner_paths_open(struct learner_paths *p, uint32_t entries, const uint8_t seed[32],
		       const struct tm_learn_callbacks *callbacks, struct tm_error *e)
{
	p->engine = tm_pmtu_new(entries, seed, &tm_pmtu_default_options);
	p->learn = p->engine ? tm_learn_new(p->engine, NULL, seed + 16, callbacks) : NULL;
	if (!p->learn)
		return tm_error_code(e, -ENOMEM, "out of memory for %u paths", entries);
	tm_pmtu_on_change(p->engine, on_change, p);
	tm_pmtu_disable(p->engine, p->now);
	return 0;
}
