/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The blocks path-mtu-discovery and path: what their words mean.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "lib/options.h"

static void take_words(struct tm_config_discovery *x, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	int i;

	if (d->words[TM_SET_OLD_ROUTER]) {
		i = tm_word_index(tm_old_router_words, d->words[TM_SET_OLD_ROUTER]);
		x->old_router = i < 0 ? TM_OLD_ROUTER_SEED : (enum tm_old_router)i;
		if (i < 0)
			tm_config_wrong(d, TM_SET_OLD_ROUTER, errors, "is not seed, rfc1191 or off");
	}
	if (d->words[TM_SET_RAISE]) {
		i = tm_word_index(tm_raise_words, d->words[TM_SET_RAISE]);
		x->raise = i < 0 ? TM_RAISE_PLATEAU : (enum tm_raise)i;
		if (i < 0)
			tm_config_wrong(d, TM_SET_RAISE, errors, "is not plateau or jump");
	}
}

static void take_aging(struct tm_config_discovery *x, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	if (d->words[TM_SET_AGING] && !tm_number(d->words[TM_SET_AGING], 10, 30, &x->aging))
		tm_config_wrong(d, TM_SET_AGING, errors, "is not a number of minutes from 10 to 30");
	tm_config_switch(d, TM_SET_NO_AGING, &x->no_aging, errors);
	if (x->no_aging && d->words[TM_SET_AGING])
		tm_config_wrong(d, TM_SET_NO_AGING, errors, "contradicts aging in line %u; keep one of them",
				d->lines[TM_SET_AGING]);
}

static void take_state(struct tm_config_discovery *x, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	const char *path = d->words[TM_SET_STATE];

	strcpy(x->state, TM_STATE_FILE);
	if (!path)
		return;
	if (!strcmp(path, "none"))
		*x->state = '\0';
	else if (*path != '/' || strlen(path) >= sizeof(x->state) || path[strlen(path) - 1] == '/')
		tm_config_wrong(
			d, TM_SET_STATE, errors,
			"is neither none nor the path of a file that begins with '/' and has at most %zu bytes; right would be %s",
			sizeof(x->state) - 1, TM_STATE_FILE);
	else
		strcpy(x->state, path);
}

bool tm_config_table(uint16_t table[TM_TABLE_MAX], unsigned *count, const char *text)
{
	char word[8];
	unsigned mtu, last = TM_TABLE_MIN - 1;

	*count = 0;
	for (;;) {
		size_t len;

		text += strspn(text, " \t");
		len = strcspn(text, ", \t");
		if (len >= sizeof(word) || *count == TM_TABLE_MAX)
			return false;
		memcpy(word, text, len);
		word[len] = '\0';
		if (!tm_number(word, last + 1, TM_MTU_MAX, &mtu))
			return false;
		table[(*count)++] = mtu;
		last = mtu;
		text += len + strspn(text + len, " \t");
		if (!*text)
			return true;
		if (*text++ != ',')
			return false;
	}
}

int tm_config_take_discovery(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	struct tm_config_discovery x = {
		.present = true, .aging = 10, .entries = TM_ENTRIES, .lease = TM_LEASE, .at = d->at
	};

	if (!tm_config_first(c, d, &c->discovery.at, "path-mtu-discovery", errors))
		return 0;
	take_aging(&x, d, errors);
	take_words(&x, d, errors);
	tm_config_switch(d, TM_SET_SYMMETRIC, &x.symmetric, errors);
	if (d->words[TM_SET_ENTRIES] && !tm_number(d->words[TM_SET_ENTRIES], 1, TM_ENTRIES_MAX, &x.entries))
		tm_config_wrong(d, TM_SET_ENTRIES, errors, "is not a number of paths from 1 to %d", TM_ENTRIES_MAX);
	if (d->words[TM_SET_LEASE] && !tm_number(d->words[TM_SET_LEASE], TM_LEASE_MIN, TM_LEASE_MAX, &x.lease))
		tm_config_wrong(d, TM_SET_LEASE, errors, "is not a number of seconds from %d to %d", TM_LEASE_MIN,
				TM_LEASE_MAX);
	take_state(&x, d, errors);
	if (d->words[TM_SET_TABLE] && !tm_config_table(x.table, &x.table_count, d->words[TM_SET_TABLE]))
		tm_config_wrong(
			d, TM_SET_TABLE, errors,
			"is not a list of 1 to %d rising MTUs from %d to %d; right would be table = \"296, 576, 1492\"",
			TM_TABLE_MAX, TM_TABLE_MIN, TM_MTU_MAX);
	c->discovery = x;
	return 0;
}

static int append_path(struct tm_config *c, const struct tm_config_path *path)
{
	if (c->path_count == c->path_room) {
		size_t room = c->path_room ? c->path_room * 2 : 16;
		struct tm_config_path *paths = reallocarray(c->paths, room, sizeof(*paths));

		if (!paths)
			return -ENOMEM;
		c->paths = paths;
		c->path_room = room;
	}
	c->paths[c->path_count++] = *path;
	return 0;
}

int tm_config_take_path(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	const char *mtu = d->words[TM_SET_MTU], *device = d->words[TM_SET_DEVICE];
	struct tm_config_path p = { .at = d->at };
	size_t before = errors->count;
	unsigned least, n = 0;

	p.ipv6 = inet_pton(AF_INET6, d->title, p.addr) == 1;
	if (!p.ipv6 && inet_pton(AF_INET, d->title, p.addr) != 1)
		tm_config_error(errors, d->file, d->at.line, d->title,
				"is not an IPv4 or IPv6 address; right would be path 198.51.100.7 { ... }");
	least = p.ipv6 ? TM_MTU_MIN_IPV6 : TM_MTU_MIN;
	if (!mtu)
		tm_config_error(errors, d->file, d->at.line, d->title, "has no MTU; right would be mtu = 1400");
	else if (!tm_number(mtu, least, TM_MTU_MAX, &n))
		tm_config_wrong(d, TM_SET_MTU, errors, "is not a number of bytes from %u to %d", least, TM_MTU_MAX);
	if (device && !tm_device_name_good(device))
		tm_config_wrong(d, TM_SET_DEVICE, errors, "is no name for a network device");
	if (errors->count != before)
		return 0;
	p.mtu = n;
	if (device)
		strcpy(p.device, device);
	return append_path(c, &p);
}
