/* SPDX-License-Identifier: BSD-2-Clause */
#include "json.h"

#include <arpa/inet.h>
#include <string.h>

#include "lib/json.h"

static const char *const why_texts[TM_WHY_COUNT] = {
#define X(constant, name, text) [TM_WHY_##constant] = text,
	TM_WHYS(X)
#undef X
};

static json_t *address_json(bool ipv6, const uint8_t *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(ipv6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	return json_string(text);
}

static json_t *reporter_json(bool ipv6, const uint8_t *address)
{
	static const uint8_t nobody[16];

	return memcmp(address, nobody, sizeof(nobody)) ? address_json(ipv6, address) : json_null();
}

/* Up to a whole second: what is due within it is not due now. */
static json_t *seconds_until(uint64_t at_ms, uint64_t now_ms)
{
	return json_integer(at_ms > now_ms ? (json_int_t)((at_ms - now_ms + 999) / 1000) : 0);
}

static json_t *seconds_since(int64_t at_ms, uint64_t now_ms)
{
	int64_t age = (int64_t)now_ms - at_ms;

	return json_integer(age > 0 ? age / 1000 : 0);
}

json_t *tm_pmtu_json(const struct tm_pmtu_entry *e, const char *device, bool aging, uint64_t now_ms)
{
	json_t *o = json_object();

	json_object_set_new(o, "destination", address_json(e->path.ipv6, e->path.addr));
	json_object_set_new(o, "device", *device ? tm_json_name(device) : json_null());
	json_object_set_new(o, "mtu", json_integer(e->pmtu));
	json_object_set_new(o, "mss", json_integer(e->mss));
	json_object_set_new(o, "df", json_boolean(!e->nodf));
	json_object_set_new(o, "state", json_string(tm_pmtu_state_name(e->state)));
	json_object_set_new(o, "origin", json_string(tm_pmtu_origin_name(e->origin)));
	json_object_set_new(o, "reporter", reporter_json(e->path.ipv6, e->reporter));
	json_object_set_new(o, "age", seconds_since(e->last_ptb_ms, now_ms));
	json_object_set_new(o, "raise_in",
			    e->deadline_ms && aging ? seconds_until(e->deadline_ms, now_ms) : json_null());
	json_object_set_new(o, "ceiling", e->state == TM_PMTU_STATIC ? json_null() : json_integer(e->ceiling));
	json_object_set_new(o, "hits", json_integer(e->hits));
	return o;
}

json_t *tm_evidence_json(const struct tm_evidence *e, uint64_t now_ms)
{
	bool ipv6 = e->path.ipv6;
	json_t *o = json_object();

	json_object_set_new(o, "reporter", reporter_json(ipv6, e->reporter));
	json_object_set_new(o, "told", json_integer(e->mtu));
	json_object_set_new(o, "told_ago", seconds_since((int64_t)e->ptb_ms, now_ms));
	json_object_set_new(o, "source", address_json(ipv6, e->flow.src));
	json_object_set_new(o, "source_port", json_integer(e->flow.sport));
	json_object_set_new(o, "port", json_integer(e->flow.dport));
	json_object_set_new(o, "sequence", json_integer(e->seq));
	json_object_set_new(o, "quoted_length", json_integer(e->quoted_len));
	json_object_set_new(o, "resent_length", json_integer(e->resent_len));
	json_object_set_new(o, "df_clear", json_boolean(e->df_clear));
	json_object_set_new(o, "window", json_boolean(e->window));
	json_object_set_new(o, "why", json_string(tm_why_name(e->why)));
	json_object_set_new(o, "why_text", json_string(why_texts[e->why]));
	json_object_set_new(o, "believed_after_ms", json_integer((json_int_t)(e->believed_ms - e->ptb_ms)));
	return o;
}
