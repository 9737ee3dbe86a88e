/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What processes of the daemon may not call: each case is a process of its own.
 */
#include "test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/sandbox.h"

/* Exit status of a process that does that, or minus the signal that has ended it. */
static int outcome(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int has_rings(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) >= 0 || errno != ENOSYS;
}

static int without_rings(void)
{
	struct tm_error e;

	return sandbox_without_rings(&e) ? 2 : has_rings();
}

/* As in a child of the manager, whose filter is there already. */
static int without_rings_twice(void)
{
	struct tm_error e;

	if (sandbox_without_rings(&e) || sandbox_filter_calls(SANDBOX_MANAGER, &e))
		return 2;
	if (has_rings() || sandbox_without_rings(&e) || sandbox_filter_calls(SANDBOX_FRONT, &e))
		return 3;
	return has_rings();
}

static void test_rings(void **state)
{
	assert_int_equal(outcome(without_rings), 0);
	assert_int_equal(outcome(without_rings_twice), 0);
}

static int filtered(enum sandbox_role role)
{
	struct tm_error e;

	return sandbox_filter_calls(role, &e);
}

static int front_opens(void)
{
	return filtered(SANDBOX_FRONT) ? 2 : open("/dev/null", O_RDONLY) < 0;
}

static int front_connects(void)
{
	return filtered(SANDBOX_FRONT) ? 2 : socket(AF_UNIX, SOCK_STREAM, 0) < 0;
}

static int queue_accepts(void)
{
	return filtered(SANDBOX_QUEUE) ? 2 : accept(-1, NULL, NULL) < 0;
}

static int manager_opens(void)
{
	return filtered(SANDBOX_MANAGER) ? 2 : open("/dev/null", O_RDONLY) < 0;
}

static int manager_runs(void)
{
	return filtered(SANDBOX_MANAGER) ? 2 : execl("/bin/true", "true", NULL);
}

static void test_calls(void **state)
{
	assert_int_equal(outcome(front_opens), -SIGSYS);
	assert_int_equal(outcome(front_connects), -SIGSYS);
	assert_int_equal(outcome(queue_accepts), -SIGSYS);
	assert_int_equal(outcome(manager_opens), 0);
	assert_int_equal(outcome(manager_runs), -SIGSYS);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(test_rings), cmocka_unit_test(test_calls) };

TEST_MAIN(tests, NULL, NULL)
