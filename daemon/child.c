/* SPDX-License-Identifier: BSD-2-Clause */
#include "child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

#define PAUSE_FIRST 100 /* ms */
#define PAUSE_MOST 5000
#define STEADY 10000 /* ms of life after which a death is the first again */
#define STOP_WAIT 1000 /* ms */

static struct {
	uv_loop_t *loop;
	struct keeper *keeper;
	uv_signal_t signal;
	uv_timer_t timer;
	struct child *first;
} all;

static void look(void);

static void on_due(uv_timer_t *timer)
{
	look();
}

/* Lets the timer come when the next one is to be started. */
static void set_timer(void)
{
	uint64_t now = uv_now(all.loop), next = 0;

	for (struct child *c = all.first; c; c = c->next)
		if (c->due && (!next || c->due < next))
			next = c->due;
	uv_timer_stop(&all.timer);
	if (next)
		uv_timer_start(&all.timer, on_due, next > now ? next - now : 0, 0);
}

/* ---- in the new process */

/* Closes all but the standard files and these; for descriptors inherited from the manager only it has use. */
static void close_others(const int *keep, size_t count)
{
	unsigned next = STDERR_FILENO + 1;

	for (;;) {
		unsigned lowest = ~0U;

		for (size_t i = 0; i < count; i++)
			if (keep[i] >= (int)next && (unsigned)keep[i] < lowest)
				lowest = (unsigned)keep[i];
		if (lowest != next)
			close_range(next, lowest == ~0U ? lowest : lowest - 1, 0);
		if (lowest == ~0U)
			return;
		next = lowest + 1;
	}
}

/*
 * The manager's handlers write into its event loop, so none may run here. A terminal and systemd send signals to all processes: what
 * they mean, the manager tells.
 */
static void forget_signals(const sigset_t *before)
{
	static const int ours[] = { SIGTERM, SIGINT, SIGHUP };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		signal(ours[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
}

static void become(struct child *c, int channel, const sigset_t *before)
{
	int keep[CHILD_KEEPS + 2] = { channel, all.keeper->log };

	memcpy(keep + 2, c->keep, sizeof(c->keep));
	forget_signals(before);
	keeper_detach(all.keeper);
	close_others(keep, CHILD_KEEPS + 2);
	_exit(c->run(c->ctx, channel));
}

/* ---- in the manager */

static int split(struct child *c, struct tm_error *e)
{
	sigset_t every, before;
	int pair[2], err = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return tm_error_code(e, -errno, "%s: socketpair: %s", c->what, strerror(errno));
	sigfillset(&every);
	sigprocmask(SIG_SETMASK, &every, &before);
	c->pid = fork();
	if (!c->pid)
		become(c, pair[1], &before);
	if (c->pid < 0) {
		err = tm_error_code(e, -errno, "%s: fork: %s", c->what, strerror(errno));
		c->pid = 0;
		close(pair[0]);
	} else {
		c->channel = pair[0];
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	return err;
}

static int try_start(struct child *c, struct tm_error *e)
{
	int err = c->prepare ? c->prepare(c->ctx, e) : 0;

	if (!err) {
		err = split(c, e);
		if (c->started)
			c->started(c->ctx);
	}
	c->since = uv_now(all.loop);
	c->due = 0;
	if (err)
		c->due = c->since + c->pause;
	c->pause = c->pause * 2 < PAUSE_MOST ? c->pause * 2 : PAUSE_MOST;
	return err;
}

static void tell_end(const struct child *c, int status)
{
	if (WIFEXITED(status))
		log_line(LOG_ERR, "%s has ended with status %d; it is started again", c->what, WEXITSTATUS(status));
	else
		log_line(LOG_ERR, "%s was ended by signal %d (%s)%s; it is started again", c->what, WTERMSIG(status),
			 strsignal(WTERMSIG(status)),
			 WTERMSIG(status) == SIGSYS ? ": a system call that it may not make" : "");
}

static void bury(struct child *c)
{
	if (c->ended)
		c->ended(c->ctx);
	close(c->channel);
	c->channel = -1;
	c->pid = 0;
}

/* Starts what has died or could not be started, when its time has come. */
static void look(void)
{
	struct tm_error e;
	int status;

	uv_update_time(all.loop);
	for (struct child *c = all.first, *next; c; c = next) {
		next = c->next;
		if (c->pid && waitpid(c->pid, &status, WNOHANG) == c->pid) {
			tell_end(c, status);
			bury(c);
			if (uv_now(all.loop) - c->since >= STEADY)
				c->pause = PAUSE_FIRST;
			c->due = uv_now(all.loop) + (c->pause == PAUSE_FIRST ? 0 : c->pause);
		}
		if (!c->pid && c->due && c->due <= uv_now(all.loop) && try_start(c, &e))
			log_line(LOG_ERR, "%s: %s", c->what, e.text);
	}
	set_timer();
}

static void on_child(uv_signal_t *handle, int signal)
{
	look();
}

int children_init(uv_loop_t *loop, struct keeper *k)
{
	int err;

	all.loop = loop;
	all.keeper = k;
	err = uv_timer_init(loop, &all.timer);
	if (!err)
		err = uv_signal_init(loop, &all.signal);
	return err ? err : uv_signal_start(&all.signal, on_child, SIGCHLD);
}

int child_start(struct child *c, struct tm_error *e)
{
	int err;

	uv_update_time(all.loop);
	c->channel = -1;
	c->pause = PAUSE_FIRST / 2;
	c->next = all.first;
	all.first = c;
	err = try_start(c, e);
	set_timer();
	return err;
}

void child_cut_off(struct child *c)
{
	if (c->pid)
		shutdown(c->channel, SHUT_RDWR);
}

void child_stop(struct child *c)
{
	struct pollfd end;

	for (struct child **link = &all.first; *link; link = &(*link)->next)
		if (*link == c) {
			*link = c->next;
			break;
		}
	set_timer();
	if (!c->pid)
		return;
	shutdown(c->channel, SHUT_WR);
	end = (struct pollfd){ .fd = c->channel };
	if (poll(&end, 1, STOP_WAIT) <= 0 || waitpid(c->pid, NULL, 0) != c->pid)
		log_line(LOG_WARNING, "%s does not end in time", c->what);
	close(c->channel);
	c->channel = -1;
	c->pid = 0;
}
