/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf-program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bpf-probe.h"
#include "clamp_tc.skel.h"
#include "clamp_xdp.skel.h"
#include "wire_tc.skel.h"
#include "wire_xdp.skel.h"

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

/* Opens the skeleton of that name. All have these maps and constants, under the same names. */
#define OPEN_SKELETON(p, name)                                                  \
	do {                                                                    \
		struct name *s = name##__open();                                \
                                                                                \
		(p)->skeleton = s;                                              \
		if (!s)                                                         \
			break;                                                  \
		(p)->object = s->obj;                                           \
		(p)->config = (struct tm_bpf_config *)&s->rodata->tm_config;    \
		rules = s->maps.tm_rules;                                       \
		counters = s->maps.tm_counters;                                 \
		events = s->maps.tm_events;                                     \
		telling = s->maps.tm_telling;                                   \
	} while (0)

int io_program_open(struct io_program *p, enum io_mode mode, unsigned directions, uint32_t link, const struct io_maps *maps,
		    struct tm_error *e)
{
	struct bpf_map *rules = NULL, *counters = NULL, *events = NULL, *telling = NULL;
	struct bpf_program *program;
	int err;

	*p = (struct io_program){ .mode = mode, .directions = directions };
	switch (mode) {
	case IO_TC:
		OPEN_SKELETON(p, clamp_tc);
		break;
	case IO_XDP:
	case IO_XDP_GENERIC:
		OPEN_SKELETON(p, clamp_xdp);
		break;
	case IO_WIRE_TC:
		OPEN_SKELETON(p, wire_tc);
		break;
	case IO_WIRE_XDP:
		OPEN_SKELETON(p, wire_xdp);
		break;
	}
	if (!p->skeleton)
		return io_bpf_error(e, -errno, "opening the BPF object");
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
	err = bpf_map__reuse_fd(rules, maps->rules);
	if (!err)
		err = bpf_map__reuse_fd(counters, maps->counters);
	if (!err)
		err = bpf_map__reuse_fd(events, maps->events);
	if (!err)
		err = bpf_map__reuse_fd(telling, maps->telling);
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
	if (p->skeleton) {
		switch (p->mode) {
		case IO_TC:
			clamp_tc__destroy(p->skeleton);
			break;
		case IO_XDP:
		case IO_XDP_GENERIC:
			clamp_xdp__destroy(p->skeleton);
			break;
		case IO_WIRE_TC:
			wire_tc__destroy(p->skeleton);
			break;
		case IO_WIRE_XDP:
			wire_xdp__destroy(p->skeleton);
			break;
		}
	}
	p->skeleton = NULL;
	p->object = NULL;
}
