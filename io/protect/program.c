/* SPDX-License-Identifier: BSD-2-Clause */
#include "program.h"

#include <errno.h>

#include "io/bpf/probe.h"
#include "protect_tc.skel.h"
#include "protect_tc_alone.skel.h"
#include "protect_xdp.skel.h"
#include "protect_xdp_alone.skel.h"
#include "io/bpf/skeleton.h"

IO_SKELETON(protect_tc)
IO_SKELETON(protect_tc_alone)
IO_SKELETON(protect_xdp)
IO_SKELETON(protect_xdp_alone)

/* The one that fits: those that ask conntrack only where it can be asked. */
static void open_skeleton(struct io_program *p)
{
	bool conntrack = io_probe_conntrack();

	if (io_mode_is_xdp(p->mode)) {
		if (conntrack)
			IO_OPEN_SKELETON(p, protect_xdp);
		else
			IO_OPEN_SKELETON(p, protect_xdp_alone);
	} else if (conntrack) {
		IO_OPEN_SKELETON(p, protect_tc);
	} else {
		IO_OPEN_SKELETON(p, protect_tc_alone);
	}
}

static int use(const struct io_program *p, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(p->object, name);

	return map ? bpf_map__reuse_fd(map, fd) : -ENOENT;
}

int io_protect_program_open(struct io_program *p, enum io_mode mode, const struct io_protect_maps *maps,
			    unsigned device, uint32_t link, const struct io_learn_maps *learn, uint32_t tag,
			    struct tm_error *e)
{
	struct tm_protect_config *config;
	int err;

	*p = (struct io_program){ .mode = mode, .directions = 1 << TM_IN, .name = "tcpmss_protect" };
	open_skeleton(p);
	if (!p->skeleton)
		return io_bpf_error(e, -errno, "opening the BPF object");
	config = p->constants;
	config->link = link;
	config->device = device;
	config->services_words = maps->services_words;
	config->fib_mark = p->fib_mark = io_probe_fib_mark();
	err = use(p, "tm_services", maps->services);
	if (!err)
		err = use(p, ".data.protect", maps->state);
	if (!err)
		err = use(p, "tm_counters", maps->counters);
	if (!err)
		err = use(p, "tm_servers", maps->servers);
	if (!err && mode == IO_TC)
		err = use(p, "tm_half_open", maps->half_open);
	if (!err && learn) {
		config->learned_lines = learn->lines;
		config->tag = tag;
		err = use(p, "tm_learned", learn->learned);
	}
	return err ? io_bpf_error(e, err, "handing the maps to the programs") : 0;
}
