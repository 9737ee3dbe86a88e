/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as an addition to the command line.
 */
#include <errno.h>
#include <string.h>

#include "config.h"
#include "lib/options.h"

/* The block of that name, or else the only one for the device; NULL where there is none. */
static const struct tm_config_hook *find_block(const struct tm_config *c, const char *hook, const char *device,
					       struct tm_config_errors *errors)
{
	const struct tm_config_hook *found = NULL;

	for (size_t i = 0; i < c->hook_count; i++)
		if (!strcmp(c->hooks[i].name, hook))
			return &c->hooks[i];
	for (size_t i = 0; i < c->hook_count; i++) {
		const struct tm_config_hook *h = &c->hooks[i];

		if (strcmp(h->device, device))
			continue;
		if (found)
			tm_config_error(errors, c->files[h->at.file], h->at.line, h->name,
					"is for %s, and so is '%s' in %s:%u; right would be --name with one of these",
					device, found->name, c->files[found->at.file], found->at.line);
		else
			found = h;
	}
	return found;
}

static uint16_t smaller(uint16_t a, uint16_t b)
{
	return !a || (b && b < a) ? b : a;
}

int tm_options_add_config(struct tm_options *o, const struct tm_config *c, const char *hook, const char *device,
			  struct tm_config_errors *errors)
{
	const struct tm_config_hook *block = hook && device ? find_block(c, hook, device, errors) : NULL;

	if (errors->memory)
		return -ENOMEM;
	if (errors->count)
		return -EINVAL;
	if (block) {
		o->hook.mss = smaller(o->hook.mss, block->limits.mss);
		o->hook.mtu = smaller(o->hook.mtu, block->limits.mtu);
		o->hook.flags |= block->limits.flags;
	}
	for (size_t i = 0; i < c->set.count; i++)
		if (tm_ruleset_add(&o->set, &c->set.prefixes[i]))
			return -ENOMEM;
	return 0;
}
