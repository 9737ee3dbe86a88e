/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hook block: what its words mean, and which of them go together.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define HOOKS_MAX 1000
#define BOTH (1 << TM_IN | 1 << TM_OUT)

struct hook_reader {
	const struct tm_config_draft *d;
	struct tm_config_errors *errors;
	struct tm_config_hook *hook;
};

static const char *word(const struct hook_reader *r, enum tm_setting setting)
{
	return r->d->words[setting];
}

static void take_name(const struct hook_reader *r)
{
	struct tm_error e;

	if (tm_hook_name_check(r->d->title, &e))
		tm_config_error(
			r->errors, r->d->file, r->d->at.line, r->d->title,
			"is no name for a hook: it needs 1 to %d letters, digits or any of -_:@+. and no dot in front",
			TM_HOOK_NAME - 1);
	else
		strcpy(r->hook->name, r->d->title);
}

static void take_mode(const struct hook_reader *r)
{
	int mode = word(r, TM_SET_MODE) ? tm_word_index(tm_mode_words, word(r, TM_SET_MODE)) : TM_MODE_TC;

	if (mode < 0)
		tm_config_wrong(r->d, TM_SET_MODE, r->errors,
				"is no mode; right would be tc, xdp, xdp-generic, wire or nfqueue");
	else
		r->hook->mode = (enum tm_mode)mode;
}

static void take_device(const struct hook_reader *r, enum tm_setting setting, char *name)
{
	if (!word(r, setting))
		return;
	if (tm_device_name_good(word(r, setting)))
		strcpy(name, word(r, setting));
	else
		tm_config_wrong(r->d, setting, r->errors,
				"is no name of a network device: it needs 1 to %d bytes, no blanks, no '/' and no ':'",
				TM_DEVICE_NAME - 1);
}

static void take_switch(const struct hook_reader *r, enum tm_setting setting, uint32_t flag)
{
	bool on = false;

	if (word(r, setting) && !tm_switch(word(r, setting), &on))
		tm_config_wrong(r->d, setting, r->errors, "is neither true nor false");
	if (on)
		r->hook->limits.flags |= flag;
}

static void take_limits(const struct hook_reader *r)
{
	struct pk_hook *limits = &r->hook->limits;
	const char *mtu = word(r, TM_SET_MTU);
	unsigned n;

	if (word(r, TM_SET_MSS)) {
		if (tm_number(word(r, TM_SET_MSS), TM_MSS_MIN, TM_MSS_MAX, &n))
			limits->mss = (uint16_t)n;
		else
			tm_config_wrong(r->d, TM_SET_MSS, r->errors, "is not a number of bytes from %d to %d",
					TM_MSS_MIN, TM_MSS_MAX);
	}
	if (mtu) {
		if (!strcmp(mtu, "auto"))
			limits->flags |= PK_HOOK_AUTO;
		else if (!strcmp(mtu, "route"))
			limits->flags |= PK_HOOK_ROUTE;
		else if (tm_number(mtu, TM_MTU_MIN, TM_MTU_MAX, &n))
			limits->mtu = (uint16_t)n;
		else
			tm_config_wrong(r->d, TM_SET_MTU, r->errors,
					"is not auto, route or a number of bytes from %d to %d", TM_MTU_MIN,
					TM_MTU_MAX);
	}
	take_switch(r, TM_SET_ALLOW_INCREASE, PK_HOOK_ALLOW_INCREASE);
	take_switch(r, TM_SET_ADD_MISSING, PK_HOOK_ADD_MISSING);
	if (limits->flags & PK_HOOK_ALLOW_INCREASE && !word(r, TM_SET_MSS))
		tm_config_wrong(r->d, TM_SET_ALLOW_INCREASE, r->errors,
				"allow-increase writes the fixed MSS also where it is larger: it needs mss = N");
}

static void refuse(const struct hook_reader *r, enum tm_setting setting, const char *why)
{
	if (word(r, setting))
		tm_config_wrong(r->d, setting, r->errors, "mode %s has no '%s'; %s", tm_mode_name(r->hook->mode),
				tm_setting_name(setting), why);
}

static void need(const struct hook_reader *r, enum tm_setting setting, const char *right)
{
	if (!word(r, setting))
		tm_config_error(r->errors, r->d->file, r->d->at.line, r->d->title,
				"mode %s needs '%s'; right would be %s", tm_mode_name(r->hook->mode),
				tm_setting_name(setting), right);
}

static void check_wire(const struct hook_reader *r)
{
	struct tm_config_hook *h = r->hook;

	need(r, TM_SET_IN, "in = eth0");
	need(r, TM_SET_OUT, "out = eth1");
	refuse(r, TM_SET_DEVICE, "it is between two: in = eth0 out = eth1");
	refuse(r, TM_SET_DIRECTION, "it carries both");
	refuse(r, TM_SET_QUEUE, "that is for mode nfqueue");
	if (*h->in && !strcmp(h->in, h->out))
		tm_config_wrong(r->d, TM_SET_OUT, r->errors, "is both ends of the wire; it needs two devices");
	if (word(r, TM_SET_VIA) && !tm_via_find(word(r, TM_SET_VIA), &h->via))
		tm_config_wrong(r->d, TM_SET_VIA, r->errors, "is not auto, xdp or tc");
	h->directions = BOTH;
}

