/* SPDX-License-Identifier: BSD-2-Clause */
#include "report-json.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "lib/json.h"

static json_t *number_or_null(uint32_t n)
{
	return n ? json_integer(n) : json_null();
}

json_t *tm_counters_json(const struct tm_counters *c)
{
	json_t *reasons = json_object();

	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++)
		json_object_set_new(reasons, tm_reason_name(r), json_integer((json_int_t)c->reasons[r]));
	return json_pack("{s:I, s:I, s:I, s:I, s:o}", "octets", (json_int_t)c->octets, "packets",
			 (json_int_t)c->packets, "syn_packets", (json_int_t)c->syn_packets, "fixed_packets",
			 (json_int_t)c->fixed_packets, "reasons", reasons);
}

static json_t *counters_json(const struct tm_hook_counters *c, unsigned directions)
{
	static const char *const direction_names[TM_DIRECTIONS] = { "in", "out" };
	json_t *counters = tm_counters_json(&c->total), *by = json_object();

	for (int d = 0; d < TM_DIRECTIONS; d++) {
		if (!(directions >> d & 1))
			continue;
		json_object_set_new(by, direction_names[d],
				    json_pack("{s:o, s:o, s:o}", "ipv4", tm_counters_json(&c->by[d][PK_IPV4]), "ipv6",
					      tm_counters_json(&c->by[d][PK_IPV6]), "other",
					      tm_counters_json(&c->by[d][PK_NO_FAMILY])));
	}
	json_object_set_new(counters, "directions", by);
	return counters;
}

json_t *tm_stats_json(const struct tm_hook_counters *c, unsigned directions)
{
	json_t *document = counters_json(c, directions);

	json_object_set_new(document, "schema_version", json_integer(TM_SCHEMA_VERSION));
	return document;
}

/* "device": null for a hook of none; a wire's second device is "out". */
static void set_devices(json_t *hook, const char *device, const char *out)
{
	json_object_set_new(hook, "device", *device ? tm_json_name(device) : json_null());
	if (*out)
		json_object_set_new(hook, "out", tm_json_name(out));
}

static json_t *limit_json(const struct tm_hook_report *r)
{
	return json_pack("{s:o, s:o, s:s, s:i, s:b, s:b, s:b, s:o, s:o, s:b, s:b}", "mss4", number_or_null(r->mss[PK_IPV4]),
			 "mss6", number_or_null(r->mss[PK_IPV6]), "source", tm_source_name(r->source), "prefixes",
			 (int)r->prefixes, "learned", r->learns, "allow_increase", !!(r->limits.flags & PK_HOOK_ALLOW_INCREASE),
			 "add_missing", !!(r->limits.flags & PK_HOOK_ADD_MISSING), "mss", number_or_null(r->limits.mss),
			 "mtu", number_or_null(r->limits.mtu), "auto", !!(r->limits.flags & PK_HOOK_AUTO), "route",
			 !!(r->limits.flags & PK_HOOK_ROUTE));
}

static json_t *hook_json(const struct tm_hook_report *r)
{
	json_t *hook = json_object(), *warnings = json_array();

	for (unsigned i = 0; i < r->warning_count; i++)
		json_array_append_new(warnings, tm_json_name(r->warnings[i]));
	json_object_set_new(hook, "name", tm_json_name(r->name));
	if (r->known) {
		set_devices(hook, r->device, r->out);
		json_object_set_new(hook, "mode", json_string(tm_mode_name(r->mode)));
		json_object_set_new(hook, "direction", json_string(tm_directions_name(r->directions)));
		if (*r->attachment)
			json_object_set_new(hook, "attachment", json_string(r->attachment));
		if (r->mode == TM_MODE_NFQUEUE)
			json_object_set_new(hook, "queue", json_integer(r->queue));
	}
	json_object_set_new(hook, "alive", json_boolean(r->alive));
	if (r->known) {
		json_object_set_new(hook, "device_mtu", number_or_null(r->device_mtu));
		json_object_set_new(hook, "limit", limit_json(r));
		json_object_set_new(hook, "counters", counters_json(&r->counters, r->directions));
	}
	json_object_set_new(hook, "warnings", warnings);
	return hook;
}

json_t *tm_show_json(const struct tm_hook_reports *reports)
{
	json_t *hooks = json_array();

	for (size_t i = 0; i < reports->count; i++)
		json_array_append_new(hooks, hook_json(&reports->list[i]));
	return json_pack("{s:i, s:o}", "schema_version", TM_SCHEMA_VERSION, "hooks", hooks);
}

/* Where a limit comes from, for a person: "the prefix 203.0.113.0/24". */
static void describe(const struct tm_candidate *c, const char *device, const char *asked, bool ipv6, char *text,
		     size_t size)
{
	char address[INET6_ADDRSTRLEN];

	switch (c->source) {
	case PK_FROM_MSS:
		snprintf(text, size, "the hook's --mss");
		return;
	case PK_FROM_MTU:
		snprintf(text, size, "the hook's --mtu");
		return;
	case PK_FROM_DEVICE:
		snprintf(text, size, "the MTU of %s", device);
		return;
	case PK_FROM_ROUTE:
		snprintf(text, size, "the route to %s", asked);
		return;
	case PK_FROM_PREFIX_SRC:
		inet_ntop(ipv6 ? AF_INET6 : AF_INET, c->prefix.addr, address, sizeof(address));
		snprintf(text, size, "the prefix %s/%u", address, c->prefix.len);
		return;
	case PK_FROM_LEARNED_SRC:
	case PK_FROM_LEARNED_DST:
		snprintf(text, size, "the path to %s, learned or set", asked);
		return;
	case PK_FROM_NOWHERE:
	case PK_FROM_PREFIX_DST:
		break;
	}
	snprintf(text, size, "?");
}

static json_t *explanation_json(const struct tm_hook_explanation *h, const char *asked, bool ipv6)
{
	const struct tm_explanation *x = &h->limits;
	const struct tm_candidate *chosen = x->chosen < 0 ? NULL : &x->candidates[x->chosen];
	json_t *candidates = json_array(), *hook = json_object();
	char text[128];

	for (unsigned i = 0; i < x->count; i++) {
		const struct tm_candidate *c = &x->candidates[i];

		describe(c, h->device, asked, ipv6, text, sizeof(text));
		json_array_append_new(candidates,
				      json_pack("{s:s, s:o, s:o, s:i}", "source", tm_source_name(c->source), "detail",
						tm_json_name(text), "mtu", number_or_null(c->mtu), "mss", c->mss));
	}
	json_object_set_new(hook, "name", tm_json_name(h->name));
	set_devices(hook, h->device, h->out);
	json_object_set_new(hook, "alive", json_boolean(h->alive));
	json_object_set_new(hook, "candidates", candidates);
	json_object_set_new(hook, "mss", number_or_null(chosen ? chosen->mss : 0));
	json_object_set_new(hook, "source", json_string(tm_source_name(chosen ? chosen->source : PK_FROM_NOWHERE)));
	return hook;
}

json_t *tm_explain_json(const char *address, bool ipv6, const struct tm_hook_explanations *explanations)
{
	json_t *hooks = json_array();

	for (size_t i = 0; i < explanations->count; i++)
		json_array_append_new(hooks, explanation_json(&explanations->list[i], address, ipv6));
	return json_pack("{s:i, s:s, s:s, s:o}", "schema_version", TM_SCHEMA_VERSION, "address", address, "family",
			 ipv6 ? "ipv6" : "ipv4", "hooks", hooks);
}
