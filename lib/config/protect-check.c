/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong between protect blocks, and between them and others: names and services that are there twice, wires.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "lib/trie.h"

static const char *file_of(const struct tm_config *c, const struct tm_config_protect *p)
{
	return c->files[p->at.file];
}

/* The first port that both have, 0: none. */
static unsigned common_port(const struct tm_config_protect *a, const struct tm_config_protect *b)
{
	for (size_t i = 0, k = 0; i < a->port_count && k < b->port_count;) {
		const struct tm_port_range *x = &a->ports[i], *y = &b->ports[k];

		if (x->first <= y->last && y->first <= x->last)
			return x->first > y->first ? x->first : y->first;
		if (x->last < y->first)
			i++;
		else
			k++;
	}
	return 0;
}

/* The first prefix that both have, as b has it. NULL: none. */
static const struct tm_config_server *common_server(const struct tm_config_protect *a,
						    const struct tm_config_protect *b, uint32_t *line)
{
	for (size_t i = 0, k = 0; i < a->server_count && k < b->server_count;) {
		int order = tm_prefix_order(&a->servers[i].range, &b->servers[k].range);

		if (!order) {
			*line = a->servers[i].line;
			return &b->servers[k];
		}
		if (order < 0)
			i++;
		else
			k++;
	}
	return NULL;
}

/* `b` comes after `a`. One service that both have is told, not all of them. */
static void check_pair(const struct tm_config *c, const struct tm_config_protect *a, const struct tm_config_protect *b,
		       struct tm_config_errors *errors)
{
	const struct tm_config_server *server;
	char word[INET6_ADDRSTRLEN + 8];
	unsigned port;
	uint32_t line;

	if (*a->name && !strcmp(a->name, b->name))
		tm_config_error(errors, file_of(c, b), b->at.line, b->name,
				"there is a protect block of that name in %s:%u; choose another name", file_of(c, a),
				a->at.line);
	port = common_port(a, b);
	server = port ? common_server(a, b, &line) : NULL;
	if (!server)
		return;
	inet_ntop(server->range.ipv6 ? AF_INET6 : AF_INET, server->range.addr, word, INET6_ADDRSTRLEN);
	snprintf(word + strlen(word), 8, "/%u", server->range.len);
	tm_config_error(errors, file_of(c, b), server->line, word,
			"port %u of it is protected by block '%s', too, in %s:%u; leave it to one of them", port,
			a->name, file_of(c, a), line);
}

/* Frames on a wire never come to the kernel's SYNPROXY. */
static void check_wires(const struct tm_config *c, const struct tm_config_protect *p, char (*names)[TM_DEVICE_NAME],
			size_t count, struct tm_config_errors *errors)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < c->hook_count; k++) {
			const struct tm_config_hook *h = &c->hooks[k];

			if (h->mode == TM_MODE_WIRE && (!strcmp(h->in, names[i]) || !strcmp(h->out, names[i])))
				tm_config_error(
					errors, file_of(c, p), p->at.line, names[i],
					"is an end of wire '%s' in %s:%u, whose packets are not routed here; protect needs a gateway's device",
					h->name, c->files[h->at.file], h->at.line);
		}
	}
}

int tm_config_check_protects(const struct tm_config *c, struct tm_config_errors *errors)
{
	for (size_t b = 0; b < c->protect_count; b++) {
		const struct tm_config_protect *p = &c->protects[b];

		for (size_t a = 0; a < b; a++)
			check_pair(c, &c->protects[a], p, errors);
		check_wires(c, p, p->devices, p->device_count, errors);
		check_wires(c, p, p->server_devices, p->server_device_count, errors);
	}
	return 0;
}
