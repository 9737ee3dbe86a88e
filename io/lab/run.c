/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes a network more than links: rules of nftables, and commands of this program.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parts.h"
#include "io/net/nft.h"

static void child(int end, const char *program, char *const argv[])
{
	int null = open("/dev/null", O_RDONLY);

	if (dup2(null, STDIN_FILENO) >= 0 && dup2(end, STDOUT_FILENO) >= 0 && dup2(end, STDERR_FILENO) >= 0)
		execv(program, argv);
	dprintf(end, "%s: %s", program, strerror(errno));
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
static int run(const char *program, char *const argv[], char *said, size_t room)
{
	int ends[2], status = 0;
	size_t got = 0;
	char rest[512];
	ssize_t n;
	pid_t pid;

	*said = '\0';
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (!pid)
		child(ends[1], program, argv);
	close(ends[1]);
	while (pid > 0) {
		bool fits = got < room - 1;

		n = read(ends[0], fits ? said + got : rest, fits ? room - 1 - got : sizeof(rest));
		if (!n || (n < 0 && errno != EINTR))
			break;
		got += n > 0 && fits ? (size_t)n : 0;
	}
	said[got] = '\0';
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return pid < 0 ? -EAGAIN : WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int io_lab_nft(const char *rules, struct tm_error *e)
{
	struct io_nft nft;
	int err = io_nft_open(&nft, e);

	if (err)
		return err;
	err = io_nft_run(&nft, rules, e);
	io_nft_close(&nft);
	return err;
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
	status = run(self, argv, said, sizeof(said));
	return status ? tm_error_code(e,
				      status == 4 ? -EPERM :
				      status == 5 ? -EOPNOTSUPP :
						    -EIO,
				      "tcpmss %s: %s", words, first_line(said)) :
			0;
}
