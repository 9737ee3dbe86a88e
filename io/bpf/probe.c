/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool io_probe_fib_mark(void)
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

static bool find_conntrack(void)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	__u32 id = 0;
	bool found;

	if (!kernel)
		return false;
	found = btf__find_by_name_kind(kernel, "bpf_skb_ct_lookup", BTF_KIND_FUNC) > 0;
	btf__free(kernel);
	return found || !bpf_btf_get_next_id(0, &id);
}

bool io_probe_conntrack(void)
{
	static int known = -1;

	if (known < 0)
		known = !getenv("TCPMSS_NO_CONNTRACK") && find_conntrack();
	return known;
}
