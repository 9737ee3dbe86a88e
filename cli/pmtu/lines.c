/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "lines.h"

const char *cli_pmtu_address(char text[INET6_ADDRSTRLEN], bool ipv6, const uint8_t addr[16])
{
	return inet_ntop(ipv6 ? AF_INET6 : AF_INET, addr, text, INET6_ADDRSTRLEN);
}

const char *cli_pmtu_seconds(char text[CLI_PMTU_TIME], uint64_t ms)
{
	int n = snprintf(text, CLI_PMTU_TIME, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));

	while (text[n - 1] == '0')
		n--;
	text[text[n - 1] == '.' ? n - 1 : n] = '\0';
	return text;
}

void cli_pmtu_print_entry(const struct tm_pmtu_entry *entry)
{
	char deadline[CLI_PMTU_TIME];

	printf("pmtu=%u mss=%u df=%s state=%s deadline=%s", entry->pmtu, entry->mss, entry->nodf ? "off" : "on",
	       tm_pmtu_state_name(entry->state),
	       entry->deadline_ms ? cli_pmtu_seconds(deadline, entry->deadline_ms) : "-");
}

static void print_text(const struct tm_script_answer *a)
{
	const struct tm_pmtu_entry *entry = &a->entry;
	char now[CLI_PMTU_TIME], src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	bool ipv6 = entry->path.ipv6;

	cli_pmtu_seconds(now, a->time_ms);
	cli_pmtu_address(dst, ipv6, entry->path.addr);
	switch (a->kind) {
	case TM_SCRIPT_ENTRY:
		printf("%s %s ", now, dst);
		cli_pmtu_print_entry(entry);
		putchar('\n');
		break;
	case TM_SCRIPT_REFUSED:
		printf("%s %s refused=%s\n", now, dst, tm_pmtu_outcome_name(a->outcome));
		break;
	case TM_SCRIPT_SYN_MSS:
		cli_pmtu_address(src, ipv6, a->source);
		if (a->no_option)
			printf("%s %s>%s mss=none\n", now, src, dst);
		else
			printf("%s %s>%s mss=%u\n", now, src, dst, a->mss);
		break;
	}
}

json_t *cli_pmtu_json_seconds(int64_t ms)
{
	return ms % 1000 ? json_real(ms / 1000.0) : json_integer(ms / 1000);
}

void cli_pmtu_put_entry(json_t *o, const struct tm_pmtu_entry *entry)
{
	bool known = entry->state != TM_PMTU_NONE;

	json_object_set_new(o, "pmtu", json_integer(entry->pmtu));
	json_object_set_new(o, "mss", json_integer(entry->mss));
	json_object_set_new(o, "df", json_boolean(!entry->nodf));
	json_object_set_new(o, "state", json_string(tm_pmtu_state_name(entry->state)));
	json_object_set_new(o, "deadline",
			    entry->deadline_ms ? cli_pmtu_json_seconds(entry->deadline_ms) : json_null());
	json_object_set_new(o, "ceiling", json_integer(entry->ceiling));
	json_object_set_new(o, "origin", known ? json_string(tm_pmtu_origin_name(entry->origin)) : json_null());
	json_object_set_new(o, "last_ptb", known ? cli_pmtu_json_seconds(entry->last_ptb_ms) : json_null());
	json_object_set_new(o, "hits", json_integer(entry->hits));
}

static void print_json(const struct tm_script_answer *a)
{
	json_t *o = json_pack("{s:i}", "schema_version", 1);
	char text[INET6_ADDRSTRLEN];

	json_object_set_new(o, "time", cli_pmtu_json_seconds(a->time_ms));
	if (a->kind == TM_SCRIPT_SYN_MSS)
		json_object_set_new(o, "source", json_string(cli_pmtu_address(text, a->entry.path.ipv6, a->source)));
	json_object_set_new(o, "destination",
			    json_string(cli_pmtu_address(text, a->entry.path.ipv6, a->entry.path.addr)));
	json_object_set_new(o, "tag", *a->tag ? json_string(a->tag) : json_null());
	switch (a->kind) {
	case TM_SCRIPT_ENTRY:
		cli_pmtu_put_entry(o, &a->entry);
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
