/* SPDX-License-Identifier: BSD-2-Clause */
#include "event-json.h"

#include <arpa/inet.h>
#include <string.h>

#include "explain.h"
#include "lib/pmtu/pmtu.h"
#include "lib/pmtu/refusal.h"
#include "stats.h"

/*
 * UTC of ns since 1970, proleptic Gregorian: with years that begin in March leap days come last. Not gmtime_r(), which would read the
 * time zone from a file, in processes that may open none.
 */
static void put_time(json_t *o, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000, days = seconds / 86400 + 719468; /* since March 1 of the year 0 */
	unsigned era_day = days % 146097, second = seconds % 86400;
	unsigned year = (era_day - era_day / 1460 + era_day / 36524 - era_day / 146096) / 365;
	unsigned day = era_day - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;

	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	json_object_set_new(o, "time",
			    json_sprintf("%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
					 (unsigned)(days / 146097 * 400) + year + (month <= 2), month, day + 1,
					 second / 3600, second / 60 % 60, second % 60,
					 (unsigned)(ns % 1000000000 / 1000)));
}

static json_t *mss_or_null(uint16_t mss)
{
	return mss ? json_integer(mss) : json_null();
}

static void put_address(json_t *o, const char *key, uint8_t family, const uint8_t *bytes)
{
	char text[INET6_ADDRSTRLEN] = "";

	inet_ntop(family == PK_IPV6 ? AF_INET6 : AF_INET, bytes, text, sizeof(text));
	json_object_set_new(o, key, json_string(text));
}

/* By which rule a SYN has its limit, for people. */
static json_t *rule(const struct tm_event *e)
{
	const struct tm_event_syn *s = &e->syn;
	char address[INET6_ADDRSTRLEN] = "";
	bool source = s->source == PK_FROM_PREFIX_SRC || s->source == PK_FROM_LEARNED_SRC;

	switch ((enum pk_source)s->source) {
	case PK_FROM_NOWHERE:
		return json_null();
	case PK_FROM_MSS:
		return json_string("the hook's MSS");
	case PK_FROM_MTU:
		return json_string("the hook's MTU");
	case PK_FROM_DEVICE:
		return json_sprintf("MTU of %s", *e->device ? e->device : "the device");
	case PK_FROM_ROUTE:
		return json_string("MTU of a route");
	case PK_FROM_PREFIX_SRC:
	case PK_FROM_PREFIX_DST:
		if (!s->prefix.mtu)
			return json_sprintf("prefix of the %s", source ? "source" : "destination");
		inet_ntop(s->prefix.ipv6 ? AF_INET6 : AF_INET, s->prefix.addr, address, sizeof(address));
		return json_sprintf("prefix %s/%u", address, s->prefix.len);
	case PK_FROM_LEARNED_SRC:
	case PK_FROM_LEARNED_DST:
		inet_ntop(s->family == PK_IPV6 ? AF_INET6 : AF_INET, source ? s->src : s->dst, address,
			  sizeof(address));
		return json_sprintf("learned path to %s", address);
	}
	return json_null();
}

static json_t *also(uint32_t reasons)
{
	json_t *list = json_array();

	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++)
		if (reasons >> r & 1)
			json_array_append_new(list, json_string(tm_reason_name(r)));
	return list;
}

static void put_syn(json_t *o, const struct tm_event *e)
{
	const struct tm_event_syn *s = &e->syn;

	json_object_set_new(o, "direction", json_string(s->direction == TM_IN ? "in" : "out"));
	json_object_set_new(o, "family", json_string(s->family == PK_IPV6 ? "ipv6" : "ipv4"));
	json_object_set_new(o, "reason", json_string(tm_reason_name(s->reason)));
	json_object_set_new(o, "also", also(s->also));
	json_object_set_new(o, "from", mss_or_null(s->from));
	json_object_set_new(o, "to", mss_or_null(s->to));
	json_object_set_new(o, "limit", mss_or_null(s->limit));
	json_object_set_new(o, "source", json_string(tm_source_name(s->source)));
	json_object_set_new(o, "rule", rule(e));
	put_address(o, "src", s->family, s->src);
	json_object_set_new(o, "sport", json_integer(s->sport));
	put_address(o, "dst", s->family, s->dst);
	json_object_set_new(o, "dport", json_integer(s->dport));
}

static void put_path(json_t *o, const struct tm_event *e)
{
	static const uint8_t nobody[16];
	const struct tm_event_path *p = &e->path;
	unsigned headers = tm_pmtu_headers(p->family == PK_IPV6);

	json_object_set_new(o, "family", json_string(p->family == PK_IPV6 ? "ipv6" : "ipv4"));
	put_address(o, "destination", p->family, p->address);
	json_object_set_new(o, "from", mss_or_null(p->from));
	json_object_set_new(o, "to", mss_or_null(p->to));
	json_object_set_new(o, "origin", json_string(tm_pmtu_origin_name(p->origin)));
	if (memcmp(p->reporter, nobody, sizeof(nobody)))
		put_address(o, "reporter", p->family, p->reporter);
	if (e->kind == TM_EVENT_REFUSED) {
		json_object_set_new(o, "reason", json_string(tm_refusal_name(p->refusal)));
		return;
	}
	json_object_set_new(o, "mss", p->to > headers ? json_integer(p->to - headers) : json_null());
	json_object_set_new(o, "df", json_boolean(!p->nodf));
}

