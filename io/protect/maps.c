/* SPDX-License-Identifier: BSD-2-Clause */
#include "maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/bpf/error.h"
#include "io/bpf/pin.h"

static const char *const names[] = { "services", "state", "counters", "servers", "half-open", "answers" };

enum { SERVICES, STATE, COUNTERS, SERVERS, HALF_OPEN, ANSWERS, MAPS };

/* The descriptors in the order of their names. */
static void list(struct io_protect_maps *maps, int *fds[MAPS])
{
	fds[SERVICES] = &maps->services;
	fds[STATE] = &maps->state;
	fds[COUNTERS] = &maps->counters;
	fds[SERVERS] = &maps->servers;
	fds[HALF_OPEN] = &maps->half_open;
	fds[ANSWERS] = &maps->answers;
}

static size_t services_size(uint32_t words)
{
	return TM_SERVICES_SIZE((size_t)words);
}

/* An open map, whose descriptor is returned; or −errno. */
static int create(int which, uint32_t words)
{
	LIBBPF_OPTS(bpf_map_create_opts, mapped, .map_flags = BPF_F_MMAPABLE);

	switch (which) {
	case SERVICES:
		if (services_size(words) > INT32_MAX)
			return -E2BIG;
		return bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_services", sizeof(__u32), services_size(words), 1,
				      &mapped);
	case STATE:
		return bpf_map_create(BPF_MAP_TYPE_ARRAY, "tm_protect_stat", sizeof(__u32),
				      sizeof(struct tm_protect_state), 1, &mapped);
	case COUNTERS:
		return bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_protect_coun", sizeof(__u32),
				      sizeof(struct tm_protect_counters), TM_PROTECT_BLOCKS, NULL);
	case SERVERS:
		return bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "tm_servers", sizeof(struct tm_protect_server_key),
				      sizeof(struct tm_protect_server), TM_PROTECT_SERVERS, NULL);
	case HALF_OPEN:
		return bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "tm_half_open", sizeof(struct pk_flow),
				      sizeof(struct tm_half_open), TM_PROTECT_HALF_OPEN, NULL);
	default:
		return bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "tm_answers", sizeof(struct pk_flow),
				      sizeof(struct tm_protect_answer), TM_PROTECT_ANSWERS, NULL);
	}
}

static uint32_t room(int services)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(services, &info, &len) || info.value_size < sizeof(struct tm_services_map))
		return 0;
	return (info.value_size - sizeof(struct tm_services_map)) / sizeof(uint32_t) / 2;
}

static bool is_state(int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &len) && info.value_size == sizeof(struct tm_protect_state);
}

struct tm_protect_state *io_protect_state(const struct io_protect_maps *maps, struct tm_error *e)
{
	void *p = mmap(NULL, sizeof(struct tm_protect_state), PROT_READ | PROT_WRITE, MAP_SHARED, maps->state, 0);

	if (p != MAP_FAILED)
		return p;
	io_bpf_error(e, -errno, "mapping the state of protect");
	return NULL;
}

/* What a new state begins with. */
static int begin(const struct io_protect_maps *maps, struct tm_error *e)
{
	struct tm_protect_state *state = io_protect_state(maps, e);
	int err = 0;

	if (!state)
		return -EIO;
	state->sample_mask = TM_PROTECT_SAMPLE;
	for (int i = 0; i < TM_PROTECT_BLOCKS; i++)
		state->blocks[i].wscale = TM_WSCALE_NONE;
	if (getrandom(&state->seed, sizeof(state->seed), 0) != sizeof(state->seed))
		err = tm_error_code(e, -EIO, "no random numbers");
	munmap(state, sizeof(*state));
	return err;
}

