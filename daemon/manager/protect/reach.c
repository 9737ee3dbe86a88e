/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks whether good cookies come to SYNPROXY.
 */
#include "parts.h"

#include "daemon/log.h"
#include "io/net/conntrack.h"

void protect_reach(struct protect *p)
{
	struct io_synproxy synproxy;
	uint64_t good = 0;

	for (size_t i = 0; i < p->count; i++) {
		struct tm_protect_counters c;

		if (io_protect_counters(&p->maps, p->blocks[i].number, &c))
			return;
		good += c.packets[PK_IPV4][PK_PROTECT_COOKIE_GOOD] + c.packets[PK_IPV6][PK_PROTECT_COOKIE_GOOD];
	}
	if (io_synproxy_read(&synproxy) || !tm_protect_reach_tick(&p->reach, good, synproxy.good))
		return;
	if (p->reach.lost)
		log_line(
			LOG_WARNING,
			"protect: clients come back with good cookies that do not reach SYNPROXY: a rule of somebody else drops "
			"them in prerouting, or ahead of priority -5 in forward");
	else
		log_line(LOG_NOTICE, "protect: good cookies reach SYNPROXY again");
}
