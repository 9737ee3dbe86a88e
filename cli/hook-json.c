/* SPDX-License-Identifier: BSD-2-Clause */
#include "hook-json.h"

json_t *cli_counters_json(const struct tm_counters *c)
{
	json_t *reasons = json_object();

	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++)
		json_object_set_new(reasons, tm_reason_name(r), json_integer((json_int_t)c->reasons[r]));
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "octets", (json_int_t)c->octets, "packets", (json_int_t)c->packets,
			 "syn_packets", (json_int_t)c->syn_packets, "fixed_packets", (json_int_t)c->fixed_packets, "reasons",
			 reasons);
}

json_t *cli_hook_counters_json(const struct tm_hook_counters *c, unsigned directions)
{
	static const char *const direction_names[TM_DIRECTIONS] = { "in", "out" };
	json_t *counters = cli_counters_json(&c->total), *by = json_object();

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (!(directions >> d & 1))
			continue;
		json_object_set_new(by, direction_names[d],
				    json_pack("{s:o, s:o, s:o}", "ipv4", cli_counters_json(&c->by[d][PK_IPV4]), "ipv6",
					      cli_counters_json(&c->by[d][PK_IPV6]), "other",
					      cli_counters_json(&c->by[d][PK_NO_FAMILY])));
	}
	json_object_set_new(counters, "directions", by);
	return counters;
}

const char *cli_direction_name(unsigned directions)
{
	if (directions == 1 << TM_IN)
		return "in";
	return directions == 1 << TM_OUT ? "out" : "both";
}
