/* SPDX-License-Identifier: BSD-2-Clause */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static const int allowed[] = {
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
	/* libuv's loop */
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
	SCMP_SYS(restart_syscall),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(tgkill),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

int sandbox_keep_capability(int capability, bool change_user, struct tm_error *e)
{
	bool may_change = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETUID) &&
			  capng_have_capability(CAPNG_EFFECTIVE, CAP_SETGID);
	bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	bool held = capng_have_capability(CAPNG_EFFECTIVE, capability);
	const struct passwd *user = NULL;
	int err;

	if (change_user && may_change) {
		user = getpwnam("tcpmss");
		if (!user)
			user = getpwnam("nobody");
	}
	capng_clear(CAPNG_SELECT_ALL);
	if (held && capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, capability))
		return tm_error_code(e, -EPERM, "giving up capabilities: not possible");
	if (user)
		err = capng_change_id(user->pw_uid, user->pw_gid,
				      CAPNG_DROP_SUPP_GRP | (may_bound ? CAPNG_CLEAR_BOUNDING : 0));
	else
		err = capng_apply(may_bound ? CAPNG_SELECT_ALL : CAPNG_SELECT_CAPS);
	if (err)
		return tm_error_code(e, -EPERM, "giving up capabilities: step %d of libcap-ng failed", -err);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return tm_error_code(e, -errno, "no-new-privileges: %s", strerror(errno));
	return 0;
}

int sandbox_die_with(int parent, struct tm_error *e)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		return tm_error_code(e, -errno, "parent-death signal: %s", strerror(errno));
	if (getppid() != parent)
		return tm_error_code(e, -ESRCH, "the process that started this one has gone");
	return 0;
}

int sandbox_filter_calls(struct tm_error *e)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < sizeof(allowed) / sizeof(*allowed); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				       SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return err ? tm_error_code(e, err, "filtering system calls: %s", strerror(-err)) : 0;
}
