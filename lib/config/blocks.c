/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The blocks prefix, metrics and control: what their words mean.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "lib/options.h"

static int append_prefix(struct tm_config *c, const struct tm_prefix *p, struct tm_config_place at)
{
	size_t room = c->set.room;
	int err = tm_ruleset_add(&c->set, p);

	if (err)
		return err;
	if (c->set.room != room) {
		struct tm_config_place *places = reallocarray(c->prefix_at, c->set.room, sizeof(*places));

		if (!places)
			return -ENOMEM;
		c->prefix_at = places;
	}
	c->prefix_at[c->set.count - 1] = at;
	return 0;
}

int tm_config_take_prefix(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	const char *mtu = d->words[TM_SET_MTU], *wrong;
	struct tm_prefix p;
	unsigned n = 0;

	wrong = tm_prefix_range(&p, d->title, strlen(d->title));
	if (wrong)
		tm_config_error(errors, d->file, d->at.line, d->title,
				"%s; right would be prefix 203.0.113.0/24 { ... }", wrong);
	if (!mtu)
		tm_config_error(errors, d->file, d->at.line, d->title, "has no MTU; right would be mtu = 1400");
	else if (!tm_number(mtu, TM_MTU_MIN, TM_MTU_MAX, &n))
		tm_config_wrong(d, TM_SET_MTU, errors, "is not a number of bytes from %d to %d", TM_MTU_MIN,
				TM_MTU_MAX);
	if (wrong || !n)
		return 0;
	p.mtu = (uint16_t)n;
	return append_prefix(c, &p, d->at);
}

/* ADDRESS:PORT, [ADDRESS]:PORT or unix:/PATH. NULL, or what is wrong. */
static const char *take_listen(struct tm_config_metrics *m, const char *text)
{
	const char *colon = strrchr(text, ':');
	char address[INET6_ADDRSTRLEN] = "";
	bool bracket = *text == '[';
	unsigned port;
	size_t len;

	if (!strncmp(text, "unix:", 5)) {
		if (text[5] != '/')
			return "the path of a unix socket begins with '/'";
		if (strlen(text + 5) >= sizeof(m->path))
			return "the path of a unix socket has at most 107 bytes";
		m->family = AF_UNIX;
		strcpy(m->path, text + 5);
		return NULL;
	}
	if (!colon || !tm_number(colon + 1, 1, 65535, &port))
		return "has no port from 1 to 65535 behind a ':'";
	len = (size_t)(colon - text);
	if (bracket && (len < 2 || colon[-1] != ']'))
		return "has no ']' in front of the port";
	if (len - 2 * bracket < sizeof(address))
		memcpy(address, text + bracket, len - 2 * bracket);
	m->family = bracket ? AF_INET6 : AF_INET;
	if (inet_pton(m->family, address, m->address) != 1)
		return bracket ? "has no IPv6 address in the brackets" : "does not begin with an IPv4 address";
	m->port = (uint16_t)port;
	return NULL;
}

/* Whether only this machine can reach it. */
static bool is_local(const struct tm_config_metrics *m)
{
	static const uint8_t loopback6[16] = { [15] = 1 };

	if (m->family == AF_INET)
		return m->address[0] == 127;
	return m->family == AF_UNIX || !memcmp(m->address, loopback6, sizeof(loopback6));
}

int tm_config_take_metrics(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	struct tm_config_metrics m = { .at = d->at };
	const char *wrong;

	if (!tm_config_first(c, d, &c->metrics.at, "metrics", errors))
		return 0;
	if (!d->words[TM_SET_LISTEN]) {
		tm_config_error(errors, d->file, d->at.line, "metrics",
				"needs an address; right would be listen = 127.0.0.1:9469");
	} else {
		wrong = take_listen(&m, d->words[TM_SET_LISTEN]);
		if (wrong)
			tm_config_wrong(d, TM_SET_LISTEN, errors,
					"%s; right would be 127.0.0.1:9469, [::1]:9469 or unix:/run/tcpmss/metrics",
					wrong);
		tm_config_switch(d, TM_SET_REMOTE, &m.remote, errors);
		if (!wrong && !m.remote && !is_local(&m))
			tm_config_wrong(
				d, TM_SET_LISTEN, errors,
				"others than this machine could read it there; right would be 127.0.0.1:%u, or remote = true beside it",
				m.port);
	}
	c->metrics = m;
	return 0;
}

int tm_config_take_control(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	const char *path = d->words[TM_SET_SOCKET], *group = d->words[TM_SET_GROUP];
	struct tm_config_control x = { .at = d->at };

	if (!tm_config_first(c, d, &c->control.at, "control", errors))
		return 0;
	if (path && (*path != '/' || strlen(path) >= sizeof(x.socket)))
		tm_config_wrong(
			d, TM_SET_SOCKET, errors,
			"is not a path that begins with '/' and has at most 107 bytes; right would be /run/tcpmss/control");
	else if (path)
		strcpy(x.socket, path);
	if (group && (!*group || strlen(group) >= sizeof(x.group)))
		tm_config_wrong(d, TM_SET_GROUP, errors, "is not the name of a group, of at most 32 bytes");
	else if (group)
		strcpy(x.group, group);
	c->control = x;
	return 0;
}
