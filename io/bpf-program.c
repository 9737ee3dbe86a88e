/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf-program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xdp/libxdp.h>

#include "clamp_tc.skel.h"
#include "clamp_xdp.skel.h"
#include "wire_tc.skel.h"
#include "wire_xdp.skel.h"

static bool verbose_messages;

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list ap)
{
	return verbose_messages ? vfprintf(stderr, format, ap) : 0;
}

static int print_libxdp(enum libxdp_print_level level, const char *format, va_list ap)
{
	return verbose_messages ? vfprintf(stderr, format, ap) : 0;
}

void io_bpf_verbose(bool verbose)
{
	verbose_messages = verbose;
	libbpf_set_print(print_libbpf);
	libxdp_set_print(print_libxdp);
}

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

int io_bpf_error(struct tm_error *e, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return tm_error_code(e, -EPERM,
				     "%s: not permitted: needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: run as root or grant them with setcap",
				     what);
	if (err == -ENOSYS)
		return tm_error_code(e, err, "%s: this kernel has no BPF (CONFIG_BPF_SYSCALL)", what);
	return tm_error_code(e, err, "%s: %s", what, strerror(-err));
}

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
	maps->counters = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_counters", sizeof(__u32), sizeof(struct tm_bpf_counters),
					TM_DIRECTIONS, NULL);
	if (maps->counters < 0)
		return io_bpf_error(e, maps->counters, "creating the counters map");
	maps->events = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "tm_events", 0, 0, TM_EVENTS_BYTES, NULL);
	if (maps->events < 0)
		return io_bpf_error(e, maps->events, "creating the ring of events");
	maps->telling = bpf_map_create(BPF_MAP_TYPE_PERCPU_ARRAY, "tm_telling", sizeof(__u32), sizeof(struct tm_bpf_telling), 1, NULL);
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

/* Whether bpf_fib_lookup() takes a mark (Linux 6.10): older kernels refuse the flag they do not know. */
static bool fib_takes_mark(void)
{
	const struct bpf_insn insns[] = {
		/* params (64 bytes of stack) = { .family = AF_INET, .ifindex = 1 } */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -64, .imm = 2 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -56, .imm = 1 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -48, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -40, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -32, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -24, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -16, .imm = 0 },
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 1, .src_reg = 6 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -64 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 64 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 32 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_fib_lookup },
		/* -EINVAL is the answer to an unknown flag */
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 2 },
		{ .code = BPF_JMP | BPF_JNE | BPF_K, .dst_reg = 6, .imm = -EINVAL, .off = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char frame[64] = { 0 };
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame, .data_size_in = sizeof(frame));
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "tm_probe", "GPL", insns, sizeof(insns) / sizeof(*insns), NULL);
	bool takes = false;

	if (fd < 0)
		return false;
	if (!bpf_prog_test_run_opts(fd, &run))
		takes = run.retval == 2;
	close(fd);
	return takes;
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
	p->config->fib_mark = p->fib_mark = fib_takes_mark();
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

	if (err == -EACCES || err == -E2BIG || err == -EINVAL) /* missing privilege is EPERM */
		return tm_error_code(e, -EOPNOTSUPP, "this kernel's verifier refuses the BPF program: tcpmss -v shows why");
	return err ? io_bpf_error(e, err, "loading the BPF programs") : 0;
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
