/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of a lab, and the ways from its hosts to all of its networks.
 */
#include <arpa/inet.h>
#include <string.h>

#include "lab.h"

struct in_addr tm_lab_address4(unsigned char net, unsigned char last)
{
	return (struct in_addr){ htonl(198u << 24 | 18u << 16 | (unsigned)net << 8 | last) };
}

struct in6_addr tm_lab_address6(unsigned char net, unsigned char last)
{
	return (struct in6_addr){ { { 0x20, 0x01, 0x0d, 0xb8, 0, net, [15] = last } } };
}

/* The last part of a host's address on a network, 0 where it has none. */
static unsigned char last_on(const struct tm_lab *lab, const char *host, unsigned char net)
{
	for (size_t i = 0; i < lab->link_count * 2; i++) {
		const struct tm_lab_end *end = &lab->links[i / 2].end[i % 2];

		if (lab->links[i / 2].net == net && end->last && !strcmp(end->host, host))
			return end->last;
	}
	return 0;
}

static bool forwards(const struct tm_lab_host *host)
{
	return host->kind == TM_LAB_ROUTER;
}

/*
 * How many routers are between each host and a network: breadth first, one round for each step. Returns how far `host` is;
 * from[i] are those of the others.
 */
static void distances(const struct tm_lab *lab, unsigned char net, unsigned from[TM_LAB_HOSTS])
{
	for (size_t i = 0; i < lab->host_count; i++)
		from[i] = last_on(lab, lab->hosts[i].name, net) ? 0 : TM_LAB_HOSTS;
	for (size_t round = 0; round < lab->host_count; round++)
		for (size_t i = 0; i < lab->host_count * lab->link_count; i++) {
			size_t host = i / lab->link_count;
			unsigned char between = lab->links[i % lab->link_count].net;

			for (size_t j = 0; last_on(lab, lab->hosts[host].name, between) && j < lab->host_count; j++)
				if (forwards(&lab->hosts[j]) && from[j] + 1 < from[host] &&
				    last_on(lab, lab->hosts[j].name, between))
					from[host] = from[j] + 1;
		}
}

/* The neighbour that is one step nearer. */
static bool next_hop(const struct tm_lab *lab, const char *host, unsigned mine, const unsigned from[TM_LAB_HOSTS],
		     struct tm_lab_route *route)
{
	for (size_t i = 0; i < lab->link_count * lab->host_count; i++) {
		const struct tm_lab_host *other = &lab->hosts[i % lab->host_count];
		unsigned char between = lab->links[i / lab->host_count].net, last = last_on(lab, other->name, between);

		if (!forwards(other) || from[i % lab->host_count] + 1 != mine || !last || !last_on(lab, host, between))
			continue;
		route->via_net = between;
		route->via_last = last;
		return true;
	}
	return false;
}

size_t tm_lab_routes(const struct tm_lab *lab, const char *host, struct tm_lab_route routes[TM_LAB_LINKS])
{
	const struct tm_lab_host *self = tm_lab_host(lab, host);
	unsigned from[TM_LAB_HOSTS];
	size_t count = 0;

	for (size_t i = 0; self && i < lab->link_count; i++) {
		struct tm_lab_route route = { .net = lab->links[i].net };
		bool twice = false;

		for (size_t j = 0; j < i; j++)
			twice |= lab->links[j].net == route.net;
		if (twice || !route.net)
			continue;
		distances(lab, route.net, from);
		if (from[self - lab->hosts] && from[self - lab->hosts] < TM_LAB_HOSTS &&
		    next_hop(lab, host, from[self - lab->hosts], from, &route))
			routes[count++] = route;
	}
	return count;
}
