/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A script of "tcpmss pmtu replay": what its lines do.
 */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

/* A way by its name; numbers are given as they come, 0 is "". */
struct tag {
	char name[TM_SCRIPT_TAG];
	uint32_t number;
};

/* A destination that was started; a tick tells all, in their order. */
struct started {
	struct tm_path path;
	uint16_t ceiling;
	const struct tag *tag;
	struct started *next;
};

struct tm_script {
	struct tm_pmtu *engine;
	void (*answer)(void *ctx, const struct tm_script_answer *answer);
	void *ctx;
	uint64_t time_ms;
	void *tags, *paths; /* trees of tsearch(3) */
	uint32_t tag_count;
	struct started *first, **last;
};

static int compare_tags(const void *left, const void *right)
{
	const struct tag *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int compare_paths(const void *left, const void *right)
{
	const struct started *a = left, *b = right;

	if (a->path.tag != b->path.tag)
		return a->path.tag < b->path.tag ? -1 : 1;
	if (a->path.ipv6 != b->path.ipv6)
		return a->path.ipv6 - b->path.ipv6;
	return memcmp(a->path.addr, b->path.addr, sizeof(a->path.addr));
}

struct tm_script *tm_script_new(const struct tm_pmtu_options *options, const uint8_t seed[16], size_t max_entries,
				void (*answer)(void *ctx, const struct tm_script_answer *answer), void *ctx)
{
	struct tm_script *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->engine = tm_pmtu_new(max_entries, seed, options);
	if (!s->engine) {
		free(s);
		return NULL;
	}
	s->answer = answer;
	s->ctx = ctx;
	s->last = &s->first;
	return s;
}

static void keep(void *node)
{
}

void tm_script_free(struct tm_script *s)
{
	struct started *next;

	if (!s)
		return;
	tdestroy(s->tags, free);
	tdestroy(s->paths, keep);
	for (struct started *d = s->first; d; d = next) {
		next = d->next;
		free(d);
	}
	tm_pmtu_free(s->engine);
	free(s);
}

/* What a tree has that is equal to *wanted, or a copy of it (of `size` bytes) that it has from now on: then *is_new. NULL without memory. */
static void *have(void **tree, const void *wanted, size_t size, int (*compare)(const void *, const void *),
		  bool *is_new)
{
	void **node = tfind(wanted, tree, compare), *copy;

	*is_new = false;
	if (node)
		return *node;
	copy = malloc(size);
	if (!copy)
		return NULL;
	memcpy(copy, wanted, size);
	if (!tsearch(copy, tree, compare)) {
		free(copy);
		return NULL;
	}
	*is_new = true;
	return copy;
}

static const struct tag *tag_of(struct tm_script *s, const char *name)
{
	struct tag wanted = { .number = *name ? s->tag_count + 1 : 0 };
	bool is_new;
	const struct tag *tag;

	strcpy(wanted.name, name);
	tag = have(&s->tags, &wanted, sizeof(wanted), compare_tags, &is_new);
	s->tag_count += tag && is_new && *name;
	return tag;
}

static struct tm_path path_of(const uint8_t addr[16], bool ipv6, const struct tag *tag)
{
	struct tm_path path = { .ipv6 = ipv6, .tag = tag->number };

	memcpy(path.addr, addr, sizeof(path.addr));
	return path;
}

/* Started before, or now, at the end of all. NULL without memory. */
static struct started *start(struct tm_script *s, const struct tm_path *path, const struct tag *tag)
{
	struct started wanted = { .path = *path, .ceiling = UINT16_MAX, .tag = tag }, *d;
	bool is_new;

	d = have(&s->paths, &wanted, sizeof(wanted), compare_paths, &is_new);
	if (d && is_new) {
		*s->last = d;
		s->last = &d->next;
	}
	return d;
}

/* The ceiling of a path; 0 where it was not started. */
static uint16_t ceiling_of(struct tm_script *s, const struct tm_path *path)
{
	struct started wanted = { .path = *path }, **node = tfind(&wanted, &s->paths, compare_paths);

	return node ? (*node)->ceiling : 0;
}

static uint16_t pmtu_of(struct tm_script *s, const struct tm_path *path)
{
	struct tm_pmtu_entry entry;

	return tm_pmtu_find(s->engine, path, &entry) ? entry.pmtu : ceiling_of(s, path);
}

static void tell_entry(struct tm_script *s, const struct tm_path *path, const char *tag)
{
	struct tm_script_answer a = { .kind = TM_SCRIPT_ENTRY, .time_ms = s->time_ms, .tag = tag };
	uint16_t ceiling = ceiling_of(s, path);

	if (!tm_pmtu_find(s->engine, path, &a.entry)) {
		ceiling = ceiling ? ceiling : UINT16_MAX;
		a.entry = (struct tm_pmtu_entry){
			.path = *path, .pmtu = ceiling, .mss = ceiling - tm_pmtu_headers(path->ipv6), .ceiling = ceiling
		};
	}
	s->answer(s->ctx, &a);
}

static void tell_outcome(struct tm_script *s, const struct tm_path *path, const char *tag, enum tm_pmtu_outcome outcome)
{
	struct tm_script_answer a = {
		.kind = TM_SCRIPT_REFUSED, .time_ms = s->time_ms, .tag = tag, .entry.path = *path, .outcome = outcome
	};

	if (tm_pmtu_refused(outcome))
		s->answer(s->ctx, &a);
	tell_entry(s, path, tag);
}

static void tell_syn(struct tm_script *s, const struct tm_script_line *l, const struct tag *tag)
{
	struct tm_path from = path_of(l->src, l->ipv6, tag), to = path_of(l->dst, l->ipv6, tag);
	struct tm_script_answer a = { .kind = TM_SCRIPT_SYN_MSS,
				      .time_ms = s->time_ms,
				      .tag = tag->name,
				      .entry.path = to,
				      .no_option = l->no_option };

	memcpy(a.source, l->src, sizeof(a.source));
	a.mss = tm_pmtu_syn(tm_pmtu_get_options(s->engine), l->ipv6, l->mss, pmtu_of(s, &from), pmtu_of(s, &to));
	s->answer(s->ctx, &a);
}

static void tick(struct tm_script *s)
{
	tm_pmtu_tick(s->engine, s->time_ms, 0);
	for (const struct started *d = s->first; d; d = d->next)
		tell_entry(s, &d->path, d->tag->name);
}

static void set_aging(struct tm_script *s, uint32_t minutes)
{
	struct tm_pmtu_options options = *tm_pmtu_get_options(s->engine);

	options.aging_s = minutes * 60;
	tm_pmtu_set_options(s->engine, &options);
}

/* The lines of one destination. */
static int run_path(struct tm_script *s, const struct tm_script_line *l, const struct tag *tag)
{
	struct tm_path path = path_of(l->dst, l->ipv6, tag);
	struct tm_pmtu_message m = { .mtu = l->mtu, .quoted_len = l->len, .quoted_ihl = l->ihl };
	enum tm_pmtu_outcome outcome = TM_PMTU_IGNORED;
	struct started *d;

	if (l->verb == TM_SCRIPT_DELETE) {
		tm_pmtu_delete(s->engine, &path);
	} else {
		d = start(s, &path, tag);
		if (!d)
			return -ENOMEM;
		if (l->verb == TM_SCRIPT_START) {
			d->ceiling = tm_pmtu_ceiling(l->ipv6, l->mtu, l->mss);
			tm_pmtu_set_ceiling(s->engine, &path, d->ceiling);
		} else if (l->verb == TM_SCRIPT_STATIC) {
			outcome = tm_pmtu_set_static(s->engine, &path, l->mtu, s->time_ms);
		} else {
			m.ceiling = d->ceiling;
			outcome = tm_pmtu_ptb(s->engine, &path, &m, s->time_ms);
		}
	}
	tell_outcome(s, &path, tag->name, outcome);
	return 0;
}

int tm_script_run(struct tm_script *s, const char *text, struct tm_error *e)
{
	struct tm_script_line l;
	const struct tag *tag;
	int err = tm_script_parse(text, &l, e);

	if (err || l.verb == TM_SCRIPT_NOTHING)
		return err;
	if (l.time_ms < s->time_ms)
		return tm_error(e, "'%.*s' is before the line above: times do not go back",
				(int)strcspn(text + strspn(text, " \t\r"), " \t\r"), text + strspn(text, " \t\r"));
	tag = tag_of(s, l.tag);
	if (!tag)
		return tm_error_code(e, -ENOMEM, "out of memory");
	s->time_ms = l.time_ms;
	switch (l.verb) {
	case TM_SCRIPT_NOTHING:
		break;
	case TM_SCRIPT_START:
	case TM_SCRIPT_PTB:
	case TM_SCRIPT_STATIC:
	case TM_SCRIPT_DELETE:
		err = run_path(s, &l, tag);
		break;
	case TM_SCRIPT_SYN:
		tell_syn(s, &l, tag);
		break;
	case TM_SCRIPT_TICK:
		tick(s);
		break;
	case TM_SCRIPT_DISABLE:
		tm_pmtu_disable(s->engine, s->time_ms);
		break;
	case TM_SCRIPT_ENABLE:
		tm_pmtu_enable(s->engine, s->time_ms);
		break;
	case TM_SCRIPT_AGING:
		set_aging(s, l.minutes);
		break;
	}
	return err ? tm_error_code(e, err, "out of memory") : 0;
}
