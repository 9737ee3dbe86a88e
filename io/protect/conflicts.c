/* SPDX-License-Identifier: BSD-2-Clause */
#include "conflicts.h"

#include "io/net/conntrack.h"
#include "io/net/device.h"
#include "io/net/firewall.h"
#include "io/net/link-facts.h"

static void look_at_device(struct tm_findings *f, const struct tm_config_protect *p, const char *name)
{
	struct tm_protect_port_facts facts = { .name = name };
	struct tm_device_facts port = { 0 }, master = { 0 };
	struct io_device device;
	struct tm_error e;

	facts.there = !io_device_find(&device, name, &e);
	if (facts.there && !io_link_facts(&port, device.index, &e) && port.master &&
	    !io_link_facts(&master, port.master, &e)) {
		facts.master = master.name;
		facts.master_kind = master.kind;
	}
	tm_judge_protect_device(f, p, &facts);
}

static void look_at_conntrack(struct tm_findings *f)
{
	struct tm_conntrack_facts facts = { 0 };
	struct io_conntrack c;
	struct tm_error e;

	if (!io_conntrack_read(&c, &e))
		facts = (struct tm_conntrack_facts){ .there = true, .count = c.count, .max = c.max };
	tm_judge_conntrack(f, &facts);
}

void io_protect_conflicts(struct tm_findings *f, const struct tm_config_protect *blocks, size_t count)
{
	struct tm_firewall w;

	if (!count)
		return;
	if (!io_firewall_read(&w))
		tm_find(f, TM_WARNING, "rules", NULL,
			"the rules of nftables or iptables cannot all be read: what of them is in the way is not known");
	look_at_conntrack(f);
	for (size_t i = 0; i < count; i++) {
		const struct tm_config_protect *p = &blocks[i];

		tm_judge_protect_rules(f, &w, p);
		for (size_t d = 0; d < p->device_count; d++)
			look_at_device(f, p, p->devices[d]);
		for (size_t d = 0; d < p->server_device_count; d++)
			look_at_device(f, p, p->server_devices[d]);
	}
}
