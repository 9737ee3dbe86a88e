/* SPDX-License-Identifier: BSD-2-Clause */
#include "learn-maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/bpf/error.h"
#include "io/bpf/pin.h"

static const char *const names[] = { "learned", "learn", "watched", "state", "learning" };

enum { LEARNED, RING, WATCHED, STATE, LEARNING, MAPS };

/* The descriptors in the order of their names. */
static void list(struct io_learn_maps *maps, int *fds[MAPS])
{
	fds[LEARNED] = &maps->learned;
	fds[RING] = &maps->ring;
	fds[WATCHED] = &maps->watched;
	fds[STATE] = &maps->state;
	fds[LEARNING] = &maps->learning;
}

static int create_table(uint32_t capacity)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE);

	if (tm_learned_size(capacity) > INT32_MAX)
		return -E2BIG;
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_learned", sizeof(__u32), (__u32)tm_learned_size(capacity), 1,
			      &opts);
}

/* An open map, whose descriptor is returned; or −errno. */
static int create(int which, uint32_t capacity)
{
	LIBBPF_OPTS(bpf_map_create_opts, mapped, .map_flags = BPF_F_MMAPABLE);

	switch (which) {
	case LEARNED:
		return create_table(capacity);
	case RING:
		return bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tm_learn", 0, 0, TM_LEARN_BYTES, NULL);
	case WATCHED:
		return bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "tm_watched", sizeof(struct tm_watched_flow),
				      sizeof(struct tm_watched), TM_WATCHED_FLOWS, NULL);
	case STATE:
		return bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_state", sizeof(__u32), sizeof(struct tm_learn_state), 1,
				      &mapped);
	default:
		return bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_learning", sizeof(__u32),
				      sizeof(struct tm_bpf_learning), 1, NULL);
	}
}

/* Lines of an open table, 0 where it is none. */
static uint32_t lines_of(int learned)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(learned, &info, &len))
		return 0;
	return (uint32_t)tm_learned_table(&info, info.value_size).lines;
}

static void know_table(struct io_learn_maps *maps)
{
	maps->lines = lines_of(maps->learned);
	maps->id = io_map_id(maps->learned);
}

/* Makes what is not open, and the table where it is too small. */
static int complete(struct io_learn_maps *maps, uint32_t capacity, struct tm_error *e)
{
	int *fds[MAPS];

	list(maps, fds);
	if (maps->learned >= 0 && lines_of(maps->learned) < tm_learned_lines(capacity)) {
		close(maps->learned);
		maps->learned = -1;
	}
	for (int i = 0; i < MAPS; i++) {
		if (*fds[i] < 0)
			*fds[i] = create(i, capacity);
		if (*fds[i] < 0)
			return io_bpf_error(e, *fds[i], "creating the maps of path MTU discovery");
	}
	return 0;
}

int io_learn_maps_create(struct io_learn_maps *maps, uint32_t capacity, struct tm_error *e)
{
	int err;

	*maps = IO_NO_LEARN_MAPS;
	err = complete(maps, capacity, e);
	if (!err)
		know_table(maps);
	return err;
}

void io_learn_maps_close(struct io_learn_maps *maps)
{
	int *fds[MAPS];

	list(maps, fds);
	for (int i = 0; i < MAPS; i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	*maps = IO_NO_LEARN_MAPS;
}

static void path_of(const struct io_bpffs *fs, int which, char path[IO_PATH])
{
	snprintf(path, IO_PATH, "%s/%s%s%s", fs->dir, IO_LEARN_DIR, which < MAPS ? "/" : "",
		 which < MAPS ? names[which] : "");
}

/* Opens what is pinned; -1 for the others. */
static int open_pinned(const struct io_bpffs *fs, struct io_learn_maps *maps, struct tm_error *e)
{
	char path[IO_PATH];
	int *fds[MAPS];

	list(maps, fds);
	for (int i = 0; i < MAPS; i++) {
		path_of(fs, i, path);
		*fds[i] = bpf_obj_get(path);
		if (*fds[i] < 0 && errno != ENOENT)
			return io_bpf_error(e, -errno, "opening the maps of path MTU discovery");
	}
	return 0;
}

int io_learn_maps_pin(const struct io_bpffs *fs, const struct io_learn_maps *maps, struct tm_error *e)
{
	struct io_learn_maps copy = *maps;
	char path[IO_PATH];
	int *fds[MAPS], err = 0;

	list(&copy, fds);
	path_of(fs, MAPS, path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return io_bpf_error(e, -errno, "making a directory on the BPF file system");
	for (int i = 0; i < MAPS && !err; i++) {
		path_of(fs, i, path);
		err = io_map_pin(*fds[i], path, e);
	}
	return err;
}

static int open_all(const struct io_bpffs *fs, struct io_learn_maps *maps, struct tm_error *e)
{
	int *fds[MAPS], err = open_pinned(fs, maps, e);

	list(maps, fds);
	for (int i = 0; i < MAPS && !err; i++)
		if (*fds[i] < 0)
			err = tm_error_code(e, -ENOENT, "no hook of this network namespace learns path MTUs");
	return err;
}

int io_learn_maps_open(struct io_learn_maps *maps, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, false, e);

	*maps = IO_NO_LEARN_MAPS;
	if (!err) {
		err = open_all(&fs, maps, e);
		io_bpffs_close(&fs);
	}
	if (err)
		io_learn_maps_close(maps);
	else
		know_table(maps);
	return err;
}

int io_learn_maps_ensure(struct io_learn_maps *maps, uint32_t capacity, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, true, e);

	*maps = IO_NO_LEARN_MAPS;
	if (err)
		return err;
	err = open_pinned(&fs, maps, e);
	if (!err)
		err = complete(maps, capacity, e);
	if (!err)
		err = io_learn_maps_pin(&fs, maps, e);
	if (err)
		io_learn_maps_close(maps);
	else
		know_table(maps);
	io_bpffs_close(&fs);
	return err;
}

void io_learn_maps_unpin(const struct io_bpffs *fs)
{
	char path[IO_PATH];

	for (int i = 0; i < MAPS; i++) {
		path_of(fs, i, path);
		unlink(path);
	}
	path_of(fs, MAPS, path);
	rmdir(path);
}

void *io_learn_maps_table(int learned, int prot, size_t *size, struct tm_error *e)
{
	void *p;

	*size = PK_LEARNED_SIZE(lines_of(learned));
	p = mmap(NULL, *size, prot, MAP_SHARED, learned, 0);
	if (p != MAP_FAILED)
		return p;
	io_bpf_error(e, -errno, "mapping the learned paths");
	return NULL;
}

struct tm_learn_state *io_learn_maps_state(int state, struct tm_error *e)
{
	void *p = mmap(NULL, sizeof(struct tm_learn_state), PROT_READ | PROT_WRITE, MAP_SHARED, state, 0);

	if (p != MAP_FAILED)
		return p;
	io_bpf_error(e, -errno, "mapping the state of path MTU discovery");
	return NULL;
}

int io_learn_maps_counters(int learning, struct tm_bpf_learning *sum)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct tm_bpf_learning *each = calloc((size_t)cpus, sizeof(*each));
	__u32 key = 0;

	*sum = (struct tm_bpf_learning){ 0 };
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(learning, &key, each))
		err = -errno;
	for (int i = 0; i < cpus && !err; i++) {
		sum->ptbs += each[i].ptbs;
		sum->segments += each[i].segments;
		sum->ptbs_left_out += each[i].ptbs_left_out;
		sum->segments_left_out += each[i].segments_left_out;
		sum->df_cleared += each[i].df_cleared;
	}
	free(each);
	return err;
}