/* Servers that are known may remember the block of an older map's generation, so a new one begins anywhere. */
static int begin_services(const struct io_protect_maps *maps, struct tm_error *e)
{
	struct tm_services_map *map = mmap(NULL, sizeof(*map), PROT_READ | PROT_WRITE, MAP_SHARED, maps->services, 0);
	int err = 0;

	if (map == MAP_FAILED)
		return io_bpf_error(e, -errno, "mapping the protected services");
	if (getrandom(&map->generation, sizeof(map->generation), 0) != sizeof(map->generation))
		err = tm_error_code(e, -EIO, "no random numbers");
	munmap(map, sizeof(*map));
	return err;
}

/* Makes what is not open, and the map of services where it is too small. */
static int complete(struct io_protect_maps *maps, uint32_t words, struct tm_error *e)
{
	bool fresh = maps->state < 0, services;
	int *fds[MAPS], err = 0;

	list(maps, fds);
	if (maps->services >= 0 && room(maps->services) < words) {
		close(maps->services);
		maps->services = -1;
	}
	services = maps->services < 0;
	if (services)
		words += words / 2 + 1024;
	for (int i = 0; i < MAPS; i++) {
		if (*fds[i] < 0)
			*fds[i] = create(i, words);
		if (*fds[i] < 0)
			return io_bpf_error(e, *fds[i], "creating the maps of protect");
	}
	maps->services_words = room(maps->services);
	if (services)
		err = begin_services(maps, e);
	return !err && fresh ? begin(maps, e) : err;
}

int io_protect_maps_create(struct io_protect_maps *maps, uint32_t words, struct tm_error *e)
{
	*maps = IO_NO_PROTECT_MAPS;
	return complete(maps, words, e);
}

void io_protect_maps_close(struct io_protect_maps *maps)
{
	int *fds[MAPS];

	list(maps, fds);
	for (int i = 0; i < MAPS; i++)
		if (*fds[i] >= 0)
			close(*fds[i]);
	*maps = IO_NO_PROTECT_MAPS;
}

void io_protect_path(const struct io_bpffs *fs, const char *object, char path[IO_PATH])
{
	io_bpffs_path(fs, IO_PROTECT_DIR, object, path);
}

/* Opens what is pinned; -1 for the others, and for a state of another version. */
static int open_pinned(const struct io_bpffs *fs, struct io_protect_maps *maps, struct tm_error *e)
{
	char path[IO_PATH];
	int *fds[MAPS];

	list(maps, fds);
	for (int i = 0; i < MAPS; i++) {
		io_protect_path(fs, names[i], path);
		*fds[i] = bpf_obj_get(path);
		if (*fds[i] < 0 && errno != ENOENT)
			return io_bpf_error(e, -errno, "opening the maps of protect");
	}
	if (maps->state >= 0 && !is_state(maps->state))
		return tm_error_code(
			e, -EBADMSG,
			"what another version of tcpmss left of protect cannot be used: 'tcpmss protect remove --all'");
	return 0;
}

static int pin(const struct io_bpffs *fs, struct io_protect_maps *maps, struct tm_error *e)
{
	char path[IO_PATH];
	int *fds[MAPS], err = 0;

	list(maps, fds);
	io_protect_path(fs, NULL, path);
	if (mkdir(path, 0700) && errno != EEXIST)
		return io_bpf_error(e, -errno, "making a directory on the BPF file system");
	for (int i = 0; i < MAPS && !err; i++) {
		io_protect_path(fs, names[i], path);
		err = io_map_pin(*fds[i], path, e);
	}
	return err;
}

static int open_all(const struct io_bpffs *fs, struct io_protect_maps *maps, struct tm_error *e)
{
	int *fds[MAPS], err = open_pinned(fs, maps, e);

	list(maps, fds);
	for (int i = 0; i < MAPS && !err; i++)
		if (*fds[i] < 0)
			err = tm_error_code(e, -ENOENT, "nothing is protected in this network namespace");
	maps->services_words = err ? 0 : room(maps->services);
	return err;
}

int io_protect_maps_open(struct io_protect_maps *maps, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, false, e);

	*maps = IO_NO_PROTECT_MAPS;
	if (!err) {
		err = open_all(&fs, maps, e);
		io_bpffs_close(&fs);
	}
	if (err)
		io_protect_maps_close(maps);
	return err;
}

