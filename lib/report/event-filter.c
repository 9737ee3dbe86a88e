/* SPDX-License-Identifier: BSD-2-Clause */
#include "event-filter.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "stats.h"

int tm_event_filter_host(struct tm_event_filter *f, const char *text, struct tm_error *e)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char address[INET6_ADDRSTRLEN] = "";
	unsigned bits;
	bool ipv6;

	if (len < sizeof(address))
		memcpy(address, text, len);
	memset(f->host, 0, sizeof(f->host));
	ipv6 = inet_pton(AF_INET6, address, f->host) == 1;
	if (!ipv6 && inet_pton(AF_INET, address, f->host) != 1)
		return tm_error(e, "host '%.60s': not an IPv4 or IPv6 address, or prefix", text);
	bits = ipv6 ? 128 : 32;
	if (slash && !tm_number(slash + 1, 0, bits, &bits))
		return tm_error(e, "host '%.60s': behind the '/' needs 0 to %u", text, bits);
	f->family = ipv6 ? PK_IPV6 : PK_IPV4;
	f->bits = bits;
	return 0;
}

int tm_event_filter_port(struct tm_event_filter *f, const char *text, struct tm_error *e)
{
	unsigned port;

	if (!tm_number(text, 1, 65535, &port))
		return tm_error(e, "port '%.60s': needs a number from 1 to 65535", text);
	f->port = port;
	return 0;
}

int tm_event_filter_hook(struct tm_event_filter *f, const char *text, struct tm_error *e)
{
	int err = tm_hook_name_check(text, e);

	if (!err)
		strcpy(f->hook, text);
	return err;
}

int tm_event_filter_reason(struct tm_event_filter *f, const char *text, struct tm_error *e)
{
	enum pk_reason reason = tm_reason_find(text);

	if (!reason)
		return tm_error(e, "reason '%.60s': tcpmss(8) lists those there are, like 'clamped'", text);
	if (!(1u << reason & TM_EVENT_REASONS))
		return tm_error(e, "reason '%s' is of packets that are no SYN: these are counted, but make no events",
				text);
	f->reasons |= 1u << reason;
	return 0;
}

static bool host_matches(const struct tm_event_filter *f, uint8_t family, const uint8_t *address)
{
	unsigned bytes = f->bits / 8, rest = f->bits % 8;

	if (f->family == PK_NO_FAMILY)
		return true;
	if (f->family != family || memcmp(f->host, address, bytes))
		return false;
	return !rest || !((f->host[bytes] ^ address[bytes]) >> (8 - rest));
}

static bool end_matches(const struct tm_event_filter *f, uint8_t family, const uint8_t *address, uint16_t port)
{
	return host_matches(f, family, address) && (!f->port || f->port == port);
}

bool tm_event_wanted(const struct tm_event_filter *f, const struct tm_event *e)
{
	const struct tm_event_syn *s = &e->syn;
	bool narrow = f->family || f->port || f->reasons;

	if (*f->hook && *e->hook && strcmp(f->hook, e->hook))
		return false;
	switch ((enum tm_event_kind)e->kind) {
	case TM_EVENT_SYN:
		return (!f->reasons || f->reasons & (1u << s->reason | s->also)) &&
		       (end_matches(f, s->family, s->src, s->sport) || end_matches(f, s->family, s->dst, s->dport));
	case TM_EVENT_LEARNED:
	case TM_EVENT_RAISED:
	case TM_EVENT_AGED:
	case TM_EVENT_REFUSED:
		return !f->port && !f->reasons &&
		       (host_matches(f, e->path.family, e->path.address) || host_matches(f, e->path.family, e->path.reporter));
	case TM_EVENT_ATTACHED:
	case TM_EVENT_DETACHED:
	case TM_EVENT_RELOAD:
	case TM_EVENT_ARMED:
	case TM_EVENT_FLOODED:
	case TM_EVENT_CALMED:
	case TM_EVENT_DISARMED:
	case TM_EVENT_DRAINED:
		return !narrow;
	case TM_EVENT_ERROR:
	case TM_EVENT_LEFT_OUT:
	case TM_EVENT_KINDS:
		break;
	}
	return true;
}

uint32_t tm_event_filter_reasons(const struct tm_event_filter *f)
{
	return f->reasons ? f->reasons : TM_EVENT_REASONS;
}
