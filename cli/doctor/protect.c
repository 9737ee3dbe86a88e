/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: the protect blocks of the running tcpmssd.
 */
#include "lib/doctor/protect.h"

#include <arpa/inet.h>
#include <string.h>

#include "cli/cli.h"
#include "doctor.h"
#include "io/net/conntrack.h"
#include "io/net/device.h"
#include "io/net/link-facts.h"
#include "io/net/sysctl.h"
#include "cli/protect/conflicts.h"

static void look_at_machine(struct tm_protect_machine *m)
{
	struct io_conntrack c;
	struct tm_error ignored;
	long syncookies = 0;

	*m = (struct tm_protect_machine){ 0 };
	if (io_conntrack_read(&c, &ignored))
		return;
	io_sysctl_read("net/ipv4/tcp_syncookies", &syncookies);
	m->known = true;
	m->conntrack = (uint64_t)c.count;
	m->conntrack_max = (uint64_t)c.max;
	m->loose = c.loose;
	m->syncookies = (unsigned)syncookies;
}

static bool is_veth(const char *name)
{
	struct tm_device_facts facts = { 0 };
	struct io_device device;
	struct tm_error ignored;

	return !io_device_find(&device, name, &ignored) && !io_link_facts(&facts, device.index, &ignored) &&
	       !strcmp(facts.kind, "veth");
}

/* Single addresses among the servers. */
static void look_for_own(struct doctor *d, const json_t *block, const struct tm_protect_machine *m)
{
	const json_t *prefixes = json_object_get(block, "prefixes"), *prefix;
	char text[INET6_ADDRSTRLEN];
	struct tm_error ignored;
	struct io_route route;
	uint8_t address[16];
	size_t i;

	json_array_foreach(prefixes, i, prefix)
	{
		const char *word = json_string_value(prefix), *slash = word ? strchr(word, '/') : NULL;
		bool ipv6 = word && strchr(word, ':');

		if (!slash || strcmp(slash, ipv6 ? "/128" : "/32") || (size_t)(slash - word) >= sizeof(text))
			continue;
		memcpy(text, word, (size_t)(slash - word));
		text[slash - word] = '\0';
		if (inet_pton(ipv6 ? AF_INET6 : AF_INET, text, address) == 1 &&
		    !io_route_find(&route, ipv6, address, &ignored) && route.local)
			tm_judge_protect_local(&d->f, cli_text(block, "name"), text, m);
	}
}

/* Whether a block is meant: by its name or by a device of it. */
static bool is_meant(const struct tm_protect_facts *p, const char *name)
{
	if (!name || !strcmp(p->name, name))
		return true;
	for (unsigned i = 0; i < p->device_count; i++)
		if (!strcmp(p->devices[i].name, name))
			return true;
	return false;
}

unsigned doctor_protect(struct doctor *d, const json_t *document, const char *name)
{
	const json_t *blocks = json_object_get(document, "protect"), *block;
	struct tm_protect_machine machine;
	struct tm_protect_facts facts;
	json_t *meant = json_array();
	unsigned count;
	size_t i;

	look_at_machine(&machine);
	json_array_foreach(blocks, i, block)
	{
		if (!tm_protect_facts(&facts, block) || !is_meant(&facts, name))
			continue;
		for (unsigned k = 0; k < facts.device_count; k++)
			facts.devices[k].veth = is_veth(facts.devices[k].name);
		tm_judge_protect(&d->f, &facts, &machine);
		look_for_own(d, block, &machine);
		json_array_append(meant, (json_t *)block);
	}
	count = (unsigned)json_array_size(meant);
	if (count)
		cli_protect_find_conflicts(&d->f, meant);
	json_decref(meant);
	return count;
}
