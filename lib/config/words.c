/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The words of a configuration that are one of a few.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "parts.h"

const char *const tm_mode_words[] = { "tc", "xdp", "xdp-generic", "wire", "nfqueue", NULL };
const char *const tm_direction_words[] = { "in", "out", "both", NULL }; /* that is, their bits less one */
const char *const tm_old_router_words[] = { "seed", "rfc1191", "off", NULL };
const char *const tm_raise_words[] = { "plateau", "jump", NULL };
const char *const tm_protect_mode_words[] = { "adaptive", "always", "off", NULL };
const char *const tm_accelerator_words[] = { "none", "tc", "xdp", NULL };

int tm_word_index(const char *const *words, const char *word)
{
	for (int i = 0; words[i]; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

const char *tm_mode_name(enum tm_mode mode)
{
	return tm_mode_words[mode];
}

const char *tm_directions_name(unsigned directions)
{
	return tm_direction_words[directions - 1];
}

const char *tm_old_router_name(enum tm_old_router old_router)
{
	return tm_old_router_words[old_router];
}

const char *tm_raise_name(enum tm_raise raise)
{
	return tm_raise_words[raise];
}

const char *tm_protect_mode_name(enum tm_protect_mode mode)
{
	return tm_protect_mode_words[mode];
}

const char *tm_accelerator_name(enum tm_protect_accelerator accelerator)
{
	return tm_accelerator_words[accelerator];
}

size_t tm_config_words(const struct tm_config_draft *d, enum tm_setting setting)
{
	return d->words[setting] ? d->more[setting].count + 1 : 0;
}

const char *tm_config_word(const struct tm_config_draft *d, enum tm_setting setting, size_t i, unsigned *line)
{
	*line = i ? d->more[setting].lines[i - 1] : d->lines[setting];
	return i ? d->more[setting].words[i - 1] : d->words[setting];
}

void tm_config_wrong(const struct tm_config_draft *d, enum tm_setting setting, struct tm_config_errors *errors,
		     const char *format, ...)
{
	char message[320];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	tm_config_error(errors, d->file, d->lines[setting], d->words[setting], "%s", message);
}

bool tm_config_first(const struct tm_config *c, const struct tm_config_draft *d, const struct tm_config_place *other,
		     const char *name, struct tm_config_errors *errors)
{
	if (!other->line)
		return true;
	tm_config_error(errors, d->file, d->at.line, name, "is there already, in %s:%u; keep one of them",
			c->files[other->file], other->line);
	return false;
}

void tm_config_switch(const struct tm_config_draft *d, enum tm_setting setting, bool *on,
		      struct tm_config_errors *errors)
{
	if (d->words[setting] && !tm_switch(d->words[setting], on))
		tm_config_wrong(d, setting, errors, "is neither true nor false");
}
