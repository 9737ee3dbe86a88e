/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-answers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/daemon.h"
#include "lib/pmtu/json.h"

#define WAITING_MOST (32u << 20) /* bytes of answers that the manager has not taken */
#define PATHS_OF_ANSWER 1000
#define LOOKED_AT 65536 /* entries for one answer: a filter may match none of a million */

static void answer(struct learner_answers *a, uint32_t id, int status, const char *text)
{
	struct channel_header head = { .type = CHANNEL_ANSWER, .id = id, .status = status };

	if (channel_send(a->channel, head, text, strlen(text), -1, WAITING_MOST) == -ENOBUFS) {
		head.status = DAEMON_FAILED;
		text = "too many answers wait: ask again later";
		channel_send(a->channel, head, text, strlen(text), -1, WAITING_MOST + 65536);
	}
}

static void answer_json(struct learner_answers *a, uint32_t id, json_t *document)
{
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	json_decref(document);
	answer(a, id, text ? DAEMON_OK : DAEMON_FAILED, text ? text : "out of memory");
	free(text);
}

static const char *device_of(const struct learner_answers *a, uint32_t tag)
{
	const struct tm_tag *t = learner_tag(a->paths, tag);

	return t ? t->device : "";
}

static json_t *entry_json(const struct learner_answers *a, const struct tm_pmtu_entry *e)
{
	return tm_pmtu_json(e, device_of(a, e->path.tag), tm_pmtu_enabled(a->paths->engine), a->paths->now);
}

/* ---- show */

static bool matches(const struct learner_answers *a, const struct channel_request *r, const struct tm_pmtu_entry *e)
{
	unsigned bytes = r->bits / 8, rest = r->bits % 8;

	if (r->what && (e->path.ipv6 != r->ipv6 || memcmp(e->path.addr, r->address, bytes) ||
			(rest && (e->path.addr[bytes] ^ r->address[bytes]) >> (8 - rest))))
		return false;
	return (!r->states || r->states >> e->state & 1) &&
	       (!*r->device || !strcmp(device_of(a, e->path.tag), r->device));
}

/* The next entries, as many as one answer takes; {"cursor": where to go on, or null, "paths": […]}. */
static void show(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	uint32_t cursor = (uint32_t)r->cursor;
	json_t *paths = json_array();
	struct tm_pmtu_entry some[64];
	size_t n = 64;

	for (size_t looked = 0; n == 64 && looked < LOOKED_AT && json_array_size(paths) + 64 <= PATHS_OF_ANSWER;
	     looked += n) {
		n = tm_pmtu_walk(a->paths->engine, &cursor, some, 64);
		for (size_t i = 0; i < n; i++)
			if (matches(a, r, &some[i]))
				json_array_append_new(paths, entry_json(a, &some[i]));
	}
	answer_json(a, id,
		    json_pack("{s:o, s:o}", "cursor", n == 64 ? json_integer(cursor) : json_null(), "paths", paths));
}

/* Of one address: no need to look at all. */
static void show_one(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	struct tm_path path = { .ipv6 = r->ipv6 };
	json_t *paths = json_array();
	struct tm_pmtu_entry e;

	memcpy(path.addr, r->address, r->ipv6 ? 16 : 4);
	for (uint32_t i = 0; i < a->paths->order.tag_count; i++) {
		path.tag = a->paths->tags[i].ifindex;
		if (tm_pmtu_find(a->paths->engine, &path, &e) && matches(a, r, &e))
			json_array_append_new(paths, entry_json(a, &e));
	}
	answer_json(a, id, json_pack("{s:n, s:o}", "cursor", "paths", paths));
}

/* A list of what is known of an address, each with its evidence. */
static void explain(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	struct tm_path path = { .ipv6 = r->ipv6 };
	json_t *paths = json_array();
	struct tm_pmtu_entry e;

	memcpy(path.addr, r->address, r->ipv6 ? 16 : 4);
	for (uint32_t i = 0; i < a->paths->order.tag_count; i++) {
		const struct tm_evidence *evidence;
		json_t *o;

		path.tag = a->paths->tags[i].ifindex;
		if (!tm_pmtu_find(a->paths->engine, &path, &e))
			continue;
		o = entry_json(a, &e);
		evidence = e.state == TM_PMTU_STATIC ? NULL : tm_learn_evidence(a->paths->learn, &path);
		json_object_set_new(o, "evidence", evidence ? tm_evidence_json(evidence, a->paths->now) : json_null());
		json_array_append_new(paths, o);
	}
	answer_json(a, id, paths);
}

/* ---- changes */

static void fail(struct learner_answers *a, uint32_t id, const struct tm_error *e)
{
	answer(a, id, DAEMON_FAILED, e->text);
}

static void set(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	struct tm_static s = { .ipv6 = r->ipv6, .mtu = r->mtu };
	struct tm_error e;

	memcpy(s.addr, r->address, r->ipv6 ? 16 : 4);
	memcpy(s.device, r->device, sizeof(s.device));
	if (r->mtu < tm_pmtu_floor(r->ipv6))
		answer(a, id, DAEMON_USAGE,
		       r->ipv6 ? "an IPv6 path has an MTU of at least 1280" : "a path has an MTU of at least 72");
	else if (learner_static_set(a->paths, &s, &e))
		fail(a, id, &e);
	else
		answer(a, id, DAEMON_OK, "");
}

