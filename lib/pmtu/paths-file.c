/* SPDX-License-Identifier: BSD-2-Clause */
#include "paths-file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/rules.h"

/*
 * tcpmss paths 1
 * tag IFINDEX MTU [DEVICE]
 * static ADDRESS MTU [DEVICE]
 * sum CHECKSUM          of all bytes before this line
 */
static const char first[] = "tcpmss paths 1\n";

#define LINE_MOST 128

/* FNV-1a: against what breaks, not against who forges. */
static uint32_t checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 2166136261u;

	for (size_t i = 0; i < length; i++)
		sum = (sum ^ bytes[i]) * 16777619u;
	return sum;
}

char *tm_paths_head_text(const struct tm_paths_head *head, size_t *length)
{
	char *text = NULL, address[INET6_ADDRSTRLEN];
	FILE *f = open_memstream(&text, length);
	bool failed;

	if (!f)
		return NULL;
	fputs(first, f);
	for (size_t i = 0; i < head->tag_count; i++)
		fprintf(f, "tag %u %u %s\n", head->tags[i].ifindex, head->tags[i].mtu, head->tags[i].device);
	for (size_t i = 0; i < head->static_count; i++) {
		const struct tm_static *s = &head->statics[i];

		if (s->configured)
			continue;
		inet_ntop(s->ipv6 ? AF_INET6 : AF_INET, s->addr, address, sizeof(address));
		fprintf(f, "static %s %u %s\n", address, s->mtu, s->device);
	}
	failed = fflush(f);
	if (!failed)
		fprintf(f, "sum %08x\n", checksum((const uint8_t *)text, *length));
	if (fclose(f) || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* The words of a line, cut up in place; more than `most` count as one too many. */
static unsigned split(char *line, char **words, unsigned most)
{
	unsigned count = 0;
	char *rest = NULL;

	for (char *w = strtok_r(line, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		if (count == most)
			return most + 1;
		words[count++] = w;
	}
	return count;
}

static bool take_device(char device[TM_DEVICE_NAME], const char *word)
{
	if (!tm_device_name_good(word))
		return false;
	strcpy(device, word);
	return true;
}

static bool read_tag(struct tm_tag *t, char **words, unsigned count)
{
	unsigned ifindex, mtu;

	*t = (struct tm_tag){ 0 };
	if (count < 3 || !tm_number(words[1], 0, INT32_MAX, &ifindex) || !tm_number(words[2], 0, TM_MTU_MAX, &mtu) ||
	    (ifindex ? count != 4 || !take_device(t->device, words[3]) : count != 3))
		return false;
	t->ifindex = ifindex;
	t->mtu = mtu;
	return true;
}

static bool read_static(struct tm_static *s, char **words, unsigned count)
{
	unsigned mtu;

	*s = (struct tm_static){ 0 };
	if (count < 3)
		return false;
	s->ipv6 = inet_pton(AF_INET6, words[1], s->addr) == 1;
	if ((!s->ipv6 && inet_pton(AF_INET, words[1], s->addr) != 1) ||
	    !tm_number(words[2], tm_pmtu_floor(s->ipv6), TM_MTU_MAX, &mtu) ||
	    (count == 4 && !take_device(s->device, words[3])))
		return false;
	s->mtu = mtu;
	return true;
}

/* Room for one more behind `count`. NULL without memory, and the list stays. */
static void *grow(void *list, size_t count, size_t size)
{
	return count & (count - 1) ? list : reallocarray(list, count ? count * 2 : 1, size);
}

static int take_line(struct tm_paths_head *head, char *line)
{
	char *words[4];
	unsigned count = split(line, words, 4);

	if (count > 4 || !count)
		return -EINVAL;
	if (!strcmp(words[0], "tag")) {
		struct tm_tag *tags = grow(head->tags, head->tag_count, sizeof(*tags));

		if (!tags)
			return -ENOMEM;
		head->tags = tags;
		return read_tag(&tags[head->tag_count++], words, count) ? 0 : -EINVAL;
	}
	if (!strcmp(words[0], "static")) {
		struct tm_static *statics = grow(head->statics, head->static_count, sizeof(*statics));

		if (!statics)
			return -ENOMEM;
		head->statics = statics;
		return read_static(&statics[head->static_count++], words, count) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static int broken(struct tm_paths_head *head, const char *what, struct tm_error *e)
{
	tm_paths_head_free(head);
	return tm_error(e, "%s", what);
}

int tm_paths_head_read(struct tm_paths_head *head, const uint8_t *bytes, size_t *length, struct tm_error *e)
{
	size_t at = sizeof(first) - 1, next;
	char line[LINE_MOST + 1], sum[16];
	int err;

	*head = (struct tm_paths_head){ 0 };
	if (*length < at || memcmp(bytes, first, at))
		return broken(head, "is no file of learned paths", e);
	for (;; at = next) {
		const uint8_t *end = memchr(bytes + at, '\n', *length - at);
		size_t n = end ? (size_t)(end - (bytes + at)) : 0;

		if (!end || n > LINE_MOST || memchr(bytes + at, '\0', n))
			return broken(head, "ends in its first part", e);
		memcpy(line, bytes + at, n);
		line[n] = '\0';
		next = at + n + 1;
		if (!strncmp(line, "sum ", 4))
			break;
		err = take_line(head, line);
		if (err == -ENOMEM) {
			broken(head, "out of memory", e);
			return err;
		}
		if (err)
			return broken(head, "has a line that no such file has", e);
	}
	snprintf(sum, sizeof(sum), "sum %08x", checksum(bytes, at));
	if (strcmp(line, sum))
		return broken(head, "has bytes that have changed", e);
	*length = next;
	return 0;
}

void tm_paths_head_free(struct tm_paths_head *head)
{
	free(head->tags);
	free(head->statics);
	*head = (struct tm_paths_head){ 0 };
}
