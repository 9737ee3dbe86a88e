/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/words.h"

static int take_mss(struct tm_options *o, const char *text, struct tm_error *e)
{
	unsigned mss;

	if (!tm_number(text, TM_MSS_MIN, TM_MSS_MAX, &mss))
		return tm_error(e, "--mss %s: not a number of bytes from %d to %d", text, TM_MSS_MIN, TM_MSS_MAX);
	o->hook.mss = mss;
	return 0;
}

static int take_mtu(struct tm_options *o, const char *text, struct tm_error *e)
{
	unsigned mtu;

	if (!strcmp(text, "auto")) {
		o->hook.flags |= PK_HOOK_AUTO;
	} else if (!strcmp(text, "route")) {
		o->hook.flags |= PK_HOOK_ROUTE;
	} else if (tm_number(text, TM_MTU_MIN, TM_MTU_MAX, &mtu)) {
		o->hook.mtu = mtu;
	} else {
		return tm_error(e, "--mtu %s: not 'auto', 'route' or a number of bytes from %d to %d", text, TM_MTU_MIN,
				TM_MTU_MAX);
	}
	return 0;
}

const char *tm_prefix_range(struct tm_prefix *p, const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	size_t address_len = slash ? (size_t)(slash - text) : len;
	char address[INET6_ADDRSTRLEN] = "", length[4] = "";
	unsigned bits;

	if (address_len < sizeof(address))
		memcpy(address, text, address_len);
	*p = (struct tm_prefix){ 0 };
	if (inet_pton(AF_INET6, address, p->addr) == 1)
		p->ipv6 = true;
	else if (inet_pton(AF_INET, address, p->addr) != 1)
		return "is not an IPv4 or IPv6 address";
	bits = p->ipv6 ? 128 : 32;
	if (slash) {
		size_t n = len - address_len - 1;

		if (n < sizeof(length))
			memcpy(length, slash + 1, n);
		if (!tm_number(length, 0, bits, &bits))
			return p->ipv6 ? "the length behind '/' is not a number from 0 to 128" :
					 "the length behind '/' is not a number from 0 to 32";
	}
	p->len = bits;
	return NULL;
}

int tm_prefix_parse(struct tm_prefix *p, const char *text, struct tm_error *e)
{
	const char *equals = strchr(text, '='), *wrong;
	unsigned mtu;

	if (!equals)
		return tm_error(e, "prefix '%s': no '=MTU' behind it; right would be 203.0.113.0/24=1400", text);
	wrong = tm_prefix_range(p, text, (size_t)(equals - text));
	if (wrong)
		return tm_error(e, "prefix '%s': %s", text, wrong);
	if (!tm_number(equals + 1, TM_MTU_MIN, TM_MTU_MAX, &mtu))
		return tm_error(e, "prefix '%s': '%s' is not an MTU from %d to %d bytes", text, equals + 1, TM_MTU_MIN,
				TM_MTU_MAX);
	p->mtu = mtu;
	return 0;
}

static int take_prefix(struct tm_options *o, const char *text, struct tm_error *e)
{
	struct tm_prefix p;
	int err = tm_prefix_parse(&p, text, e);

	if (!err && tm_ruleset_add(&o->set, &p))
		err = tm_error_code(e, -ENOMEM, "out of memory after %zu prefixes", o->set.count);
	return err;
}

int tm_options_take(struct tm_options *o, int opt, const char *value, struct tm_error *e)
{
	switch (opt) {
	case TM_OPT_MSS:
		return take_mss(o, value, e);
	case TM_OPT_MTU:
		return take_mtu(o, value, e);
	case TM_OPT_PREFIX:
		return take_prefix(o, value, e);
	case TM_OPT_ALLOW_INCREASE:
		o->hook.flags |= PK_HOOK_ALLOW_INCREASE;
		return 0;
	case TM_OPT_ADD_MISSING:
		o->hook.flags |= PK_HOOK_ADD_MISSING;
		return 0;
	case TM_OPT_CONFIG:
		if (o->config)
			return tm_error(e, "--config %s: %s is given already; one of them can include the other", value, o->config);
		o->config = value;
		return 0;
	}
	return 1;
}

int tm_options_finish(struct tm_options *o, struct tm_error *e)
{
	if (o->hook.flags & PK_HOOK_ALLOW_INCREASE && !o->hook.mss)
		return tm_error(e, "--allow-increase writes the fixed MSS also where it is larger: it needs --mss N");
	tm_ruleset_limit(&o->set, &o->hook);
	return 0;
}

bool tm_options_limited(const struct tm_options *o)
{
	return o->hook.mss || o->hook.mtu || o->hook.flags & (PK_HOOK_AUTO | PK_HOOK_ROUTE) || o->set.count;
}

void tm_options_free(struct tm_options *o)
{
	tm_ruleset_free(&o->set);
}