int io_protect_maps_ensure(struct io_protect_maps *maps, uint32_t words, struct tm_error *e)
{
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, true, e);

	*maps = IO_NO_PROTECT_MAPS;
	if (err)
		return err;
	err = open_pinned(&fs, maps, e);
	if (!err)
		err = complete(maps, words, e);
	if (!err)
		err = pin(&fs, maps, e);
	if (err)
		io_protect_maps_close(maps);
	io_bpffs_close(&fs);
	return err;
}

void io_protect_maps_unpin(const struct io_bpffs *fs)
{
	char path[IO_PATH];

	for (int i = 0; i < MAPS; i++) {
		io_protect_path(fs, names[i], path);
		unlink(path);
	}
	io_protect_path(fs, NULL, path);
	rmdir(path);
}

int io_protect_services(const struct io_protect_maps *maps, const uint32_t *image, uint32_t words, struct tm_error *e)
{
	size_t size = services_size(maps->services_words);
	struct tm_services_map *map;
	uint32_t next;

	if (words > maps->services_words)
		return tm_error_code(e, -E2BIG, "the protected services need %u words, the map has room for %u", words,
				     maps->services_words);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, maps->services, 0);
	if (map == MAP_FAILED)
		return io_bpf_error(e, -errno, "mapping the protected services");
	next = !(map->active & 1);
	memcpy(map->images + (next ? maps->services_words : 0), image, (size_t)words * sizeof(uint32_t));
	__atomic_store_n(&map->active, next, __ATOMIC_RELEASE);
	__atomic_store_n(&map->generation, map->generation + 1 ? map->generation + 1 : 1, __ATOMIC_RELEASE);
	munmap(map, size);
	return 0;
}

int io_protect_counters(const struct io_protect_maps *maps, uint32_t block, struct tm_protect_counters *sum)
{
	int cpus = libbpf_num_possible_cpus(), err = 0;
	struct tm_protect_counters *each = calloc((size_t)cpus, sizeof(*each));

	*sum = (struct tm_protect_counters){ 0 };
	if (!each)
		return -ENOMEM;
	if (bpf_map_lookup_elem(maps->counters, &block, each))
		err = -errno;
	for (int i = 0; i < cpus && !err; i++)
		for (int f = 0; f < PK_FAMILY_COUNT; f++)
			for (int r = 0; r < PK_PROTECT_REASON_COUNT; r++)
				sum->packets[f][r] += each[i].packets[f][r];
	free(each);
	return err;
}

int io_protect_counters_clear(const struct io_protect_maps *maps, uint32_t block)
{
	int cpus = libbpf_num_possible_cpus();
	struct tm_protect_counters *none = calloc((size_t)cpus, sizeof(*none));
	int err = -ENOMEM;

	if (none)
		err = bpf_map_update_elem(maps->counters, &block, none, BPF_ANY) ? -errno : 0;
	free(none);
	return err;
}

int io_protect_server(const struct io_protect_maps *maps, const struct tm_protect_server_key *key,
		      struct tm_protect_server *server)
{
	return bpf_map_lookup_elem(maps->servers, key, server) ? -errno : 0;
}

int io_protect_servers(const struct io_protect_maps *maps,
		       bool (*each)(const struct tm_protect_server_key *key, const struct tm_protect_server *server,
				    void *ctx),
		       void *ctx)
{
	struct tm_protect_server_key key, *last = NULL;
	struct tm_protect_server server;

	for (unsigned i = 0; i < TM_PROTECT_SERVERS; i++) { /* one that vanishes meanwhile makes the walk begin anew */
		if (bpf_map_get_next_key(maps->servers, last, &key))
			return errno == ENOENT ? 0 : -errno;
		if (!bpf_map_lookup_elem(maps->servers, &key, &server) && !each(&key, &server, ctx))
			return 0;
		last = &key;
	}
	return 0;
}
