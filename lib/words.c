/* SPDX-License-Identifier: BSD-2-Clause */
#include "words.h"

#include <string.h>

bool tm_number(const char *text, unsigned min, unsigned max, unsigned *value)
{
	unsigned long n = 0;
	const char *c;

	for (c = text; *c >= '0' && *c <= '9' && n <= max; c++)
		n = n * 10 + (unsigned long)(*c - '0');
	if (c == text || *c || n < min || n > max)
		return false;
	*value = n;
	return true;
}

bool tm_switch(const char *text, bool *value)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(text, words[i])) {
			*value = i % 2;
			return true;
		}
	}
	return false;
}

static bool in_hook_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-_:@+.", c));
}

int tm_hook_name_check(const char *name, struct tm_error *e)
{
	bool good = *name && *name != '.' && strlen(name) < TM_HOOK_NAME;

	for (const char *c = name; *c && good; c++)
		good = in_hook_name(*c);
	if (good)
		return 0;
	return tm_error(e, "hook name '%s': needs 1 to %d letters, digits or any of -_:@+. and no dot in front", name,
			TM_HOOK_NAME - 1);
}

bool tm_device_name_good(const char *name)
{
	if (!*name || strlen(name) >= TM_DEVICE_NAME || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c == 0x7f || *c == '/' || *c == ':')
			return false;
	return true;
}

static const char *const via_words[] = { "auto", "xdp", "tc" };

const char *tm_via_name(enum tm_via via)
{
	return via_words[via];
}

bool tm_via_find(const char *word, enum tm_via *via)
{
	for (unsigned i = 0; i < sizeof(via_words) / sizeof(*via_words); i++) {
		if (!strcmp(word, via_words[i])) {
			*via = (enum tm_via)i;
			return true;
		}
	}
	return false;
}
