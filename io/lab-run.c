/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs that `up` runs: with some text on standard input, failing with what they say last.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab-parts.h"

static void child(int end, const char *program, char *const argv[])
{
	if (dup2(end, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0 && dup2(end, STDERR_FILENO) >= 0)
		execvp(program, argv);
	dprintf(end, "%s", errno == ENOENT ? "there is no such program" : strerror(errno));
	_exit(127);
}

/* The first line that says something, without its end. */
static char *first_line(char *said)
{
	said += strspn(said, "\n ");
	said[strcspn(said, "\n")] = '\0';
	return said;
}

/* `said` has the output in the end, as far as it fits. The exit status, or −errno. */
static int run(const char *program, char *const argv[], const char *text, char *said, size_t room)
{
	size_t got = 0, size = strlen(text), sent = 0;
	int ends[2], status = 0;
	char rest[512];
	ssize_t n;
	pid_t pid;

	*said = '\0';
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	pid = fork();
	if (!pid)
		child(ends[1], program, argv);
	close(ends[1]);
	/* the text is far smaller than the socket's buffer */
	while (pid > 0 && sent < size && (n = send(ends[0], text + sent, size - sent, MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	shutdown(ends[0], SHUT_WR);
	while (pid > 0 && ((n = read(ends[0], got < room - 1 ? said + got : rest,
				     got < room - 1 ? room - 1 - got : sizeof(rest))) > 0 ||
			   (n < 0 && errno == EINTR)))
		got += n > 0 && got < room - 1 ? (size_t)n : 0;
	said[got] = '\0';
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -EAGAIN : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int io_lab_nft(const char *rules, struct tm_error *e)
{
	char *argv[] = { "nft", "-f", "-", NULL }, said[200];
	int status = run("nft", argv, rules, said, sizeof(said));

	if (status == 127)
		return tm_error_code(e, -ENOENT, "this network needs the program nft (package nftables): %s",
				     first_line(said));
	return status ? tm_error_code(e, -EIO, "nft, exit status %d: %s", status, first_line(said)) : 0;
}

int io_lab_tcpmss(const char *words, struct tm_error *e)
{
	char copy[sizeof(((struct tm_lab_start *)0)->words)], said[200], *argv[16] = { "tcpmss" }, *rest = copy;
	char self[PATH_MAX]; /* a process is called like the file it runs */
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	size_t count = 1;
	int status;

	if (n < 0)
		return tm_error_code(e, -errno, "/proc/self/exe: %s", strerror(errno));
	self[n] = '\0';
	snprintf(copy, sizeof(copy), "%s", words);
	while (count < sizeof(argv) / sizeof(*argv) - 1 && (argv[count] = strsep(&rest, " ")))
		count++;
	argv[count] = NULL;
	status = run(self, argv, "", said, sizeof(said));
	return status ? tm_error_code(e,
				      status == 4 ? -EPERM :
				      status == 5 ? -EOPNOTSUPP :
						    -EIO,
				      "tcpmss %s: %s", words, first_line(said)) :
			0;
}