/* A jump of a counter may be larger than JSON's integers. */
static json_t *count(uint64_t n)
{
	return json_integer(n < INT64_MAX ? (json_int_t)n : INT64_MAX);
}

static void put_protect(json_t *o, const struct tm_event_protect *p)
{
	json_object_set_new(o, "half_open", count(p->half_open));
	json_object_set_new(o, "high", count(p->high));
	json_object_set_new(o, "low", count(p->low));
	json_object_set_new(o, "rates",
			    json_pack("{s:o, s:o, s:o, s:o}", "opened", count(p->opened), "answered",
				      count(p->answered), "cookies_good", count(p->good), "cookies_bad",
				      count(p->bad)));
}

json_t *tm_event_json(const struct tm_event *e)
{
	json_t *o = json_pack("{s:i}", "schema_version", 1);

	put_time(o, e->time);
	json_object_set_new(o, "event", json_string(tm_event_kind_name(e->kind)));
	if (*e->hook)
		json_object_set_new(o, tm_event_of_protect(e) ? "protect" : "hook", json_string(e->hook));
	if (*e->device)
		json_object_set_new(o, "device", json_string(e->device));
	switch ((enum tm_event_kind)e->kind) {
	case TM_EVENT_SYN:
		put_syn(o, e);
		break;
	case TM_EVENT_LEFT_OUT:
		json_object_set_new(o, "kernel", json_integer((json_int_t)e->left_out.kernel));
		json_object_set_new(o, "daemon", json_integer((json_int_t)e->left_out.daemon));
		json_object_set_new(o, "rate", json_integer((json_int_t)e->left_out.rate));
		break;
	case TM_EVENT_LEARNED:
	case TM_EVENT_RAISED:
	case TM_EVENT_AGED:
	case TM_EVENT_REFUSED:
		put_path(o, e);
		break;
	case TM_EVENT_ARMED:
	case TM_EVENT_FLOODED:
	case TM_EVENT_CALMED:
	case TM_EVENT_DISARMED:
	case TM_EVENT_DRAINED:
		put_protect(o, &e->protect);
		break;
	case TM_EVENT_ATTACHED:
	case TM_EVENT_DETACHED:
	case TM_EVENT_RELOAD:
	case TM_EVENT_ERROR:
	case TM_EVENT_KINDS:
		if (*e->text)
			json_object_set_new(o, "text", json_string(e->text));
		break;
	}
	return o;
}

json_t *tm_event_filter_json(const struct tm_event_filter *f)
{
	char text[INET6_ADDRSTRLEN] = "";
	json_t *o = json_object();

	if (f->family) {
		inet_ntop(f->family == PK_IPV6 ? AF_INET6 : AF_INET, f->host, text, sizeof(text));
		json_object_set_new(o, "host", json_sprintf("%s/%u", text, f->bits));
	}
	if (f->port)
		json_object_set_new(o, "port", json_integer(f->port));
	if (*f->hook)
		json_object_set_new(o, "hook", json_string(f->hook));
	if (f->reasons)
		json_object_set_new(o, "reasons", also(f->reasons));
	return o;
}

static int read_reasons(struct tm_event_filter *f, const json_t *reasons, struct tm_error *e)
{
	size_t i;
	json_t *reason;
	int err = json_is_array(reasons) ? 0 : tm_error(e, "reasons: needs an array of names");

	json_array_foreach(reasons, i, reason)
	{
		if (!err && !json_is_string(reason))
			err = tm_error(e, "reasons: needs an array of names");
		if (!err)
			err = tm_event_filter_reason(f, json_string_value(reason), e);
	}
	return err;
}

int tm_event_filter_read(struct tm_event_filter *f, const json_t *object, struct tm_error *e)
{
	const json_t *host = json_object_get(object, "host"), *port = json_object_get(object, "port");
	const json_t *hook = json_object_get(object, "hook"), *reasons = json_object_get(object, "reasons");
	int err = 0;

	*f = (struct tm_event_filter){ 0 };
	if (host)
		err = json_is_string(host) ? tm_event_filter_host(f, json_string_value(host), e) :
					     tm_error(e, "host: needs a string");
	if (!err && hook)
		err = json_is_string(hook) ? tm_event_filter_hook(f, json_string_value(hook), e) :
					     tm_error(e, "hook: needs a string");
	if (!err && port) {
		if (!json_is_integer(port) || json_integer_value(port) < 1 || json_integer_value(port) > 65535)
			err = tm_error(e, "port: needs a number from 1 to 65535");
		else
			f->port = json_integer_value(port);
	}
	if (!err && reasons)
		err = read_reasons(f, reasons, e);
	return err;
}
