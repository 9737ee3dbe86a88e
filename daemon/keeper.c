/* SPDX-License-Identifier: BSD-2-Clause */
#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "notify.h"
#include "sandbox.h"

static int failed(const char *what)
{
	log_line(LOG_ERR, "%s: %s", what, strerror(errno));
	return DAEMON_FAILED;
}

/* Also where a descriptor was not open before. */
static void detach_stdio(int null)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
}

void keeper_ready(struct keeper *k)
{
	char status = DAEMON_OK;

	notify_send("READY=1");
	if (k->foreground)
		return;
	log_to_pipe(k->log);
	if (write(k->ready, &status, 1) < 0)
		log_line(LOG_WARNING, "whoever started this has gone");
	close(k->ready);
	k->ready = -1;
	detach_stdio(k->null);
}

void keeper_detach(struct keeper *k)
{
	if (k->foreground)
		return;
	log_to_pipe(k->log);
	detach_stdio(k->null);
}

/* In a worker that has ended before it served: the status for whoever waits. */
static int work(struct keeper *k)
{
	struct tm_error e;
	int err = sandbox_without_rings(&e);
	char status = err ? daemon_fail(err, &e) : k->work(k);

	if (k->ready >= 0 && write(k->ready, &status, 1) < 0)
		return DAEMON_FAILED;
	return status;
}

/* ---- the log of the worker */

struct lines {
	char text[LOG_LINE + 16];
	size_t len;
};

static void pass_lines(struct lines *l, int fd)
{
	ssize_t n = read(fd, l->text + l->len, sizeof(l->text) - 1 - l->len);
	char *end;

	if (n <= 0)
		return;
	l->len += n;
	l->text[l->len] = '\0';
	while ((end = memchr(l->text, '\n', l->len)) || l->len == sizeof(l->text) - 1) {
		size_t used = end ? end - l->text + 1 : l->len;

		if (end)
			*end = '\0';
		log_pass_on(l->text);
		memmove(l->text, l->text + used, l->len - used);
		l->len -= used;
	}
}

/* ---- the keeper */

static int ended(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	log_line(LOG_ERR, "the worker was ended by signal %d (%s)%s", WTERMSIG(status), strsignal(WTERMSIG(status)),
		 WTERMSIG(status) == SIGSYS ? ": a system call that it may not make" : "");
	return DAEMON_FAILED;
}

static int keep(pid_t worker, int signals, int log, int notices)
{
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN },
				{ .fd = log, .events = POLLIN },
				{ .fd = notices, .events = POLLIN } };
	struct signalfd_siginfo info;
	struct lines lines = { .len = 0 };
	int status;

	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			return failed("waiting");
		if (fds[1].revents & POLLIN)
			pass_lines(&lines, log);
		else if (fds[1].revents)
			fds[1].fd = -1; /* the worker has closed it */
		if (fds[2].revents & POLLIN)
			notify_pass_on(notices);
		else if (fds[2].revents)
			fds[2].fd = -1;
		if (!(fds[0].revents & POLLIN) || read(signals, &info, sizeof(info)) != sizeof(info))
			continue;
		if (info.ssi_signo != SIGCHLD)
			kill(worker, info.ssi_signo);
		else if (waitpid(worker, &status, WNOHANG) == worker)
			break;
	}
	while (fds[2].fd >= 0 && poll(&fds[2], 1, 0) > 0 && fds[2].revents & POLLIN)
		notify_pass_on(notices);
	while (fds[1].fd >= 0 && poll(&fds[1], 1, 0) > 0 && fds[1].revents & POLLIN)
		pass_lines(&lines, log);
	return ended(status);
}

static int start_worker(struct keeper *k, const sigset_t *blocked, const sigset_t *before)
{
	int pipes[2] = { -1, -1 }, notices[2] = { -1, -1 }, signals;
	struct tm_error e;
	pid_t worker;

	k->parent = getpid();
	signals = signalfd(-1, blocked, SFD_CLOEXEC);
	if (signals < 0 || (!k->foreground && pipe2(pipes, O_CLOEXEC | O_NONBLOCK)) ||
	    (notify_wanted() && socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, notices)))
		return failed("starting");
	worker = fork();
	if (worker < 0)
		return failed("starting");
	if (!worker) {
		k->log = pipes[1];
		close(signals);
		if (pipes[0] >= 0)
			close(pipes[0]);
		if (notify_wanted()) {
			close(notices[0]);
			notify_by(notices[1]);
		}
		pidfile_forget(&k->pidfile);
		sigprocmask(SIG_SETMASK, before, NULL);
		_exit(work(k));
	}
	k->let_go(k->ctx);
	if (notices[1] >= 0)
		close(notices[1]);
	if (!k->foreground) {
		close(pipes[1]);
		close(k->ready);
		detach_stdio(k->null);
		log_to_syslog();
	}
	if (sandbox_drop(SANDBOX_KEEPER, &e))
		log_line(LOG_WARNING, "%s", e.text);
	return keep(worker, signals, pipes[0], notices[0]);
}

static int keeper(struct keeper *k)
{
	sigset_t blocked, before;
	struct tm_error e;
	int err = pidfile_write(&k->pidfile, &e), status;

	if (err) {
		pidfile_remove(&k->pidfile);
		return daemon_fail(err, &e);
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGCHLD);
	sigprocmask(SIG_BLOCK, &blocked, &before);
	status = start_worker(k, &blocked, &before);
	pidfile_remove(&k->pidfile);
	return status;
}

/* In the process that the user started: waits for a byte. Without one the worker has failed and told why. */
static int wait_until_ready(int ready)
{
	char status;
	ssize_t n;

	do {
		n = read(ready, &status, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1 ? status : DAEMON_FAILED;
}

int keeper_run(struct keeper *k)
{
	int ready[2];
	pid_t pid;

	k->ready = k->log = k->null = -1;
	if (k->foreground)
		return keeper(k);
	k->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (k->null < 0 || pipe2(ready, O_CLOEXEC))
		return failed("starting");
	pid = fork();
	if (pid < 0)
		return failed("starting");
	if (pid) {
		close(ready[1]);
		pidfile_forget(&k->pidfile);
		k->let_go(k->ctx);
		return wait_until_ready(ready[0]);
	}
	close(ready[0]);
	k->ready = ready[1];
	setsid();
	if (chdir("/"))
		_exit(failed("changing to /"));
	_exit(keeper(k));
}
