/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can be chosen of a network, and the record that keeps it.
 */
#include <stdio.h>
#include <string.h>

#include "lab.h"
#include "lib/words.h"

#define RECORD "tcpmss lab "
#define VERSION "1"

static const struct {
	const char *name, *help;
} networks[TM_LAB_NETWORKS] = {
	[TM_LAB_GATEWAY] = { "gateway", "client - gateway - server; nothing is broken" },
	[TM_LAB_PATH] = { "path", "client - gateway - router =narrow link= remote - server" },
	[TM_LAB_PROXY] = { "proxy", "client - edge - transparent proxy - router =narrow link= server" },
	[TM_LAB_WIRE] = { "wire", "client - gateway - server, joined only by a tcpmss wire" },
	[TM_LAB_FLOOD] = { "flood", "client, attackers - switch - gateway - server" },
	[TM_LAB_BRIDGED] = { "bridge", "client - gateway, a bridge - server" },
};

enum key { MTU, RAISE_MSS, BLACKHOLE, NARROW, BARE, OFFLOAD, GRO, KEYS };

#define ALL ((1u << TM_LAB_NETWORKS) - 1)

static const struct {
	const char *name;
	unsigned networks; /* that have it */
	unsigned min, max; /* 0: a word */
} keys[KEYS] = {
	[MTU] = { "mtu", ALL, 1280, 65535 }, /* below, there is no IPv6 */
	[RAISE_MSS] = { "raise-mss", 1u << TM_LAB_PROXY, 536, 65495 },
	[BLACKHOLE] = { "blackhole", 1u << TM_LAB_PATH, 0, 0 },
	[NARROW] = { "narrow", 1u << TM_LAB_PROXY, 0, 0 },
	[BARE] = { "bare", 1u << TM_LAB_PROXY | 1u << TM_LAB_WIRE, 0, 0 },
	[OFFLOAD] = { "offload", ALL, 0, 0 },
	[GRO] = { "gro", 1u << TM_LAB_PATH, 0, 0 },
};

const char *tm_lab_network_name(enum tm_lab_network network)
{
	return networks[network].name;
}

const char *tm_lab_network_help(enum tm_lab_network network)
{
	return networks[network].help;
}

bool tm_lab_network_find(const char *word, enum tm_lab_network *network)
{
	for (unsigned n = 0; n < TM_LAB_NETWORKS; n++)
		if (!strcmp(word, networks[n].name)) {
			*network = n;
			return true;
		}
	return false;
}

static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.";

int tm_lab_name_check(const char *name, struct tm_error *e)
{
	size_t length = strlen(name);

	if (length && length < TM_LAB_NAME && strspn(name, good) == length)
		return 0;
	return tm_error(e, "'%.40s' is no name for a lab: up to %d letters, digits, '_' and '.'", name,
			TM_LAB_NAME - 1);
}

void tm_lab_defaults(struct tm_lab_choice *choice, enum tm_lab_network network)
{
	*choice = (struct tm_lab_choice){
		.mtu = network == TM_LAB_PATH  ? 1300 :
		       network == TM_LAB_PROXY ? 1280 :
						 1500,
		.raise_mss = network == TM_LAB_PROXY ? 1440 : 0,
	};
}

static int choose_number(struct tm_lab_choice *choice, enum key key, const char *value, struct tm_error *e)
{
	unsigned *to = key == MTU ? &choice->mtu : &choice->raise_mss;

	if (key == RAISE_MSS && !strcmp(value, "no"))
		*to = 0;
	else if (!tm_number(value, keys[key].min, keys[key].max, to))
		return tm_error(e, "%s: '%.40s' is not a number from %u to %u%s", keys[key].name, value, keys[key].min,
				keys[key].max,
				key == MTU	 ? " (IPv6 needs 1280)" :
				key == RAISE_MSS ? ", or 'no'" :
						   "");
	return 0;
}

static int choose_sides(struct tm_lab_choice *choice, const char *value, struct tm_error *e)
{
	bool client = !strcmp(value, "client"), both = !strcmp(value, "both");

	if (!client && !both && strcmp(value, "server"))
		return tm_error(e, "narrow: '%.40s' is not 'client', 'server' or 'both'", value);
	choice->client_narrow = client || both;
	choice->server_wide = client;
	return 0;
}

int tm_lab_choose(struct tm_lab_choice *choice, enum tm_lab_network network, const char *name, const char *value,
		  struct tm_error *e)
{
	enum key key = 0;
	bool on = true;

	while (key < KEYS && strcmp(name, keys[key].name))
		key++;
	if (key == KEYS || !(keys[key].networks >> network & 1))
		return tm_error(e, "the network '%s' has no '%.40s'", networks[network].name, name);
	if (keys[key].max)
		return choose_number(choice, key, value ? value : "", e);
	if (key == NARROW)
		return choose_sides(choice, value ? value : "", e);
	if (value && !tm_switch(value, &on))
		return tm_error(e, "%s: '%.40s' is not 'on' or 'off'", name, value);
	if (key == BLACKHOLE)
		choice->blackhole = on;
	else if (key == BARE)
		choice->bare = on;
	else if (key == OFFLOAD)
		choice->no_offload = !on;
	else
		choice->gro = on;
	return 0;
}

/* ---- records */

void tm_lab_record(const struct tm_lab *lab, const char *host, bool ready, char text[TM_LAB_RECORD])
{
	const struct tm_lab_choice *c = &lab->choice;

	snprintf(text, TM_LAB_RECORD, RECORD "%s %s " VERSION " %s %s mtu=%u raise-mss=%u%s%s%s%s%s%s", lab->name, host,
		 ready ? "ready" : "begun", networks[lab->network].name, c->mtu, c->raise_mss,
		 c->blackhole ? " blackhole" : "", c->server_wide ? " server-wide" : "",
		 c->client_narrow ? " client-narrow" : "", c->bare ? " bare" : "", c->no_offload ? " no-offload" : "",
		 c->gro ? " gro" : "");
}

bool tm_lab_recorded(const char *text, const char *name)
{
	size_t mark = strlen(RECORD), length = strlen(name);

	return !strncmp(text, RECORD, mark) && !strncmp(text + mark, name, length) && text[mark + length] == ' ';
}

static bool has(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while ((at = strstr(at, word))) {
		if (at > words && at[-1] == ' ' && (at[length] == ' ' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

bool tm_lab_read(struct tm_lab *lab, const char *text, bool *ready)
{
	char name[TM_LAB_NAME], state[8], word[12];
	struct tm_lab_choice c = { 0 };
	enum tm_lab_network network;
	struct tm_error e;

	if (sscanf(text, RECORD "%23s %*15s " VERSION " %7s %11s mtu=%u raise-mss=%u", name, state, word, &c.mtu,
		   &c.raise_mss) != 5 ||
	    tm_lab_name_check(name, &e) || !tm_lab_network_find(word, &network))
		return false;
	c.blackhole = has(text, "blackhole");
	c.server_wide = has(text, "server-wide");
	c.client_narrow = has(text, "client-narrow");
	c.bare = has(text, "bare");
	c.no_offload = has(text, "no-offload");
	c.gro = has(text, "gro");
	*ready = !strcmp(state, "ready");
	tm_lab_plan(lab, name, network, &c);
	return true;
}
