/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "probe.h"
#include "io/bpf/skeleton.h"
#include "clamp_tc.skel.h"
#include "clamp_tc_learn.skel.h"
#include "clamp_tc_learn_alone.skel.h"
#include "clamp_xdp.skel.h"
#include "clamp_xdp_learn.skel.h"
#include "clamp_xdp_learn_alone.skel.h"
#include "wire_tc.skel.h"
#include "wire_tc_learn.skel.h"
#include "wire_tc_learn_alone.skel.h"
#include "wire_xdp.skel.h"
#include "wire_xdp_learn.skel.h"
#include "wire_xdp_learn_alone.skel.h"

const char *io_mode_name(enum io_mode mode)
{
	switch (mode) {
	case IO_TC:
		return "tc";
	case IO_XDP:
		return "xdp";
	case IO_XDP_GENERIC:
		return "xdp-generic";
	case IO_WIRE_TC:
	case IO_WIRE_XDP:
		return "wire";
	}
	return "?";
}

IO_SKELETON(clamp_tc)
IO_SKELETON(clamp_xdp)
IO_SKELETON(wire_tc)
IO_SKELETON(wire_xdp)
IO_SKELETON(clamp_tc_learn)
IO_SKELETON(clamp_tc_learn_alone)
IO_SKELETON(clamp_xdp_learn)
IO_SKELETON(clamp_xdp_learn_alone)
IO_SKELETON(wire_tc_learn)
IO_SKELETON(wire_tc_learn_alone)
IO_SKELETON(wire_xdp_learn)
IO_SKELETON(wire_xdp_learn_alone)

/* The one that fits: those that ask conntrack only where it can be asked. */
#define OPEN_VARIANT(p, name, learns)                         \
	do {                                                  \
		if (!(learns))                                \
			IO_OPEN_SKELETON(p, name);            \
		else if (io_probe_conntrack())                \
			IO_OPEN_SKELETON(p, name##_learn);    \
		else                                          \
			IO_OPEN_SKELETON(p, name##_learn_alone); \
	} while (0)

static void open_skeleton(struct io_program *p, bool learns)
{
	switch (p->mode) {
	case IO_TC:
		OPEN_VARIANT(p, clamp_tc, learns);
		break;
	case IO_XDP:
	case IO_XDP_GENERIC:
		OPEN_VARIANT(p, clamp_xdp, learns);
		break;
	case IO_WIRE_TC:
		OPEN_VARIANT(p, wire_tc, learns);
		break;
	case IO_WIRE_XDP:
		OPEN_VARIANT(p, wire_xdp, learns);
		break;
	}
}

/* A map that the programs have under that name. */
struct named_map {
	const char *name;
	int fd;
};

static int use_maps(const struct io_program *p, const struct named_map *maps, unsigned count)
{
	int err = 0;

	for (unsigned i = 0; i < count && !err; i++) {
		struct bpf_map *map = bpf_object__find_map_by_name(p->object, maps[i].name);

		err = map ? bpf_map__reuse_fd(map, maps[i].fd) : -ENOENT;
	}
	return err;
}

static int use_learning(struct io_program *p, const struct io_learning *learning)
{
	const struct io_learn_maps *m = learning->maps;
	const struct named_map maps[] = {
		{ "tm_learned", m->learned }, { "tm_learn", m->ring },	       { "tm_watched", m->watched },
		{ ".data.learn", m->state },  { "tm_learning", m->learning },
	};

	p->config->learn_only = learning->only;
	p->config->tag = learning->tag;
	p->config->learned_lines = m->lines;
	return use_maps(p, maps, sizeof(maps) / sizeof(*maps));
}

int io_program_open(struct io_program *p, enum io_mode mode, unsigned directions, uint32_t link, const struct io_maps *maps,
		    struct tm_error *e)
{
	const struct named_map own[] = {
		{ "tm_rules", maps->rules },
		{ "tm_counters", maps->counters },
		{ "tm_events", maps->events },
		{ "tm_telling", maps->telling },
	};
	struct bpf_program *program;
	int err;

	*p = (struct io_program){ .mode = mode, .directions = directions };
	open_skeleton(p, maps->learning.maps);
	if (!p->skeleton)
		return io_bpf_error(e, -errno, "opening the BPF object");
	p->config = p->constants;
	for (int d = 0; d < TM_DIRECTIONS; d++) {
		program = bpf_object__find_program_by_name(p->object, io_program_name(p, d));
		if (!(directions >> d & 1) && program)
			bpf_program__set_autoload(program, false);
	}
	p->config->hook[TM_IN] = 0;
	p->config->hook[TM_OUT] = io_mode_is_wire(mode) ? 1 : 0; /* a wire has limits for each way */
	p->config->link = link;
	p->config->image_words = maps->image_words;
	p->config->fib_mark = p->fib_mark = io_probe_fib_mark();
	err = use_maps(p, own, sizeof(own) / sizeof(*own));
	if (!err && maps->learning.maps)
		err = use_learning(p, &maps->learning);
	return err ? io_bpf_error(e, err, "handing the maps to the programs") : 0;
}

int io_program_wire(struct io_program *p, const uint32_t ifindex[TM_DIRECTIONS], struct tm_error *e)
{
	struct bpf_map *ends = bpf_object__find_map_by_name(p->object, "tm_wire");
	int fd, err = 0;

	memcpy(p->config->wire, ifindex, sizeof(p->config->wire));
	if (!ends) /* tc: the programs have the indices as constants */
		return 0;
	fd = bpf_map_create(BPF_MAP_TYPE_DEVMAP, "tm_wire", sizeof(__u32), sizeof(__u32), TM_DIRECTIONS, NULL);
	if (fd < 0)
		return io_bpf_error(e, fd, "creating the map of devices");
	for (__u32 d = 0; d < TM_DIRECTIONS && !err; d++)
		err = bpf_map_update_elem(fd, &d, &ifindex[!d], 0);
	if (!err)
		err = bpf_map__reuse_fd(ends, fd);
	close(fd);
	return err ? io_bpf_error(e, err, "writing the map of devices") : 0;
}

int io_program_load(struct io_program *p, struct tm_error *e)
{
	int err = bpf_object__load(p->object);

	return err ? io_bpf_load_error(e, err, "loading the BPF program") : 0;
}

const char *io_program_name(const struct io_program *p, enum tm_direction direction)
{
	if (p->name)
		return p->name;
	if (p->mode == IO_XDP || p->mode == IO_XDP_GENERIC)
		return direction == TM_IN ? "tcpmss_xdp" : "";
	return direction == TM_IN ? "tcpmss_in" : "tcpmss_out";
}

int io_program_fd(const struct io_program *p, enum tm_direction direction)
{
	struct bpf_program *program = bpf_object__find_program_by_name(p->object, io_program_name(p, direction));

	return program ? bpf_program__fd(program) : -ENOENT;
}

void io_program_close(struct io_program *p)
{
	if (p->skeleton)
		p->destroy(p->skeleton);
	p->skeleton = NULL;
	p->object = NULL;
}
