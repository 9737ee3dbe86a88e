/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf-error.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xdp/libxdp.h>

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

int io_bpf_error(struct tm_error *e, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return tm_error_code(
			e, -EPERM,
			"%s: not permitted: needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: run as root or grant them with setcap",
			what);
	if (err == -ENOSYS)
		return tm_error_code(e, err, "%s: this kernel has no BPF (CONFIG_BPF_SYSCALL)", what);
	return tm_error_code(e, err, "%s: %s", what, strerror(-err));
}

/* Without CAP_PERFMON the verifier allows less. */
static bool may_load(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };
	uint64_t has;

	if (syscall(SYS_capget, &head, sets))
		return true;
	has = (uint64_t)sets[1].effective << 32 | sets[0].effective;
	return has >> CAP_SYS_ADMIN & 1 || (has >> CAP_PERFMON & 1 && has >> CAP_BPF & 1);
}

int io_bpf_load_error(struct tm_error *e, int err, const char *what)
{
	/* The verifier says -EACCES mostly, -E2BIG for what is too long, -EINVAL for what it does not know. */
	if ((err == -EACCES || err == -E2BIG || err == -EINVAL) && may_load())
		return tm_error_code(e, -EOPNOTSUPP, "%s: this kernel's verifier refuses it: tcpmss -v shows why",
				     what);
	return io_bpf_error(e, err, what);
}
