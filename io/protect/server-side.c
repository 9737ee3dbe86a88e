/* SPDX-License-Identifier: BSD-2-Clause */
#include "server-side.h"

#include <bpf/bpf.h>
#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/view.h"

#include "core/link.h"
#include "io/bpf/error.h"
#include "io/net/device.h"
#include "io/net/link.h"
#include "protect_server.skel.h"
#include "io/bpf/tc.h"

/*
 * What is pinned for a device, its index behind the name: a link, or the program of a filter, whose handle is the program's id. The third
 * tells that its qdisc is ours.
 */
static const char *const link_name[TM_DIRECTIONS] = { "server-link-in", "server-link-out" };
static const char *const filter_name[TM_DIRECTIONS] = { "server-filter-in", "server-filter-out" };
static const char *const qdisc_name = "server-qdisc";

static void path_of(const struct io_bpffs *fs, const char *name, uint32_t ifindex, char path[IO_PATH])
{
	char object[48];

	snprintf(object, sizeof(object), "%s-%u", name, ifindex);
	io_protect_path(fs, object, path);
}

/* The id of a pinned program, 0: there is none. */
static uint32_t program_at(const char *path)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = bpf_obj_get(path), err;

	if (fd < 0)
		return 0;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	return err ? 0 : info.id;
}

static bool on(const struct io_bpffs *fs, uint32_t ifindex, enum tm_direction direction)
{
	char path[IO_PATH];
	uint32_t program;

	path_of(fs, link_name[direction], ifindex, path);
	if (io_link_alive(path, ifindex))
		return true;
	path_of(fs, filter_name[direction], ifindex, path);
	program = program_at(path);
	return program && io_clsact_alive(ifindex, direction, IO_TC_FIRST, program);
}

bool io_server_side_attached(uint32_t ifindex)
{
	struct io_bpffs fs;
	struct tm_error ignored;
	bool both;

	if (io_bpffs_open(&fs, false, &ignored))
		return false;
	both = on(&fs, ifindex, TM_IN) && on(&fs, ifindex, TM_OUT);
	io_bpffs_close(&fs);
	return both;
}

static int use_maps(struct protect_server *s, const struct io_protect_maps *maps)
{
	const struct {
		struct bpf_map *map;
		int fd;
	} all[] = {
		{ s->maps.tm_services, maps->services },   { s->maps.data_protect, maps->state },
		{ s->maps.tm_counters, maps->counters },   { s->maps.tm_servers, maps->servers },
		{ s->maps.tm_half_open, maps->half_open }, { s->maps.tm_answers, maps->answers },
	};
	int err = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all) && !err; i++)
		err = bpf_map__reuse_fd(all[i].map, all[i].fd);
	return err;
}

int io_server_side_load(const struct io_protect_maps *maps, uint32_t link, int programs[TM_DIRECTIONS],
			struct tm_error *e)
{
	struct protect_server *s = protect_server__open();
	int err;

	programs[TM_IN] = programs[TM_OUT] = -1;
	if (!s)
		return io_bpf_error(e, -errno, "opening the BPF object");
	s->rodata->tm_config.link = link;
	s->rodata->tm_config.services_words = maps->services_words;
	err = use_maps(s, maps);
	if (err) {
		io_bpf_error(e, err, "handing the maps to the programs");
	} else {
		err = protect_server__load(s);
		if (err)
			io_bpf_load_error(e, err, "loading the BPF program");
	}
	if (!err) {
		programs[TM_IN] = dup(bpf_program__fd(s->progs.tcpmss_server_in));
		programs[TM_OUT] = dup(bpf_program__fd(s->progs.tcpmss_server_out));
		if (programs[TM_IN] < 0 || programs[TM_OUT] < 0)
			err = tm_error_code(e, -EMFILE, "no descriptors left");
	}
	protect_server__destroy(s);
	return err;
}

static int put_filter(const struct io_bpffs *fs, int program, uint32_t ifindex, enum tm_direction direction,
		      struct tm_error *e)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	char path[IO_PATH];
	bool made = false;
	int err;

	path_of(fs, filter_name[direction], ifindex, path);
	if (bpf_obj_get_info_by_fd(program, &info, &len))
		return io_bpf_error(e, -errno, "asking for the program");
	if (bpf_obj_pin(program, path))
		return io_bpf_error(e, -errno, "pinning on the BPF file system");
	err = io_clsact_attach(program, ifindex, direction, IO_TC_FIRST, info.id, false, &made, e);
	if (err) {
		unlink(path);
		return err;
	}
	path_of(fs, qdisc_name, ifindex, path);
	if (made && bpf_obj_pin(program, path) && errno != EEXIST)
		return io_bpf_error(e, -errno, "pinning on the BPF file system");
	return 0;
}

