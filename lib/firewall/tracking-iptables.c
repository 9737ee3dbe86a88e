/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "tracking-parts.h"

/* Of mangle, chains of people's own, too: they are come to from there. */
static bool iptables_early(const char *table, const char *chain)
{
	return !strcmp(table, "mangle") && strcmp(chain, "INPUT") && strcmp(chain, "OUTPUT") &&
	       strcmp(chain, "POSTROUTING");
}

static void iptables_target(struct tm_tracking_seen *s, const char *target)
{
	s->synproxy = !strcmp(target, "SYNPROXY");
	s->off = !strcmp(target, "NOTRACK");
	s->drop = !strcmp(target, "DROP") || !strcmp(target, "REJECT");
}

static void iptables_ports(struct tm_tracking_seen *s, char *list)
{
	char *rest;

	for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
		tm_tracking_port(s, word);
}

/* ":OUTPUT DROP [0:0]" */
static void iptables_policy(struct tm_firewall *w, const char *program, const char *table, const char *line)
{
	struct tm_tracking_seen s = { 0 };
	char chain[TM_WORD], policy[TM_WORD];

	if (!tm_next_word(&line, chain) || !tm_next_word(&line, policy) || strcmp(chain, ":OUTPUT") ||
	    strcmp(policy, "DROP"))
		return;
	snprintf(s.rule.where, sizeof(s.rule.where), "%s %.15s OUTPUT", program, table);
	tm_tracking_keep(w, &s, TM_TRACKING_POLICY);
}

void tm_tracking_iptables(struct tm_firewall *w, const char *program, const char *table, const char *line)
{
	struct tm_tracking_seen s = { 0 };
	char word[TM_WORD], value[TM_WORD], chain[32] = "";
	bool negated = false;

	if (*line == ':') {
		iptables_policy(w, program, table, line);
		return;
	}
	while (tm_next_word(&line, word)) {
		bool inverse = negated;

		negated = !strcmp(word, "!");
		if (!strcmp(word, "-A") && tm_next_word(&line, word))
			snprintf(chain, sizeof(chain), "%.31s", word);
		else if (!strcmp(word, "-j") && tm_next_word(&line, word))
			iptables_target(&s, word);
		else if (!strcmp(word, "--notrack"))
			s.off = true;
		else if (!strcmp(word, "-p") && tm_next_word(&line, word))
			s.other |= !inverse && strcmp(word, "tcp") && strcmp(word, "all");
		else if (!strcmp(word, "-i") && tm_next_word(&line, word))
			inverse ? (void)(s.rule.narrow = true) : tm_tracking_device(&s, word);
		else if (!strcmp(word, "-o"))
			s.rule.narrow = true;
		else if ((!strcmp(word, "-d") || !strcmp(word, "-s")) && tm_next_word(&line, value))
			inverse ? (void)(s.rule.narrow = true) : tm_tracking_address(&s, value, word[1] == 's');
		else if ((!strcmp(word, "--ctstate") || !strcmp(word, "--state")) && tm_next_word(&line, word))
			s.invalid |= !inverse && strstr(word, "INVALID");
		else if (!strncmp(word, "--", 2) && strstr(word, "port") && tm_next_word(&line, word))
			inverse ? (void)(s.any_port = true) : iptables_ports(&s, word);
	}
	snprintf(s.rule.where, sizeof(s.rule.where), "%s %.15s %s", program, table, chain);
	tm_tracking_judge(w, &s, iptables_early(table, chain));
}
