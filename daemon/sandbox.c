/* SPDX-License-Identifier: BSD-2-Clause */
#include "sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define CAP(name) (1ULL << CAP_##name)

/*
 * Programs are loaded and attached with the first three; SETUID and SETGID let children become another user; and the pins of another
 * user, who ran tcpmss before, are ours, too.
 */
#define MANAGER (CAP(BPF) | CAP(NET_ADMIN) | CAP(PERFMON) | CAP(SETUID) | CAP(SETGID) | CAP(DAC_OVERRIDE))

static const struct {
	uint64_t keep;
	bool change_user;
} roles[SANDBOX_ROLES] = {
	[SANDBOX_KEEPER] = { CAP(KILL), false },
	[SANDBOX_MANAGER] = { MANAGER, false },
	[SANDBOX_MANAGER_XDP] = { MANAGER | CAP(SYS_ADMIN), false }, /* libxdp's dispatcher (io/bpf/xdp.h) */
	[SANDBOX_QUEUE] = { CAP(NET_ADMIN), true }, /* verdicts */
	[SANDBOX_FRONT] = { 0, true },
	[SANDBOX_LEARNER] = { 0, true },
};

static bool may(int cap)
{
	return capng_have_capability(CAPNG_EFFECTIVE, cap);
}

int sandbox_check_manager(struct tm_error *e)
{
	bool admin = may(CAP_SYS_ADMIN); /* stands for both */

	if (may(CAP_NET_ADMIN) && (admin || (may(CAP_BPF) && may(CAP_PERFMON))))
		return 0;
	return tm_error_code(e, -EPERM, "tcpmssd -f needs CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON: run it as root, or as a service");
}

/* Who the children become. Looked up once: that loads libraries, which a process with a filter may not. */
static const struct passwd *stranger(void)
{
	static struct passwd found;
	static bool looked, there;
	const struct passwd *user;

	if (!looked) {
		user = getpwnam("tcpmss");
		if (!user)
			user = getpwnam("nobody");
		if (user)
			found = *user;
		there = user;
		looked = true;
	}
	return there ? &found : NULL; /* its numbers only */
}

int sandbox_drop(enum sandbox_role role, struct tm_error *e)
{
	bool may_change = may(CAP_SETUID) && may(CAP_SETGID);
	bool may_bound = may(CAP_SETPCAP);
	const struct passwd *user = stranger();
	uint64_t held = 0;
	int err = 0;

	if (!roles[role].change_user || !may_change)
		user = NULL;
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (roles[role].keep >> cap & 1 && may(cap))
			held |= 1ULL << cap;
	capng_clear(CAPNG_SELECT_ALL);
	for (int cap = 0; cap <= CAP_LAST_CAP && !err; cap++)
		if (held >> cap & 1)
			err = capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, cap);
	if (err)
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
