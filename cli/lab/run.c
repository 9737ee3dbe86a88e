/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss lab run NETWORK -- COMMAND
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/lab/lab.h"
#include "lab.h"

static const char help[] = "usage: tcpmss lab run NETWORK [options of up] -- COMMAND …\n\n"
			   "Makes a network, runs a command, and takes the network away. The command runs outside\n"
			   "of it; TCPMSS_LAB names the lab to it, so that 'tcpmss lab exec HOST -- …' in there means\n"
			   "this one. Without --name it has a name of its own: several can run at once. The exit\n"
			   "status is that of the command.\n\n"
			   "Options of up: --mtu, --blackhole, --raise-mss, --narrow, --bare, --offload, --gro,\n"
			   "--name, --quiet.\n\n"
			   "Examples:\n"
			   "  tcpmss lab run path --blackhole -- ./my-test.sh\n"
			   "  tcpmss lab run proxy -- bash\n";

/* A signal that would end us ends the command; then it is time to clean up. Looked at now and then: one may come at any moment. */
static int wait_for(pid_t pid, const volatile bool *stop)
{
	struct pollfd end = { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN };
	bool told = false;
	int status = 0;

	while (end.fd >= 0 && poll(&end, 1, 100) < 1) {
		if (*stop && !told)
			kill(pid, SIGTERM);
		told = *stop;
	}
	close(end.fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *name, char **command, const volatile bool *stop)
{
	pid_t pid = fork();

	if (!pid) {
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		_exit(cli_lab_become(name, command));
	}
	if (pid > 0)
		return wait_for(pid, stop);
	fprintf(stderr, "tcpmss: starting %s: %s\n", command[0], strerror(errno));
	return CLI_FAILED;
}

int cli_lab_run(int argc, char **argv)
{
	const volatile bool *stop = cli_lab_catch();
	struct cli_lab_options o;
	struct tm_lab lab;
	struct tm_error e;
	int status, err;
	bool found;

	if (!cli_lab_options("lab run", help, argc, argv, &o, &status))
		return status;
	if (optind == argc)
		return cli_usage("lab run", "which command?");
	if (!o.named)
		snprintf(o.name, sizeof(o.name), "run%d", (int)getpid());
	tm_lab_plan(&lab, o.name, o.network, &o.choice);
	err = io_lab_up(&lab, stop, &e);
	if (err)
		return cli_fail(err, &e);
	status = run(o.name, argv + optind, stop);
	err = io_lab_down(o.name, &found, &e);
	return err ? cli_fail(err, &e) : status;
}