static void check_nfqueue(const struct hook_reader *r)
{
	unsigned n;

	need(r, TM_SET_QUEUE, "queue = 0, the number of the iptables or nft rule");
	if (word(r, TM_SET_QUEUE)) {
		if (tm_number(word(r, TM_SET_QUEUE), 0, 65535, &n))
			r->hook->queue = (int)n;
		else
			tm_config_wrong(r->d, TM_SET_QUEUE, r->errors, "is not the number of a queue, 0 to 65535");
	}
	refuse(r, TM_SET_IN, "that is for mode wire");
	refuse(r, TM_SET_OUT, "that is for mode wire");
	refuse(r, TM_SET_VIA, "that is for mode wire");
	if (r->hook->limits.flags & PK_HOOK_ROUTE)
		tm_config_wrong(r->d, TM_SET_MTU, r->errors,
				"cannot be had in mode nfqueue, which does not ask the kernel for routes; right would be "
				"auto, a number, or mode = tc");
	if (word(r, TM_SET_DEVICE))
		return;
	if (r->hook->limits.flags & PK_HOOK_AUTO)
		tm_config_wrong(r->d, TM_SET_MTU, r->errors,
				"needs to know of which device; right would be device = NAME");
	if (!word(r, TM_SET_MTU) && !word(r, TM_SET_MSS))
		tm_config_error(r->errors, r->d->file, r->d->at.line, r->d->title,
				"has no limit; right would be mtu = N, mss = N, or device = NAME for that one's MTU");
}

static void check_device(const struct hook_reader *r)
{
	need(r, TM_SET_DEVICE, "device = eth0");
	refuse(r, TM_SET_IN, "that is for mode wire; right would be device = NAME");
	refuse(r, TM_SET_OUT, "that is for mode wire; right would be device = NAME");
	refuse(r, TM_SET_VIA, "that is for mode wire");
	refuse(r, TM_SET_QUEUE, "that is for mode nfqueue");
}

static void take_direction(const struct hook_reader *r)
{
	static const unsigned defaults[] = {
		[TM_MODE_TC] = BOTH,   [TM_MODE_XDP] = 1 << TM_IN,	[TM_MODE_XDP_GENERIC] = 1 << TM_IN,
		[TM_MODE_WIRE] = BOTH, [TM_MODE_NFQUEUE] = 1 << TM_OUT,
	};
	struct tm_config_hook *h = r->hook;
	const char *given = word(r, TM_SET_DIRECTION);
	int way;

	h->directions = defaults[h->mode];
	if (!given || h->mode == TM_MODE_WIRE)
		return;
	way = tm_word_index(tm_direction_words, given);
	if (way < 0)
		tm_config_wrong(r->d, TM_SET_DIRECTION, r->errors, "is not in, out or both");
	else if ((h->mode == TM_MODE_XDP || h->mode == TM_MODE_XDP_GENERIC) && way + 1 != 1 << TM_IN)
		tm_config_wrong(r->d, TM_SET_DIRECTION, r->errors,
				"mode %s sees what comes in only; right would be direction = in, or mode = tc",
				tm_mode_name(h->mode));
	else
		h->directions = (unsigned)way + 1;
}

int tm_config_take_hook(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	struct hook_reader r = { .d = d, .errors = errors };
	struct tm_config_hook *hooks, *h;

	if (c->hook_count == HOOKS_MAX) {
		tm_config_error(errors, d->file, d->at.line, d->title, "more than %d hooks", HOOKS_MAX);
		return 0;
	}
	hooks = reallocarray(c->hooks, c->hook_count + 1, sizeof(*hooks));
	if (!hooks)
		return -ENOMEM;
	c->hooks = hooks;
	h = r.hook = &hooks[c->hook_count++];
	*h = (struct tm_config_hook){ .queue = -1, .at = d->at };
	take_name(&r);
	take_mode(&r);
	take_device(&r, TM_SET_DEVICE, h->device);
	take_device(&r, TM_SET_IN, h->in);
	take_device(&r, TM_SET_OUT, h->out);
	take_limits(&r);
	take_direction(&r);
	if (word(&r, TM_SET_MODE) && tm_word_index(tm_mode_words, word(&r, TM_SET_MODE)) < 0)
		return 0; /* what goes with a mode that is none? */
	switch (h->mode) {
	case TM_MODE_WIRE:
		check_wire(&r);
		break;
	case TM_MODE_NFQUEUE:
		check_nfqueue(&r);
		break;
	case TM_MODE_TC:
	case TM_MODE_XDP:
	case TM_MODE_XDP_GENERIC:
		check_device(&r);
		break;
	}
	if (!h->limits.mss && !h->limits.mtu && !(h->limits.flags & PK_HOOK_ROUTE))
		h->limits.flags |= PK_HOOK_AUTO;
	return 0;
}