static void gone(struct learner_answers *a, uint32_t id, size_t count)
{
	answer_json(a, id, json_pack("{s:i, s:I}", "schema_version", 1, "deleted", (json_int_t)count));
}

static void forget(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	struct tm_error e;
	int count = learner_forget(a->paths, r->ipv6, r->address, r->device, &e);

	if (count < 0)
		fail(a, id, &e);
	else if (!count)
		answer(a, id, DAEMON_FAILED, "nothing is known of that path");
	else
		gone(a, id, (size_t)count);
}

static void flush(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	if (*r->device)
		gone(a, id, tm_pmtu_drop_tag(a->paths->engine, learner_tag_named(a->paths, r->device)->ifindex, false));
	else
		gone(a, id, tm_pmtu_flush(a->paths->engine, false));
}

/* ---- orders and files */

static void order(struct learner_answers *a, uint32_t id, int fd)
{
	struct tm_error e;
	struct stat st;
	void *map = MAP_FAILED;
	int err;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0 && st.st_size <= LEARN_ORDER_MAX)
		map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED) {
		answer(a, id, DAEMON_FAILED, "an order that cannot be read");
		return;
	}
	err = learner_paths_order(a->paths, map, (size_t)st.st_size, &e);
	munmap(map, (size_t)st.st_size);
	if (err)
		fail(a, id, &e);
	else
		answer(a, id, DAEMON_OK, "");
}

/* Status 3: the file is broken. */
static void load(struct learner_answers *a, uint32_t id, int fd)
{
	struct tm_error e;
	int count = fd < 0 ? tm_error_code(&e, -EBADF, "no file") : learner_load(a->paths, fd, &e);

	if (count < 0)
		answer(a, id, count == -EINVAL ? DAEMON_CONFIG : DAEMON_FAILED, e.text);
	else
		answer_json(a, id, json_pack("{s:i}", "paths", count));
}

static void save(struct learner_answers *a, uint32_t id, int fd)
{
	struct tm_error e;

	if (fd < 0 || a->saving.fd >= 0) {
		answer(a, id, DAEMON_FAILED, fd < 0 ? "no file" : "it is being saved already");
		if (fd >= 0)
			close(fd);
	} else if (learner_save_begin(&a->saving, a->paths, fd, id, &e)) {
		fail(a, id, &e);
	}
}

bool learner_answers_more(struct learner_answers *a)
{
	struct tm_error e;
	int err;

	if (a->saving.fd < 0)
		return false;
	err = learner_save_more(&a->saving, a->paths, &e);
	if (err > 0)
		return true;
	if (err)
		fail(a, a->saving.question, &e);
	else
		answer(a, a->saving.question, DAEMON_OK, "");
	return false;
}

void learner_answers_open(struct learner_answers *a, struct learner_paths *paths, struct channel *channel)
{
	*a = (struct learner_answers){ .paths = paths, .channel = channel, .saving = { .fd = -1 } };
}

/* Whether a client's question names a device where nothing is learned; told then. */
static bool no_such_device(struct learner_answers *a, uint32_t id, const struct channel_request *r)
{
	struct tm_error e;

	if (!*r->device || learner_tag_named(a->paths, r->device))
		return false;
	tm_error(&e, "no hook learns paths on %s", r->device);
	fail(a, id, &e);
	return true;
}

void learner_answers_take(struct learner_answers *a, const struct channel_message *m)
{
	struct channel_request r;

	memcpy(&r, m->body, sizeof(r)); /* its length and fields are checked */
	if (r.verb == CHANNEL_LEARN_SAVE) {
		save(a, m->id, m->fd);
		return;
	}
	if (r.verb == CHANNEL_LEARN_ORDER)
		order(a, m->id, m->fd);
	else if (r.verb == CHANNEL_LEARN_LOAD)
		load(a, m->id, m->fd);
	else if (r.verb == CHANNEL_LEARN_EXPLAIN)
		explain(a, m->id, &r);
	else if (no_such_device(a, m->id, &r))
		; /* told */
	else if (r.verb == CHANNEL_PMTU_SHOW && r.what && r.bits == (r.ipv6 ? 128 : 32))
		show_one(a, m->id, &r);
	else if (r.verb == CHANNEL_PMTU_SHOW)
		show(a, m->id, &r);
	else if (r.verb == CHANNEL_PMTU_SET)
		set(a, m->id, &r);
	else if (r.verb == CHANNEL_PMTU_DELETE)
		forget(a, m->id, &r);
	else if (r.verb == CHANNEL_PMTU_FLUSH)
		flush(a, m->id, &r);
	else
		answer(a, m->id, DAEMON_UNSUPPORTED, "the learner does not answer that");
	if (m->fd >= 0)
		close(m->fd);
}
