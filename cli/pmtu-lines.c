/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "pmtu-lines.h"

enum { TIME = 32 };

static const char *address(char text[INET6_ADDRSTRLEN], bool ipv6, const uint8_t addr[16])
{
	return inet_ntop(ipv6 ? AF_INET6 : AF_INET, addr, text, INET6_ADDRSTRLEN);
}

/* Seconds; decimals only where they are not zero. */
static const char *seconds(char text[TIME], uint64_t ms)
{
	int n = snprintf(text, TIME, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));

	while (text[n - 1] == '0')
		n--;
	text[text[n - 1] == '.' ? n - 1 : n] = '\0';
	return text;
}

static void print_text(const struct tm_script_answer *a)
{
	const struct tm_pmtu_entry *entry = &a->entry;
	char now[TIME], deadline[TIME], src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	bool ipv6 = entry->path.ipv6;

	seconds(now, a->time_ms);
	address(dst, ipv6, entry->path.addr);
	switch (a->kind) {
	case TM_SCRIPT_ENTRY:
		printf("%s %s pmtu=%u mss=%u df=%s state=%s deadline=%s\n", now, dst, entry->pmtu, entry->mss,
		       entry->nodf ? "off" : "on", tm_pmtu_state_name(entry->state),
		       entry->deadline_ms ? seconds(deadline, entry->deadline_ms) : "-");
		break;
	case TM_SCRIPT_REFUSED:
		printf("%s %s refused=%s\n", now, dst, tm_pmtu_outcome_name(a->outcome));
		break;
	case TM_SCRIPT_SYN_MSS:
		address(src, ipv6, a->source);
		if (a->no_option)
			printf("%s %s>%s mss=none\n", now, src, dst);
		else
			printf("%s %s>%s mss=%u\n", now, src, dst, a->mss);
		break;
	}
}

/* Whole seconds as an integer: those who compare need no tolerance. */
static json_t *json_seconds(int64_t ms)
{
	return ms % 1000 ? json_real(ms / 1000.0) : json_integer(ms / 1000);
}

static void put_entry(json_t *o, const struct tm_pmtu_entry *entry)
{
	bool known = entry->state != TM_PMTU_NONE;

	json_object_set_new(o, "pmtu", json_integer(entry->pmtu));
	json_object_set_new(o, "mss", json_integer(entry->mss));
	json_object_set_new(o, "df", json_boolean(!entry->nodf));
	json_object_set_new(o, "state", json_string(tm_pmtu_state_name(entry->state)));
	json_object_set_new(o, "deadline", entry->deadline_ms ? json_seconds(entry->deadline_ms) : json_null());
	json_object_set_new(o, "ceiling", json_integer(entry->ceiling));
	json_object_set_new(o, "origin", known ? json_string(tm_pmtu_origin_name(entry->origin)) : json_null());
	json_object_set_new(o, "last_ptb", known ? json_seconds(entry->last_ptb_ms) : json_null());
	json_object_set_new(o, "hits", json_integer(entry->hits));
}

static void print_json(const struct tm_script_answer *a)
{
	json_t *o = json_pack("{s:i}", "schema_version", 1);
	char text[INET6_ADDRSTRLEN];

	json_object_set_new(o, "time", json_seconds(a->time_ms));
	if (a->kind == TM_SCRIPT_SYN_MSS)
		json_object_set_new(o, "source", json_string(address(text, a->entry.path.ipv6, a->source)));
	json_object_set_new(o, "destination", json_string(address(text, a->entry.path.ipv6, a->entry.path.addr)));
	json_object_set_new(o, "tag", *a->tag ? json_string(a->tag) : json_null());
	switch (a->kind) {
	case TM_SCRIPT_ENTRY:
		put_entry(o, &a->entry);
		break;
	case TM_SCRIPT_REFUSED:
		json_object_set_new(o, "refused", json_string(tm_pmtu_outcome_name(a->outcome)));
		break;
	case TM_SCRIPT_SYN_MSS:
		json_object_set_new(o, "mss", a->no_option ? json_null() : json_integer(a->mss));
		break;
	}
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

void cli_pmtu_line(const struct tm_script_answer *answer, bool json)
{
	if (json)
		print_json(answer);
	else
		print_text(answer);
}
