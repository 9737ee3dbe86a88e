/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls by role (seccomp).
 */
#include <errno.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#include "sandbox.h"

/* What every role needs: open descriptors, memory, signals, time. No new files, sockets, programs or processes. */
static const int base[] = {
	/* packets, netlink, the log */
	SCMP_SYS(recvmmsg),
	SCMP_SYS(recvmsg),
	SCMP_SYS(recvfrom),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(read),
	SCMP_SYS(write),
	SCMP_SYS(close),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	/* loops */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(clock_gettime),
	/* memory; mmap and mprotect below */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	/* signals, and the end */
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack), /* of a build with sanitizers, before it exits */
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Clients come by listening sockets. */
static const int front[] = {
	SCMP_SYS(accept4),     SCMP_SYS(accept),      SCMP_SYS(shutdown),  SCMP_SYS(getsockopt),   SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(fcntl),	   SCMP_SYS(writev),	   SCMP_SYS(readv),
	SCMP_SYS(sendfile),    SCMP_SYS(ioctl),	      SCMP_SYS(fstat),	   SCMP_SYS(newfstatat),   SCMP_SYS(lseek),
	SCMP_SYS(eventfd2),    SCMP_SYS(pipe2),	      SCMP_SYS(getrandom), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(sched_yield),
};

/* Files come as descriptors; qsort() asks how much memory there is. */
static const int learner[] = { SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(fsync), SCMP_SYS(sysinfo) };

/* Programs and maps, netlink, the configuration and the BPF file system; children and what they do before they have less. */
static const int manager[] = {
	SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), /* libbpf asks what the kernel has */
	/* sockets */
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(bind),
	SCMP_SYS(listen),
	SCMP_SYS(connect),
	SCMP_SYS(accept4),
	SCMP_SYS(accept),
	SCMP_SYS(shutdown),
	SCMP_SYS(getsockopt),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(writev),
	SCMP_SYS(readv),
	SCMP_SYS(sendfile),
	/* files */
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(statfs),
	SCMP_SYS(fstatfs),
	SCMP_SYS(access),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fsync),
	SCMP_SYS(flock),
	SCMP_SYS(mkdir),
	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(rename),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(chmod),
	SCMP_SYS(fchmod),
	SCMP_SYS(fchmodat),
	SCMP_SYS(chown),
	SCMP_SYS(fchown),
	SCMP_SYS(fchownat),
	SCMP_SYS(umask),
	SCMP_SYS(mount), /* the BPF file system, where there is none */
	SCMP_SYS(getcwd),
	SCMP_SYS(memfd_create),
	SCMP_SYS(fcntl),
	SCMP_SYS(ioctl),
	SCMP_SYS(dup),
	SCMP_SYS(pipe2),
	SCMP_SYS(eventfd2),
	SCMP_SYS(select), /* libnftables waits for answers */
	SCMP_SYS(pselect6),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(timerfd_create),
	SCMP_SYS(timerfd_settime),
	/* what libraries ask */
	SCMP_SYS(uname),
	SCMP_SYS(sysinfo),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrlimit),
	SCMP_SYS(setrlimit),
	SCMP_SYS(prlimit64),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(nanosleep),
	SCMP_SYS(time),
	SCMP_SYS(getuid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getegid),
	SCMP_SYS(getppid),
	/* children */
	SCMP_SYS(clone),
	SCMP_SYS(fork),
	SCMP_SYS(wait4),
	SCMP_SYS(kill),
	SCMP_SYS(close_range),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(setgroups),
	SCMP_SYS(getgroups),
	SCMP_SYS(setresuid),
	SCMP_SYS(setresgid),
	SCMP_SYS(setuid),
	SCMP_SYS(setgid),
	SCMP_SYS(capget),
	SCMP_SYS(capset),
	SCMP_SYS(prctl),
	SCMP_SYS(seccomp),
};

static int allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return err;
}

/* No memory that is written and run. */
static int allow_memory(scmp_filter_ctx filter)
{
	int err =
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));

	return err ? err :
		     seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

static int refuse_rings(scmp_filter_ctx filter)
{
	return seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(io_uring_setup), 0);
}

/* Puts it in force and frees it. */
static int load(scmp_filter_ctx filter, int err, struct tm_error *e)
{
	if (!err)
		err = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return err ? tm_error_code(e, err, "filtering system calls: %s", strerror(-err)) : 0;
}

int sandbox_without_rings(struct tm_error *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	return load(filter, filter ? refuse_rings(filter) : -ENOMEM, e);
}

int sandbox_filter_calls(enum sandbox_role role, struct tm_error *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? allow(filter, base, sizeof(base) / sizeof(*base)) : -ENOMEM;

	if (!err && (role == SANDBOX_MANAGER || role == SANDBOX_MANAGER_XDP))
		err = allow(filter, manager, sizeof(manager) / sizeof(*manager));
	if (!err && role == SANDBOX_FRONT)
		err = allow(filter, front, sizeof(front) / sizeof(*front));
	if (!err && role == SANDBOX_LEARNER)
		err = allow(filter, learner, sizeof(learner) / sizeof(*learner));
	if (!err)
		err = allow_memory(filter);
	if (!err)
		err = refuse_rings(filter); /* a child of this one asks again */
	return load(filter, err, e);
}
