/* SPDX-License-Identifier: BSD-2-Clause */
#include "firewall.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUTPUT (32u << 20) /* bytes that a program may print */
#define PATIENCE 5000 /* milliseconds */

/* Without a way to find programs of ours by a PATH that somebody else set. */
static bool find(const char *name, char path[64])
{
	static const char *const folders[] = { "/usr/sbin", "/sbin", "/usr/bin" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, 64, "%s/%s", folders[i], name);
		if (!access(path, X_OK))
			return true;
	}
	return false;
}

/* All that comes, NUL at its end; NULL where it is too much, too late or fails. The caller frees it. */
static char *read_all(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char *text = malloc(65536);
	size_t used = 0, room = text ? 65536 : 0;

	while (text) {
		ssize_t n = poll(&p, 1, PATIENCE) == 1 ? read(fd, text + used, room - used - 1) : -1;
		char *more;

		if (!n) {
			text[used] = 0;
			return text;
		}
		if (n > 0)
			used += n;
		if (n < 0 || used == OUTPUT - 1)
			break;
		if (used < room - 1)
			continue;
		room *= 2;
		more = realloc(text, room);
		if (!more)
			break;
		text = more;
	}
	free(text);
	return NULL;
}

/* What a program prints; NULL where it is not there or fails. The caller frees it. */
static char *output_of(char *const argv[])
{
	char *const environment[] = { "LC_ALL=C", NULL };
	posix_spawn_file_actions_t actions;
	int pipes[2], status = -1;
	char path[64], *text = NULL;
	pid_t pid;

	if (!find(argv[0], path) || pipe2(pipes, O_CLOEXEC))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawn(&pid, path, &actions, NULL, argv, environment))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (pid > 0) {
		text = read_all(pipes[0]);
		if (!text)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	close(pipes[0]);
	if (!status)
		return text;
	free(text);
	return NULL;
}

/* Whether the older iptables has any table; looking with the program would make some. */
static bool legacy_there(const char *names)
{
	int fd = open(names, O_RDONLY | O_CLOEXEC);
	char byte;
	bool there = fd >= 0 ? read(fd, &byte, 1) == 1 : errno == EACCES;

	if (fd >= 0)
		close(fd);
	return there;
}

static bool iptables(struct tm_firewall *w, const char *program, const char *save)
{
	char *argv[] = { (char *)save, NULL };
	char *text = output_of(argv);

	if (text)
		tm_firewall_iptables(w, program, text);
	free(text);
	return text;
}

bool io_firewall_read(struct tm_firewall *w)
{
	char *nft[] = { "nft", "-n", "list", "ruleset", NULL };
	char path[64], *text;
	bool read = true;

	*w = (struct tm_firewall){ 0 };
	if (legacy_there("/proc/net/ip_tables_names"))
		read &= iptables(w, "iptables", "iptables-legacy-save") || iptables(w, "iptables", "iptables-save");
	if (legacy_there("/proc/net/ip6_tables_names"))
		read &= iptables(w, "ip6tables", "ip6tables-legacy-save") || iptables(w, "ip6tables", "ip6tables-save");
	if (find("iptables-nft-save", path)) {
		read &= iptables(w, "iptables", "iptables-nft-save");
		read &= iptables(w, "ip6tables", "ip6tables-nft-save");
	}
	text = output_of(nft);
	if (text)
		tm_firewall_nft(w, text);
	else
		read = false;
	free(text);
	return read;
}

static void name_of(uint32_t pid, char name[16])
{
	char path[64];
	FILE *f;

	*name = 0;
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(name, 16, f))
		*name = 0;
	name[strcspn(name, "\n")] = 0;
	fclose(f);
}

/* A line of the file: queue number, netlink port of the reader (its process id most often), and more. */
size_t io_queue_listeners(struct tm_listener *list, size_t room)
{
	FILE *f = fopen("/proc/net/netfilter/nfnetlink_queue", "re");
	unsigned queue, port;
	char line[256];
	size_t count = 0;

	while (f && count < room && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%u %u", &queue, &port) != 2)
			continue;
		list[count].queue = queue;
		name_of(port, list[count++].program);
	}
	if (f)
		fclose(f);
	return count;
}
