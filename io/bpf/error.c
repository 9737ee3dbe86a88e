/* SPDX-License-Identifier: BSD-2-Clause */
#include "error.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xdp/libxdp.h>

#include "io/capability.h"

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
	return io_may(CAP_SYS_ADMIN) || (io_may(CAP_PERFMON) && io_may(CAP_BPF));
}

int io_bpf_load_error(struct tm_error *e, int err, const char *what)
{
	/* The verifier says -EACCES mostly, -E2BIG for what is too long, -EINVAL for what it does not know. */
	if ((err == -EACCES || err == -E2BIG || err == -EINVAL) && may_load())
		return tm_error_code(e, -EOPNOTSUPP, "%s: this kernel's verifier refuses it: tcpmss -v shows why",
				     what);
	return io_bpf_error(e, err, what);
}
