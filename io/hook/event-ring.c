/* SPDX-License-Identifier: BSD-2-Clause */
#include "event-ring.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/clock.h"
#include "lib/prefix.h"

static uint32_t map_id(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/* The sum of all CPUs since the hook was made. */
static uint64_t left_out_ever(const struct io_ring *r)
{
	int cpus = libbpf_num_possible_cpus();
	struct tm_bpf_telling *all = cpus > 0 ? calloc((size_t)cpus, sizeof(*all)) : NULL;
	uint64_t sum = 0;
	__u32 key = 0;

	if (all && !bpf_map_lookup_elem(r->maps.telling, &key, all))
		for (int cpu = 0; cpu < cpus; cpu++)
			sum += all[cpu].left_out;
	else
		sum = r->left_out;
	free(all);
	return sum;
}

/* The prefix by which a SYN has its limit, from the rules in force; false where they have changed since, and it is not the one. */
static bool name_prefix(struct io_ring *r, const struct tm_outcome *o, const uint8_t *address, struct tm_prefix *prefix)
{
	uint32_t generation = __atomic_load_n(&r->head->generation, __ATOMIC_ACQUIRE);
	struct tm_error ignored;

	if (!r->image.words || r->generation != generation) {
		tm_image_free(&r->image);
		if (io_maps_read(r->maps.rules, &r->image, &ignored))
			return false;
		r->generation = generation;
	}
	return tm_prefix_find(&r->image, o->family == PK_IPV6, address, prefix) &&
	       pk_mtu_to_mss(prefix->mtu, o->family) == o->limit;
}

static int take_record(void *ctx, void *data, size_t size)
{
	const struct tm_bpf_event *b = data;
	const struct tm_outcome *o = &b->outcome;
	struct io_ring *r = ctx;
	struct tm_event e = { .kind = TM_EVENT_SYN };

	if (!r->take || size < sizeof(*b))
		return 0;
	e.time = b->time + r->offset;
	strcpy(e.hook, r->meta.name);
	if (!io_mode_is_wire(r->meta.mode)) /* a wire has two */
		strcpy(e.device, r->meta.device);
	e.syn = (struct tm_event_syn){
		.family = o->family,
		.direction = o->direction,
		.reason = o->reason,
		.source = o->source,
		.also = o->also,
		.sport = b->sport,
		.dport = b->dport,
		.from = o->from,
		.to = o->to,
		.limit = o->limit,
	};
	memcpy(e.syn.src, b->src, sizeof(e.syn.src));
	memcpy(e.syn.dst, b->dst, sizeof(e.syn.dst));
	if ((o->source == PK_FROM_PREFIX_SRC && !name_prefix(r, o, b->src, &e.syn.prefix)) ||
	    (o->source == PK_FROM_PREFIX_DST && !name_prefix(r, o, b->dst, &e.syn.prefix)))
		e.syn.prefix = (struct tm_prefix){ 0 };
	if (tm_event_check(&e))
		r->take(r->ctx, &e);
	return 0;
}

static int lock_hook(const struct io_bpffs *fs, const char *name, struct tm_error *e)
{
	char path[IO_PATH];
	int fd, err;

	io_bpffs_path(fs, name, NULL, path);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return tm_error_code(e, -errno, "%s: %s", path, strerror(errno));
	if (!flock(fd, LOCK_EX | LOCK_NB))
		return fd;
	err = errno == EWOULDBLOCK ?
		      tm_error_code(e, -EBUSY, "hook '%s' is watched already, by another 'tcpmss watch' or tcpmssd",
				    name) :
		      tm_error_code(e, -errno, "locking %s: %s", path, strerror(errno));
	close(fd);
	return err;
}

static int map_head(struct io_ring *r, struct tm_error *e)
{
	void *p = mmap(NULL, sizeof(*r->head), PROT_READ, MAP_SHARED, r->maps.rules, 0);

	if (p == MAP_FAILED)
		return io_bpf_error(e, -errno, "mapping the rules");
	r->head = p;
	return 0;
}

int io_ring_open(struct io_ring *r, const struct io_bpffs *fs, struct io_hook *hook, struct tm_error *e)
{
	int err = 0;

	*r = (struct io_ring){ .meta = hook->meta, .maps = IO_NO_MAPS, .lock = -1 };
	if (!io_hook_has_events(hook))
		return tm_error_code(
			e, -EOPNOTSUPP,
			"hook '%s' was made by an older tcpmss, which could not be watched: attach it again",
			hook->meta.name);
	r->lock = lock_hook(fs, hook->meta.name, e);
	if (r->lock < 0)
		return r->lock;
	r->maps = hook->maps;
	hook->maps = IO_NO_MAPS;
	r->rules_id = map_id(r->maps.rules);
	r->events_id = map_id(r->maps.events);
	r->ring = ring_buffer__new(r->maps.events, take_record, r, NULL);
	if (!r->ring)
		err = io_bpf_error(e, -errno, "mapping the ring of events");
	if (!err)
		err = map_head(r, e);
	if (!err)
		err = io_maps_watch(&r->maps, 0, 0, e);
	if (!err) {
		io_ring_read(r, NULL, NULL);
		r->left_out = left_out_ever(r);
	} else {
		hook->maps = r->maps;
		r->maps = IO_NO_MAPS;
		io_ring_close(r);
	}
	return err;
}

bool io_ring_is_of(struct io_ring *r, struct io_hook *hook)
{
	struct tm_error ignored;
	struct io_maps old = r->maps;
	uint32_t id;

	if (map_id(hook->maps.events) != r->events_id)
		return false;
	memcpy(r->meta.device, hook->meta.device, sizeof(r->meta.device)); /* devices can be renamed */
	id = map_id(hook->maps.rules);
	if (id == r->rules_id)
		return true;
	munmap((void *)r->head, sizeof(*r->head));
	r->head = NULL;
	r->maps = hook->maps;
	hook->maps = old;
	r->rules_id = id;
	tm_image_free(&r->image);
	return !map_head(r, &ignored);
}

int io_ring_fd(const struct io_ring *r)
{
	return ring_buffer__epoll_fd(r->ring);
}

int io_ring_renew(struct io_ring *r, uint32_t reasons, struct tm_error *e)
{
	uint64_t now = io_clock_ns(CLOCK_MONOTONIC), late = r->until && now > r->until ? now - r->until : 0;
	int err;

	r->until = reasons ? now + IO_RING_LEASE_MS * 1000000ull : 0;
	err = io_maps_watch(&r->maps, reasons, r->until, e);
	return err ? err : (int)((late + 999999) / 1000000);
}

void io_ring_read(struct io_ring *r, io_events_take take, void *ctx)
{
	r->take = take;
	r->ctx = ctx;
	r->offset = io_clock_ns(CLOCK_REALTIME) - io_clock_ns(CLOCK_MONOTONIC);
	ring_buffer__consume(r->ring);
}

uint64_t io_ring_left_out(struct io_ring *r)
{
	uint64_t ever = left_out_ever(r), more = ever - r->left_out;

	r->left_out = ever;
	return more;
}

void io_ring_end(struct io_ring *r, io_events_take take, void *ctx)
{
	struct tm_error ignored;

	io_maps_watch(&r->maps, 0, 0, &ignored);
	r->until = 0;
	io_ring_read(r, take, ctx);
}

void io_ring_close(struct io_ring *r)
{
	ring_buffer__free(r->ring);
	if (r->head)
		munmap((void *)r->head, sizeof(*r->head));
	tm_image_free(&r->image);
	io_maps_close(&r->maps);
	if (r->lock >= 0)
		close(r->lock);
	*r = (struct io_ring){ .maps = IO_NO_MAPS, .lock = -1 };
}