/* Takes one direction off a device, as far as it still is there. */
static void take_off(const struct io_bpffs *fs, uint32_t ifindex, enum tm_direction direction)
{
	char path[IO_PATH], qdisc[IO_PATH];
	uint32_t program;

	path_of(fs, link_name[direction], ifindex, path);
	io_link_detach(path);
	path_of(fs, filter_name[direction], ifindex, path);
	path_of(fs, qdisc_name, ifindex, qdisc);
	program = program_at(path);
	if (program && io_clsact_alive(ifindex, direction, IO_TC_FIRST, program))
		io_clsact_detach(ifindex, direction, IO_TC_FIRST, program, io_bpffs_there(qdisc));
	unlink(path);
}

static void take_away(const struct io_bpffs *fs, uint32_t ifindex)
{
	char path[IO_PATH];

	for (int d = 0; d < TM_DIRECTIONS; d++)
		take_off(fs, ifindex, d);
	path_of(fs, qdisc_name, ifindex, path);
	unlink(path);
}

/* A link gets the new program at one moment; a filter cannot, as it is known by its program: for that moment there is none. */
static int put(const struct io_bpffs *fs, int program, uint32_t ifindex, enum tm_direction direction,
	       struct tm_error *e)
{
	char path[IO_PATH];
	int err;

	path_of(fs, link_name[direction], ifindex, path);
	if (io_link_alive(path, ifindex))
		return io_link_replace(program, path, e);
	take_off(fs, ifindex, direction);
	err = io_tcx_attach(program, ifindex, direction, IO_TC_FIRST, path, e);
	return err == -EOPNOTSUPP ? put_filter(fs, program, ifindex, direction, e) : err;
}

static int put_both(const struct io_bpffs *fs, const struct io_protect_maps *maps, uint32_t ifindex, struct tm_error *e)
{
	int programs[TM_DIRECTIONS], err;
	struct io_device device;
	char name[IF_NAMESIZE];

	if (!if_indextoname(ifindex, name))
		return tm_error_code(e, -ENODEV, "the device with index %u, which leads to servers, has gone", ifindex);
	err = io_device_find(&device, name, e);
	if (!err && io_device_link(&device) == PK_LINK_UNKNOWN)
		return tm_error_code(
			e, -EOPNOTSUPP,
			"device %s, which leads to servers, carries frames of a kind (ARPHRD %u) that tcpmss cannot read",
			name, device.type);
	if (err)
		return err;
	err = io_server_side_load(maps, io_device_link(&device), programs, e);
	for (int d = 0; d < TM_DIRECTIONS && !err; d++)
		err = put(fs, programs[d], ifindex, d, e);
	for (int d = 0; d < TM_DIRECTIONS; d++)
		if (programs[d] >= 0)
			close(programs[d]);
	return err;
}

static bool is_among(uint32_t ifindex, const uint32_t *devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (devices[i] == ifindex)
			return true;
	return false;
}

/* Takes them away from all devices but these. */
static void take_from_others(const struct io_bpffs *fs, const uint32_t *devices, size_t count)
{
	const char *const all[] = { link_name[TM_IN], link_name[TM_OUT], filter_name[TM_IN], filter_name[TM_OUT],
				        qdisc_name };
	struct dirent *entry;
	char path[IO_PATH];
	DIR *dir;

	io_protect_path(fs, NULL, path);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
			size_t n = strlen(all[i]);
			uint32_t ifindex;

			if (strncmp(entry->d_name, all[i], n) || entry->d_name[n] != '-')
				continue;
			ifindex = (uint32_t)strtoul(entry->d_name + n + 1, NULL, 10);
			if (!is_among(ifindex, devices, count))
				take_away(fs, ifindex);
		}
	if (dir)
		closedir(dir);
}

int io_server_side_set(const struct io_protect_maps *maps, const uint32_t *devices, size_t count, bool renew,
		       struct tm_error *e)
{
	struct tm_error more;
	struct io_bpffs fs;
	int err = io_bpffs_open(&fs, true, e), failed;

	if (err)
		return err;
	take_from_others(&fs, devices, count);
	for (size_t i = 0; i < count; i++) {
		if (!renew && on(&fs, devices[i], TM_IN) && on(&fs, devices[i], TM_OUT))
			continue;
		failed = put_both(&fs, maps, devices[i], err ? &more : e);
		err = err ? err : failed;
	}
	io_bpffs_close(&fs);
	return err;
}

void io_server_side_remove(const struct io_bpffs *fs)
{
	take_from_others(fs, NULL, 0);
}
