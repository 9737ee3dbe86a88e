/* SPDX-License-Identifier: BSD-2-Clause */
#include "load.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#include "io/bpf/error.h"

/* Number of the bit that makes a socket transparent, where the kernel has its flags in a word; else 0. */
static uint32_t transparent_bit(void)
{
	struct btf *btf = btf__load_vmlinux_btf();
	uint32_t bit = 0;

	for (uint32_t id = 1; btf && id < btf__type_cnt(btf); id++) {
		const struct btf_type *t = btf__type_by_id(btf, id);

		if (!btf_is_enum(t))
			continue;
		for (int i = 0; i < btf_vlen(t); i++)
			if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), "INET_FLAGS_TRANSPARENT"))
				bit = (uint32_t)btf_enum(t)[i].val;
	}
	btf__free(btf);
	return bit;
}

struct tm_tproxy_config io_tproxy_config(const struct tm_tproxy_plan *plan)
{
	struct tm_tproxy_config c = { .transparent = transparent_bit() };

	for (int i = 0; i < TM_FAMILIES; i++) {
		c.mark[PK_IPV4 + i] = plan->family[i].mark;
		c.mask[PK_IPV4 + i] = plan->family[i].on ? plan->family[i].mask : 0;
	}
	return c;
}

struct tproxy_tc *io_tproxy_load(const struct tm_tproxy_config *config, uint32_t link, int marked, struct tm_error *e)
{
	struct tproxy_tc *s = tproxy_tc__open();
	struct tm_tproxy_config *c = s ? (struct tm_tproxy_config *)&s->rodata->tm_config : NULL;
	int err = s ? bpf_map__reuse_fd(s->maps.tm_marked, marked) : -errno;

	if (!err) {
		*c = *config;
		c->link = link;
		err = tproxy_tc__load(s);
	}
	if (!err)
		return s;
	io_bpf_load_error(e, err, "loading the program that marks packet-too-big messages");
	tproxy_tc__destroy(s);
	errno = -err;
	return NULL;
}
