/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of a script of "tcpmss pmtu replay": its words.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "script.h"
#include "lib/words.h"

enum { WORD = 64, SECONDS_MAX = 4000000000u };

/* What is left of the line; the word that was read last, and whether it was cut. */
struct cursor {
	const char *rest;
	char word[WORD];
	struct tm_error *e;
};

static const char blanks[] = " \t\r";

/* False at the end of the line: the word before stays. */
static bool next(struct cursor *c)
{
	size_t len;

	c->rest += strspn(c->rest, blanks);
	len = strcspn(c->rest, " \t\r#");
	if (!len)
		return false;
	/* Too long for anything that a line may have: cut, it is wrong as well, and can be told. */
	snprintf(c->word, sizeof(c->word), "%.*s", (int)(len < INT32_MAX ? len : INT32_MAX), c->rest);
	c->rest += len;
	return true;
}

/* The next word, or what is missing told. */
static int need(struct cursor *c, const char *what)
{
	char before[WORD];

	strcpy(before, c->word);
	return next(c) ? 0 : tm_error(c->e, "'%s' is the last word; %s is missing behind it", before, what);
}

static int read_number(struct cursor *c, const char *what, uint32_t min, uint32_t max, uint32_t *value)
{
	unsigned n;

	if (need(c, what))
		return -EINVAL;
	if (!tm_number(c->word, min, max, &n))
		return tm_error(c->e, "'%s' is not %s: a number from %u to %u", c->word, what, min, max);
	*value = n;
	return 0;
}

static int read_time(struct cursor *c, uint64_t *ms)
{
	size_t whole = strspn(c->word, "0123456789"), decimals = 0;
	char seconds[WORD];
	unsigned n;

	if (c->word[whole] == '.')
		decimals = strspn(c->word + whole + 1, "0123456789");
	memcpy(seconds, c->word, whole);
	seconds[whole] = '\0';
	if (!tm_number(seconds, 0, SECONDS_MAX, &n) || (c->word[whole] && !decimals) ||
	    c->word[whole + (decimals ? 1 : 0) + decimals])
		return tm_error(c->e, "'%s' is not a time: seconds from 0 to %u, as 600 or 0.25", c->word, SECONDS_MAX);
	*ms = (uint64_t)n * 1000;
	for (size_t i = 0, unit = 100; i < decimals && unit; i++, unit /= 10)
		*ms += (c->word[whole + 1 + i] - '0') * unit;
	return 0;
}

static int read_address(struct cursor *c, const char *what, uint8_t addr[16], bool *ipv6)
{
	if (need(c, what))
		return -EINVAL;
	memset(addr, 0, 16);
	*ipv6 = inet_pton(AF_INET6, c->word, addr) == 1;
	if (!*ipv6 && inet_pton(AF_INET, c->word, addr) != 1)
		return tm_error(c->e, "'%s' is not %s: an IPv4 or IPv6 address", c->word, what);
	return 0;
}

static int read_tag(struct cursor *c, char tag[TM_SCRIPT_TAG])
{
	if (need(c, "the tag"))
		return -EINVAL;
	if (strlen(c->word) >= TM_SCRIPT_TAG)
		return tm_error(c->e, "'%s' is no tag: it has at most %d bytes", c->word, TM_SCRIPT_TAG - 1);
	strcpy(tag, c->word);
	return 0;
}

/* "mss N", "len TL", "ihl N", "tag T" in any order, as far as the verb has them. */
static int read_rest(struct cursor *c, struct tm_script_line *l)
{
	bool start = l->verb == TM_SCRIPT_START, ptb = l->verb == TM_SCRIPT_PTB;
	unsigned had = 0;
	uint32_t n = 0;
	int err = 0;

	while (!err && next(c)) {
		unsigned bit = strcmp(c->word, "mss") == 0 && start ? 1 :
			       strcmp(c->word, "len") == 0 && ptb   ? 2 :
			       strcmp(c->word, "ihl") == 0 && ptb   ? 4 :
			       strcmp(c->word, "tag") == 0	    ? 8 :
								      0;

		if (!bit)
			return tm_error(c->e, "'%s' is too much here; known are %stag T", c->word,
					start ? "mss N, " :
					ptb   ? "len TL, ihl N, " :
						"");
		if (had & bit)
			return tm_error(c->e, "'%s' is here a second time", c->word);
		had |= bit;
		if (bit == 1) {
			err = read_number(c, "the MSS", 1, 65535, &l->mss);
		} else if (bit == 2) {
			err = read_number(c, "the quoted total length", 0, 65535, &n);
			l->len = n;
		} else if (bit == 4) {
			err = read_number(c, "the quoted header's length in words", 5, 15, &n);
			l->ihl = n;
		} else {
			err = read_tag(c, l->tag);
		}
	}
	return err;
}

