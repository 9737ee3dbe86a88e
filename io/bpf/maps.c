/* SPDX-License-Identifier: BSD-2-Clause */
#include "maps.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bpf/config.h"
#include "bpf/event.h"
#include "error.h"

static size_t value_size(const struct io_maps *maps)
{
	return TM_RULES_SIZE((size_t)maps->image_words);
}

/* Maps of an mmapable array are mapped in whole pages. */
static struct tm_rules_map *map_rules(const struct io_maps *maps, int prot)
{
	void *p = mmap(NULL, value_size(maps), prot, MAP_SHARED, maps->rules, 0);

	return p == MAP_FAILED ? NULL : p;
}

int io_maps_switch(const struct io_maps *maps, const struct tm_image *image, struct tm_error *e)
{
	struct tm_rules_map *rules;
	uint32_t next;

	if (image->count > maps->image_words)
		return tm_error_code(e, -E2BIG, "the rules need %u words, the map has room for %u", image->count,
				     maps->image_words);
	rules = map_rules(maps, PROT_READ | PROT_WRITE);
	if (!rules)
		return io_bpf_error(e, -errno, "mapping the rules");
	next = !(rules->active & 1);
	memcpy(rules->images + (next ? maps->image_words : 0), image->words, (size_t)image->count * sizeof(uint32_t));
	rules->generation++;
	__atomic_store_n(&rules->active, next, __ATOMIC_RELEASE);
	munmap(rules, value_size(maps));
	return 0;
}

/* The head of a rules map, in a page of its own; or NULL with *e filled. */
static struct tm_rules_map *map_head(const struct io_maps *maps, struct tm_error *e)
{
	void *p = mmap(NULL, sizeof(struct tm_rules_map), PROT_READ | PROT_WRITE, MAP_SHARED, maps->rules, 0);

	if (p != MAP_FAILED)
		return p;
	io_bpf_error(e, -errno, "mapping the rules");
	return NULL;
}

int io_maps_watch(const struct io_maps *maps, uint32_t reasons, uint64_t until, struct tm_error *e)
{
	struct tm_rules_map *rules = map_head(maps, e);

	if (!rules)
		return -EIO;
	/* The time first: a program that finds it over ends the watch. */
	__atomic_store_n(&rules->watch.until, until, __ATOMIC_RELEASE);
	__atomic_store_n(&rules->watch.reasons, reasons, __ATOMIC_RELEASE);
	munmap(rules, sizeof(*rules));
	return 0;
}

int io_maps_keep_watch(const struct io_maps *to, const struct io_maps *from, struct tm_error *e)
{
	struct tm_rules_map *rules = map_head(from, e);
	struct tm_watch watch;

	if (!rules)
		return -EIO;
	watch = rules->watch;
	munmap(rules, sizeof(*rules));
	return io_maps_watch(to, watch.reasons, watch.until, e);
}

uint32_t io_maps_room(int rules_fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(rules_fd, &info, &len))
		return 0;
	return (info.value_size - sizeof(struct tm_rules_map)) / sizeof(uint32_t) / 2;
}

int io_maps_read(int rules_fd, struct tm_image *image, struct tm_error *e)
{
	struct io_maps maps = { .rules = rules_fd, .image_words = io_maps_room(rules_fd) };
	struct tm_rules_map *rules;
	const uint32_t *from;
	int err = 0;

	rules = map_rules(&maps, PROT_READ);
	if (!rules)
		return io_bpf_error(e, -errno, "mapping the rules");
	from = rules->images + (__atomic_load_n(&rules->active, __ATOMIC_ACQUIRE) & 1 ? maps.image_words : 0);
	image->count = ((const struct pk_rules_head *)from)->words;
	image->words = NULL;
	if (image->count < sizeof(struct pk_rules_head) / 4 || image->count > maps.image_words) {
		err = tm_error_code(e, -EBADMSG, "the rules map holds no rules of this version");
	} else {
		image->words = malloc((size_t)image->count * sizeof(uint32_t));
		if (image->words)
			memcpy(image->words, from, (size_t)image->count * sizeof(uint32_t));
		else
			err = tm_error_code(e, -ENOMEM, "out of memory");
	}
	munmap(rules, value_size(&maps));
	return err;
}

int io_maps_create(struct io_maps *maps, const struct tm_image *image, struct tm_error *e)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	*maps = IO_NO_MAPS;
	maps->image_words = image->count + image->count / 2 + 1024;
	maps->rules = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_rules", sizeof(__u32), value_size(maps), 1, &opts);
	if (maps->rules < 0)
		return io_bpf_error(e, maps->rules, "creating the rules map");
	maps->counters = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_counters", sizeof(__u32),
					sizeof(struct tm_bpf_counters), TM_DIRECTIONS, NULL);
	if (maps->counters < 0)
		return io_bpf_error(e, maps->counters, "creating the counters map");
	maps->events = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tm_events", 0, 0, TM_EVENTS_BYTES, NULL);
	if (maps->events < 0)
		return io_bpf_error(e, maps->events, "creating the ring of events");
	maps->telling = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_telling", sizeof(__u32),
				       sizeof(struct tm_bpf_telling), 1, NULL);
	if (maps->telling < 0)
		return io_bpf_error(e, maps->telling, "creating a map");
	return io_maps_switch(maps, image, e);
}

void io_maps_close(struct io_maps *maps)
{
	if (maps->rules >= 0)
		close(maps->rules);
	if (maps->counters >= 0)
		close(maps->counters);
	if (maps->events >= 0)
		close(maps->events);
	if (maps->telling >= 0)
		close(maps->telling);
	*maps = IO_NO_MAPS;
}
