/* SPDX-License-Identifier: BSD-2-Clause */
#include "learner-state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/clock.h"
#include "lib/pmtu/state.h"

#define RECORDS_AT_ONCE 2048
#define FILE_MOST (512u << 20) /* bytes */

static uint64_t wall_ms(void)
{
	return io_clock_ns(CLOCK_REALTIME) / 1000000;
}

/* ---- out */

static int write_all(int fd, const void *bytes, size_t length, struct tm_error *e)
{
	while (length) {
		ssize_t n = write(fd, bytes, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return tm_error_code(e, n ? -errno : -EIO, "writing it: %s", strerror(n ? errno : EIO));
		bytes = (const char *)bytes + n;
		length -= (size_t)n;
	}
	return 0;
}

static int finish(struct learner_saving *s, int err)
{
	close(s->fd);
	s->fd = -1;
	return err;
}

int learner_save_begin(struct learner_saving *s, struct learner_paths *p, int fd, uint32_t question, struct tm_error *e)
{
	const struct tm_paths_head head = { p->tags, p->order.tag_count, p->statics, p->static_count };
	uint8_t record[TM_PMTU_RECORD];
	size_t length;
	char *text = tm_paths_head_text(&head, &length);
	int err;

	*s = (struct learner_saving){ .fd = fd, .question = question };
	if (!text)
		return finish(s, tm_error_code(e, -ENOMEM, "out of memory"));
	err = write_all(fd, text, length, e);
	free(text);
	tm_pmtu_save_head(record, wall_ms());
	if (!err)
		err = write_all(fd, record, sizeof(record), e);
	return err ? finish(s, err) : 0;
}

int learner_save_more(struct learner_saving *s, const struct learner_paths *p, struct tm_error *e)
{
	static uint8_t records[RECORDS_AT_ONCE * TM_PMTU_RECORD];
	bool done;
	size_t n = tm_pmtu_save(p->engine, &s->cursor, false, p->now, records, RECORDS_AT_ONCE, &done);
	int err = write_all(s->fd, records, n * TM_PMTU_RECORD, e);

	s->records += n;
	if (err)
		return finish(s, err);
	if (!done)
		return 1;
	tm_pmtu_save_tail(records, s->records);
	err = write_all(s->fd, records, TM_PMTU_RECORD, e);
	if (!err && fsync(s->fd))
		err = tm_error_code(e, -errno, "writing it: %s", strerror(errno));
	return finish(s, err);
}

/* ---- in */

struct retagging {
	const struct learner_paths *paths;
	const struct tm_paths_head *head;
};

/* Through the same device as then, which has the same MTU. */
static bool retag(void *ctx, uint32_t saved, uint32_t *now)
{
	const struct retagging *r = ctx;

	for (size_t i = 0; i < r->head->tag_count; i++) {
		const struct tm_tag *then = &r->head->tags[i], *tag;

		if (then->ifindex != saved)
			continue;
		tag = learner_tag_named(r->paths, then->device);
		if (!tag || tag->mtu != then->mtu)
			return false;
		*now = tag->ifindex;
		return true;
	}
	return false;
}

static int take_up(struct learner_paths *p, const uint8_t *bytes, size_t length, struct tm_error *e)
{
	struct tm_paths_head head;
	size_t at = length, loaded = 0;
	uint64_t then, now = wall_ms();
	int err = tm_paths_head_read(&head, bytes, &at, e);

	if (err)
		return err;
	err = tm_pmtu_load_head(bytes + at, length - at, &then, e);
	if (!err)
		err = tm_pmtu_load(p->engine, bytes + at, length - at, p->now, now > then ? now - then : 0, retag,
				   &(struct retagging){ p, &head }, &loaded, e);
	if (!err)
		err = learner_statics_add(p, head.statics, head.static_count, e);
	loaded += head.static_count;
	tm_paths_head_free(&head);
	learner_paths_copy_all(p);
	return err ? err : (int)loaded;
}

int learner_load(struct learner_paths *p, int fd, struct tm_error *e)
{
	struct stat st;
	void *map;
	int count;

	if (fstat(fd, &st))
		return tm_error_code(e, -errno, "reading it: %s", strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MOST)
		return tm_error(e, "is no file of at most %u MiB", FILE_MOST >> 20);
	if (!st.st_size)
		return tm_error(e, "is empty");
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return tm_error_code(e, -errno, "reading it: %s", strerror(errno));
	count = take_up(p, map, (size_t)st.st_size, e);
	munmap(map, (size_t)st.st_size);
	return count;
}