static int read_keyword(struct cursor *c, const char *keyword)
{
	if (need(c, keyword))
		return -EINVAL;
	return strcmp(c->word, keyword) ? tm_error(c->e, "'%s' stands where '%s' belongs", c->word, keyword) : 0;
}

static int read_start(struct cursor *c, struct tm_script_line *l)
{
	int err = read_address(c, "the destination", l->dst, &l->ipv6);

	if (!err)
		err = read_keyword(c, "first-hop");
	if (!err)
		err = read_number(c, "the first hop's MTU", l->ipv6 ? TM_PMTU_FLOOR6 : TM_PMTU_MIN4, INT32_MAX,
				  &l->mtu);
	return err ?: read_rest(c, l);
}

static int read_ptb(struct cursor *c, struct tm_script_line *l)
{
	int err = read_address(c, "the destination", l->dst, &l->ipv6);

	l->ihl = 5;
	if (!err)
		err = read_number(c, "the PTB's MTU", 0, l->ipv6 ? UINT32_MAX : UINT16_MAX, &l->mtu);
	return err ?: read_rest(c, l);
}

static int read_syn(struct cursor *c, struct tm_script_line *l)
{
	bool ipv6;
	int err = read_address(c, "the source", l->src, &ipv6);

	if (!err)
		err = read_address(c, "the destination", l->dst, &l->ipv6);
	if (!err && l->ipv6 != ipv6)
		return tm_error(c->e, "'%s' is not of the source's family", c->word);
	if (!err)
		err = read_keyword(c, "mss");
	if (!err)
		err = need(c, "the MSS");
	l->no_option = !err && !strcmp(c->word, "none");
	if (!err && !l->no_option && !tm_number(c->word, 0, 65535, &l->mss))
		return tm_error(c->e, "'%s' is not the MSS: a number from 0 to 65535, or none", c->word);
	return err ?: read_rest(c, l);
}

static int read_static(struct cursor *c, struct tm_script_line *l)
{
	int err = read_address(c, "the destination", l->dst, &l->ipv6);

	if (!err)
		err = read_number(c, "the MTU", 0, UINT16_MAX, &l->mtu);
	return err ?: read_rest(c, l);
}

static int read_delete(struct cursor *c, struct tm_script_line *l)
{
	return read_address(c, "the destination", l->dst, &l->ipv6) ?: read_rest(c, l);
}

static int read_end(struct cursor *c, struct tm_script_line *l)
{
	return next(c) ? tm_error(c->e, "'%s' is too much: nothing belongs behind the verb", c->word) : 0;
}

static int read_aging(struct cursor *c, struct tm_script_line *l)
{
	int err = read_number(c, "the minutes of aging", TM_PMTU_AGING_MIN, TM_PMTU_AGING_MAX, &l->minutes);

	return err ?: read_end(c, l);
}

static const struct {
	const char *name;
	int (*read)(struct cursor *c, struct tm_script_line *l);
} verbs[] = {
	[TM_SCRIPT_START] = { "start", read_start },	[TM_SCRIPT_PTB] = { "ptb", read_ptb },
	[TM_SCRIPT_TICK] = { "tick", read_end },	[TM_SCRIPT_SYN] = { "syn", read_syn },
	[TM_SCRIPT_STATIC] = { "static", read_static }, [TM_SCRIPT_DELETE] = { "delete", read_delete },
	[TM_SCRIPT_DISABLE] = { "disable", read_end },	[TM_SCRIPT_ENABLE] = { "enable", read_end },
	[TM_SCRIPT_AGING] = { "aging", read_aging },
};

int tm_script_parse(const char *text, struct tm_script_line *line, struct tm_error *e)
{
	struct cursor c = { .rest = text, .e = e };
	int err;

	*line = (struct tm_script_line){ 0 };
	if (!next(&c))
		return 0;
	err = read_time(&c, &line->time_ms) ?: need(&c, "what happens");
	if (err)
		return err;
	for (size_t i = TM_SCRIPT_START; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(c.word, verbs[i].name))
			continue;
		line->verb = i;
		return verbs[i].read(&c, line);
	}
	return tm_error(e, "'%s' is no event; there are start, ptb, tick, syn, static, delete, disable, enable, aging",
			c.word);
}
