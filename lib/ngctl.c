/* SPDX-License-Identifier: BSD-2-Clause */
#include "ngctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/rules.h"

static const char *const commands[] = { "config", "getstats", "clrstats", "getclrstats" };

#define COMMANDS (sizeof(commands) / sizeof(*commands))

struct cursor {
	const char *at;
	struct tm_error *e;
};

static bool blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_blanks(struct cursor *c)
{
	while (blank(*c->at))
		c->at++;
}

/* Bytes of the word at the cursor. */
static size_t word_len(const struct cursor *c)
{
	size_t n = 0;

	while (c->at[n] && !blank(c->at[n]) && !strchr("{}[]=\"", c->at[n]))
		n++;
	return n;
}

/* What stands at the cursor, short enough for a sentence. */
static const char *here(const struct cursor *c, char text[24])
{
	size_t n = word_len(c);

	if (!*c->at)
		return "the end";
	snprintf(text, 24, "'%.*s'", n > 20 ? 20 : n ? (int)n : 1, c->at);
	for (char *t = text; *t; t++)
		if (*t < ' ' || *t > '~')
			*t = '?';
	return text;
}

static int expect(struct cursor *c, char wanted, const char *where)
{
	char text[24];

	skip_blanks(c);
	if (*c->at != wanted)
		return tm_error(
			c->e,
			"%s: '%c' is missing in front of %s; right would be { inHook=\"wan\" outHook=\"wan\" maxMSS=1452 }",
			where, wanted, here(c, text));
	c->at++;
	return 0;
}

static int digit(char c, int base)
{
	int value = c >= '0' && c <= '9' ? c - '0' :
		    c >= 'a' && c <= 'f' ? c - 'a' + 10 :
		    c >= 'A' && c <= 'F' ? c - 'A' + 10 :
					   16;

	return value < base ? value : -1;
}

/* Up to `max` digits of an escape. */
static char take_digits(struct cursor *c, int base, int max)
{
	int value = 0;

	for (; max > 0 && digit(*c->at, base) >= 0; max--)
		value = value * base + digit(*c->at++, base);
	return (char)value;
}

/* The character behind a backslash. */
static char take_escape(struct cursor *c)
{
	static const char from[] = "tnrvf", to[] = "\t\n\r\v\f";
	const char *known = *c->at ? strchr(from, *c->at) : NULL;

	if (known) {
		c->at++;
		return to[known - from];
	}
	if (digit(*c->at, 8) >= 0)
		return take_digits(c, 8, 3);
	if (*c->at == 'x' && digit(c->at[1], 16) >= 0) {
		c->at++;
		return take_digits(c, 16, 2);
	}
	return *c->at ? *c->at++ : '\\';
}

static int take_quoted(struct cursor *c, char name[TM_HOOK_NAME], const char *what)
{
	size_t n = 0;

	c->at++;
	while (*c->at && *c->at != '"') {
		char ch = *c->at++;

		if (ch == '\\')
			ch = take_escape(c);
		if (!ch)
			return tm_error(c->e, "%s: a NUL character is part of no name", what);
		if (n == TM_HOOK_NAME - 1)
			return tm_error(c->e, "%s: the name is longer than %d bytes", what, TM_HOOK_NAME - 1);
		name[n++] = ch;
	}
	name[n] = '\0';
	if (!*c->at)
		return tm_error(c->e, "%s: the closing quote is missing", what);
	c->at++;
	return 0;
}

static int take_name(struct cursor *c, char name[TM_HOOK_NAME], const char *what, bool bare)
{
	struct tm_error wrong;
	char text[24];
	size_t n;
	int err;

	skip_blanks(c);
	n = word_len(c);
	if (*c->at == '"') {
		err = take_quoted(c, name, what);
		if (err)
			return err;
	} else if (!bare || !n) {
		return tm_error(c->e, "%s: a name in double quotes is missing in front of %s; right would be \"wan\"",
				what, here(c, text));
	} else {
		if (n >= TM_HOOK_NAME)
			return tm_error(c->e, "%s: the name is longer than %d bytes", what, TM_HOOK_NAME - 1);
		memcpy(name, c->at, n);
		name[n] = '\0';
		c->at += n;
	}
	if (tm_hook_name_check(name, &wrong))
		return tm_error(
			c->e,
			"%s: no hook is called that: a name has 1 to %d letters, digits or any of -_:@+. and no dot in front",
			what, TM_HOOK_NAME - 1);
	return 0;
}

