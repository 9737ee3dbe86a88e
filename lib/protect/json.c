/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <arpa/inet.h>

#include "lib/json.h"
#include "lib/report/report-json.h"

static json_t *number_or_null(uint32_t n)
{
	return n ? json_integer(n) : json_null();
}

static json_t *counters_json(const struct tm_protect_counters *c, uint8_t family)
{
	json_t *reasons = json_object();

	for (int r = PK_PROTECT_NONE + 1; r < PK_PROTECT_REASON_COUNT; r++)
		json_object_set_new(reasons, tm_protect_reason_name(r),
				    json_integer((json_int_t)c->packets[family][r]));
	return reasons;
}

static json_t *rates_json(const struct tm_protect_rates *r)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "opened", (json_int_t)r->opened, "answered", (json_int_t)r->answered,
			 "cookies_good", (json_int_t)r->good, "cookies_bad", (json_int_t)r->bad);
}

static json_t *devices_json(const struct tm_protect_report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->device_count; i++) {
		const struct tm_protect_device_report *d = &r->devices[i];

		json_array_append_new(list, json_pack("{s:o, s:s, s:o, s:o}", "name", tm_json_name(d->name), "side",
						      d->side == TM_CLIENT_SIDE ? "client" : "server", "attachment",
						      *d->attachment ? json_string(d->attachment) : json_null(), "mtu",
						      number_or_null(d->mtu)));
	}
	return list;
}

static json_t *address_json(bool ipv6, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(ipv6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	return json_string(text);
}

static json_t *prefixes_json(const struct tm_config_protect *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->server_count; i++) {
		const struct tm_prefix *range = &p->servers[i].range;
		char text[INET6_ADDRSTRLEN] = "";

		inet_ntop(range->ipv6 ? AF_INET6 : AF_INET, range->addr, text, sizeof(text));
		json_array_append_new(list, json_sprintf("%s/%u", text, range->len));
	}
	return list;
}

/* Numbers and "first-last"; "all". */
static json_t *ports_json(const struct tm_config_protect *p)
{
	json_t *list = json_array();

	if (tm_protect_all_ports(p)) {
		json_decref(list);
		return json_string("all");
	}
	for (size_t i = 0; i < p->port_count; i++) {
		const struct tm_port_range *range = &p->ports[i];

		json_array_append_new(list, range->first == range->last ?
						    json_integer(range->first) :
						    json_sprintf("%u-%u", range->first, range->last));
	}
	return list;
}

static json_t *server_json(const struct tm_protect_server_report *s)
{
	return json_pack("{s:o, s:i, s:o, s:o, s:b, s:b, s:o, s:o, s:I}", "address",
			 address_json(s->family == PK_IPV6, s->address), "port", (int)s->port, "mss",
			 number_or_null(s->mss), "wscale",
			 s->wscale == TM_WSCALE_NONE ? json_null() : json_integer(s->wscale), "sack",
			 !!(s->offers & TM_SERVER_SACK), "timestamps", !!(s->offers & TM_SERVER_TIMESTAMPS), "own_mss",
			 number_or_null(s->own_mss), "route_mtu", number_or_null(s->route_mtu), "seen_seconds",
			 (json_int_t)(s->seen / 1000));
}

static json_t *block_json(const struct tm_protect_report *r, bool all)
{
	const struct tm_config_protect *p = r->config;
	json_t *o = json_object(), *list = json_array();

	json_object_set_new(o, "name", tm_json_name(p->name));
	json_object_set_new(o, "state", json_string(tm_protection_name(r->state)));
	json_object_set_new(o, "seconds", json_integer((json_int_t)(r->since / 1000)));
	json_object_set_new(o, "mode", json_string(tm_protect_mode_name(p->mode)));
	json_object_set_new(o, "accelerator", json_string(tm_accelerator_name(p->accelerator)));
	json_object_set_new(o, "half_open", json_integer((json_int_t)r->half_open));
	json_object_set_new(o, "high", json_integer(p->high));
	json_object_set_new(o, "low", json_integer(p->low));
	json_object_set_new(o, "mss", number_or_null(p->mss));
	json_object_set_new(o, "wscale", p->wscale < 0 ? json_null() : json_integer(p->wscale));
	json_object_set_new(o, "armed", json_integer((json_int_t)r->armed));
	json_object_set_new(o, "rates", rates_json(&r->rates));
	json_object_set_new(o, "counters",
			    json_pack("{s:o, s:o}", "ipv4", counters_json(&r->counters, PK_IPV4), "ipv6",
				      counters_json(&r->counters, PK_IPV6)));
	json_object_set_new(o, "devices", devices_json(r));
	json_object_set_new(o, "prefix_count", json_integer((json_int_t)p->server_count));
	json_object_set_new(o, "server_count", json_integer((json_int_t)r->servers_known));
	for (unsigned i = 0; i < r->warning_count; i++)
		json_array_append_new(list, tm_json_name(r->warnings[i]));
	json_object_set_new(o, "warnings", list);
	if (!all)
		return o;
	json_object_set_new(o, "prefixes", prefixes_json(p));
	json_object_set_new(o, "ports", ports_json(p));
	list = json_array();
	for (size_t i = 0; i < r->server_count; i++)
		json_array_append_new(list, server_json(&r->servers[i]));
	json_object_set_new(o, "servers", list);
	return o;
}

json_t *tm_protects_json(const struct tm_protect_reports *reports, bool all)
{
	json_t *list = json_array();

	for (size_t i = 0; i < reports->count; i++)
		json_array_append_new(list, block_json(&reports->list[i], all));
	return list;
}

json_t *tm_protect_show_json(const struct tm_protect_reports *reports)
{
	return json_pack("{s:i, s:o}", "schema_version", TM_SCHEMA_VERSION, "protect", tm_protects_json(reports, true));
}
