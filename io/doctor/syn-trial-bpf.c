/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trial SYNs that BPF moves: onto a device's ingress, or through a program that is attached already.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/bpf/program.h"
#include "syn-trial.h"

/* A program that is on no device: it hands a copy of what it is run on to the ingress of one. */
static int load_mover(uint32_t ifindex)
{
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 2, .imm = (int)ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = BPF_F_INGRESS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_clone_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tm_mover", "GPL", insns, sizeof(insns) / sizeof(*insns), NULL);
}

int io_trial_put(uint32_t ifindex, const struct tm_trial *t, const struct tm_frame *frame, struct tm_error *e)
{
	uint8_t bytes[PK_ETH_HEADER + TM_TRIAL_ROOM] = { 0 };
	uint32_t before = t->link == PK_LINK_ETHERNET ? 0 : PK_ETH_HEADER;
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = bytes, .data_size_in = before + frame->len);
	int fd = load_mover(ifindex), err = 0;

	if (fd < 0)
		return io_bpf_load_error(e, fd, "loading the program that puts a packet on the device");
	if (before) { /* the kernel takes it off where the device has none */
		bytes[12] = t->family == PK_IPV4 ? PK_ETH_IPV4 >> 8 : PK_ETH_IPV6 >> 8;
		bytes[13] = t->family == PK_IPV4 ? PK_ETH_IPV4 & 0xff : PK_ETH_IPV6 & 0xff;
	}
	memcpy(bytes + before, frame->bytes, frame->len);
	if (bpf_prog_test_run_opts(fd, &run))
		err = io_bpf_error(e, -errno, "putting a packet on the device");
	else if (run.retval)
		err = tm_error_code(e, -EIO, "the kernel did not put the packet on the device: %s",
				    (int)run.retval < 0 ? strerror(-(int)run.retval) : "it was dropped");
	close(fd);
	return err;
}

int io_trial_run(uint32_t program, bool xdp, uint32_t ifindex, struct tm_frame *frame, uint32_t *verdict,
		 struct tm_error *e)
{
	struct xdp_md xdp_context = { .data_end = frame->len, .ingress_ifindex = ifindex };
	struct __sk_buff tc_context = { .ifindex = ifindex };
	uint8_t out[TM_TRIAL_ROOM];
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = frame->bytes, .data_size_in = frame->len, .data_out = out,
		    .data_size_out = sizeof(out), .ctx_in = xdp ? (void *)&xdp_context : (void *)&tc_context,
		    .ctx_size_in = xdp ? sizeof(xdp_context) : sizeof(tc_context));
	int fd = bpf_prog_get_fd_by_id(program), err = 0;

	if (fd == -EPERM)
		return tm_error_code(e, fd, "opening the program that is attached needs CAP_SYS_ADMIN");
	if (fd < 0)
		return io_bpf_error(e, fd, "opening the program that is attached");
	if (bpf_prog_test_run_opts(fd, &run))
		err = io_bpf_error(e, -errno, "running the program that is attached");
	close(fd);
	if (err)
		return err;
	frame->len = run.data_size_out;
	memcpy(frame->bytes, out, frame->len);
	*verdict = run.retval;
	return 0;
}