static int take_mss(struct cursor *c, uint16_t *mss)
{
	size_t n, i = 0;
	unsigned long value = 0;
	int base = 10;
	char text[24];

	skip_blanks(c);
	n = word_len(c);
	if (i < n && c->at[i] == '+')
		i++;
	if (n - i > 2 && c->at[i] == '0' && (c->at[i + 1] | 0x20) == 'x') {
		base = 16;
		i += 2;
	} else if (n - i > 1 && c->at[i] == '0') {
		base = 8;
		i++;
	}
	if (i == n)
		return tm_error(c->e, "maxMSS: a number is missing in front of %s", here(c, text));
	for (; i < n && value <= UINT16_MAX; i++) {
		int d = digit(c->at[i], base);

		if (d < 0)
			return tm_error(c->e, "maxMSS: %s is no number; right would be 1452, 0x5ac or 02654",
					here(c, text));
		value = value * (unsigned)base + (unsigned)d;
	}
	if (value && (value < TM_MSS_MIN || value > TM_MSS_MAX))
		return tm_error(c->e, "maxMSS: %s is not from %d to %d bytes, nor 0 for no limit", here(c, text),
				TM_MSS_MIN, TM_MSS_MAX);
	*mss = (uint16_t)value;
	c->at += n;
	return 0;
}

static int take_fields(struct cursor *c, struct tm_ng_message *m)
{
	static const char *const names[] = { "inHook", "outHook", "maxMSS" };
	unsigned seen = 0;
	char text[24];
	int err = expect(c, '{', "config");

	while (!err) {
		unsigned f;

		skip_blanks(c);
		if (*c->at == '}')
			break;
		for (f = 0; f < 3; f++)
			if (word_len(c) == strlen(names[f]) && !strncmp(c->at, names[f], strlen(names[f])))
				break;
		if (f == 3)
			return tm_error(
				c->e, "config: %s is none of its fields: inHook, outHook, maxMSS, and a '}' in the end",
				here(c, text));
		if (seen >> f & 1)
			return tm_error(c->e, "config: %s is given twice", names[f]);
		seen |= 1u << f;
		c->at += strlen(names[f]);
		err = expect(c, '=', names[f]);
		if (!err)
			err = f == 2 ? take_mss(c, &m->mss) : take_name(c, f ? m->out : m->in, names[f], false);
	}
	if (err)
		return err;
	c->at++;
	if ((seen & 3) != 3)
		return tm_error(c->e,
				"config: %s is missing; right would be { inHook=\"wan\" outHook=\"wan\" maxMSS=1452 }",
				seen & 1 ? "outHook" : "inHook");
	return 0;
}

int tm_ng_parse(struct tm_ng_message *m, const char *text, struct tm_error *e)
{
	struct cursor c = { text, e };
	unsigned command;
	char word[24];
	int err;

	*m = (struct tm_ng_message){ 0 };
	skip_blanks(&c);
	for (command = 0; command < COMMANDS; command++)
		if (word_len(&c) == strlen(commands[command]) &&
		    !strncmp(c.at, commands[command], strlen(commands[command])))
			break;
	if (command == COMMANDS)
		return tm_error(e, "%s is no message; there are config, getstats, clrstats and getclrstats",
				here(&c, word));
	c.at += strlen(commands[command]);
	m->command = (enum tm_ng_command)command;
	err = command == TM_NG_CONFIG ? take_fields(&c, m) : take_name(&c, m->in, commands[command], true);
	if (err)
		return err;
	skip_blanks(&c);
	return *c.at ? tm_error(e, "%s: the message is over in front of %s", commands[command], here(&c, word)) : 0;
}

void tm_ng_stats_text(char text[TM_NG_ANSWER], const struct tm_counters *counters, uint16_t mss)
{
	const struct {
		const char *name;
		uint64_t value;
	} fields[] = {
		{ "Octets", counters->octets },	      { "Packets", counters->packets },		{ "maxMSS", mss },
		{ "SYNPkts", counters->syn_packets }, { "FixedPkts", counters->fixed_packets },
	};
	size_t n = 1;

	text[0] = '{';
	for (size_t f = 0; f < sizeof(fields) / sizeof(*fields); f++)
		if (fields[f].value)
			n += (size_t)snprintf(text + n, TM_NG_ANSWER - n, " %s=%" PRIu64, fields[f].name,
					      fields[f].value);
	snprintf(text + n, TM_NG_ANSWER - n, n > 1 ? " }" : "}");
}
