/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of nftables that set the mark, written and read; and the words people use.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tproxy.h"

/*
 * The socket is looked up with what the message quotes. A listening socket on all addresses is nobody's connection: without
 * "wildcard 0" it would take the messages of others, whose own port is the proxy's.
 */
static size_t rule(char *text, size_t size, const char *match, const struct tm_tproxy_family *f)
{
	if (!f->on)
		return 0;
	if (f->mask == UINT32_MAX)
		return (size_t)snprintf(text, size,
					"\t\t%s socket transparent 1 socket wildcard 0 counter meta mark set 0x%x\n",
					match, f->mark);
	return (size_t)snprintf(
		text, size,
		"\t\t%s socket transparent 1 socket wildcard 0 counter meta mark set meta mark and 0x%x or 0x%x\n",
		match, ~f->mask, f->mark);
}

void tm_tproxy_nft(const struct tm_tproxy_plan *plan, char text[TM_TPROXY_TEXT])
{
	size_t n = (size_t)snprintf(text, TM_TPROXY_TEXT,
				    "add table inet " TM_TPROXY_NFT "\n"
				    "delete table inet " TM_TPROXY_NFT "\n"
				    "table inet " TM_TPROXY_NFT " {\n"
				    "\tchain prerouting {\n"
				    "\t\ttype filter hook prerouting priority mangle + 10; policy accept;\n");

	n += rule(text + n, TM_TPROXY_TEXT - n, "icmp type destination-unreachable icmp code frag-needed",
		  &plan->family[TM_IPV4]);
	n += rule(text + n, TM_TPROXY_TEXT - n, "icmpv6 type packet-too-big", &plan->family[TM_IPV6]);
	snprintf(text + n, TM_TPROXY_TEXT - n, "\t}\n}\n");
}

/* One line of our chain; the mark is the last number in it: "set 0x00000001", "set meta mark & 0xffffff00 | 0x00000001". */
static void read_rule(struct tm_tproxy_rules *rules, const char *line, size_t len)
{
	char text[512];
	const char *mark, *packets;
	int family;

	snprintf(text, sizeof(text), "%.*s", (int)(len < sizeof(text) ? len : sizeof(text) - 1), line);
	mark = strstr(text, "meta mark set ");
	if (!mark)
		return;
	family = strstr(text, "icmpv6 ") ? TM_IPV6 : TM_IPV4;
	mark = strrchr(mark, ' ');
	packets = strstr(text, "packets ");
	rules->there[family] = true;
	rules->mark[family] = (uint32_t)strtoul(mark, NULL, 0);
	rules->packets[family] = packets ? strtoull(packets + strlen("packets "), NULL, 10) : 0;
}

void tm_tproxy_read_nft(struct tm_tproxy_rules *rules, const char *text)
{
	*rules = (struct tm_tproxy_rules){ 0 };
	while (*text) {
		size_t len = strcspn(text, "\n");

		read_rule(rules, text, len);
		text += len + (text[len] == '\n');
	}
}

static const char *const via_words[] = { "auto", "nft", "tc" };

const char *tm_tproxy_via_name(enum tm_tproxy_via via)
{
	return via_words[via];
}

bool tm_tproxy_via_find(const char *word, enum tm_tproxy_via *via)
{
	for (int i = 0; i <= TM_TPROXY_VIA_TC; i++) {
		if (strcmp(word, via_words[i]))
			continue;
		*via = (enum tm_tproxy_via)i;
		return true;
	}
	return false;
}

bool tm_tproxy_number(const char *word, uint32_t *value)
{
	bool hex = word[0] == '0' && (word[1] == 'x' || word[1] == 'X');
	char *end;
	unsigned long long n;

	if (!isxdigit((unsigned char)word[hex ? 2 : 0]))
		return false;
	errno = 0;
	n = strtoull(word, &end, hex ? 16 : 10);
	if (*end || errno || !n || n > UINT32_MAX)
		return false;
	*value = (uint32_t)n;
	return true;
}
