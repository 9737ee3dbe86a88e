/* SPDX-License-Identifier: BSD-2-Clause */
#include "event.h"

#include <stdio.h>
#include <string.h>

#include "core/refusal.h"
#include "lib/pmtu/pmtu.h"

static const char *const kinds[TM_EVENT_KINDS] = {
	[TM_EVENT_SYN] = "syn",		[TM_EVENT_ATTACHED] = "attached", [TM_EVENT_DETACHED] = "detached",
	[TM_EVENT_RELOAD] = "reload",	[TM_EVENT_ERROR] = "error",	  [TM_EVENT_LEFT_OUT] = "left-out",
	[TM_EVENT_LEARNED] = "learned", [TM_EVENT_RAISED] = "raised",	  [TM_EVENT_AGED] = "aged",
	[TM_EVENT_REFUSED] = "refused", [TM_EVENT_ARMED] = "armed",	  [TM_EVENT_FLOODED] = "flooded",
	[TM_EVENT_CALMED] = "calmed",	[TM_EVENT_DISARMED] = "disarmed", [TM_EVENT_DRAINED] = "drained",
};

const char *tm_event_kind_name(enum tm_event_kind kind)
{
	return kind < TM_EVENT_KINDS ? kinds[kind] : "?";
}

void tm_event_notice(struct tm_event *e, enum tm_event_kind kind, uint64_t time, const char *hook, const char *device,
		     const char *text)
{
	*e = (struct tm_event){ .time = time, .kind = kind };
	snprintf(e->hook, sizeof(e->hook), "%s", hook ? hook : "");
	snprintf(e->device, sizeof(e->device), "%s", device ? device : "");
	if (kind != TM_EVENT_SYN && kind != TM_EVENT_LEFT_OUT && !tm_event_of_path(e) && !tm_event_of_protect(e))
		snprintf(e->text, sizeof(e->text), "%s", text ? text : "");
}

static bool check_prefix(const struct tm_prefix *p)
{
	uint8_t ipv6;

	memcpy(&ipv6, &p->ipv6, sizeof(ipv6)); /* no bool may be read that is neither */
	return ipv6 <= 1 && p->len <= (ipv6 ? 128 : 32);
}

static bool check_syn(const struct tm_event_syn *s)
{
	return s->family > PK_NO_FAMILY && s->family < PK_FAMILY_COUNT && s->direction < TM_DIRECTIONS &&
	       s->reason < PK_REASON_COUNT && 1u << s->reason & TM_EVENT_REASONS && !(s->also & ~TM_EVENT_REASONS) &&
	       s->source <= PK_FROM_LEARNED_DST && check_prefix(&s->prefix);
}

static bool check_path(const struct tm_event *e)
{
	const struct tm_event_path *p = &e->path;

	return p->family > PK_NO_FAMILY && p->family < PK_FAMILY_COUNT && p->nodf <= 1 && p->origin <= TM_PMTU_SET &&
	       (e->kind == TM_EVENT_REFUSED ? p->refusal > PK_NOT_REFUSED && p->refusal < PK_REFUSAL_COUNT :
					      !p->refusal);
}

bool tm_event_check(const struct tm_event *e)
{
	if (e->kind >= TM_EVENT_KINDS || !memchr(e->hook, '\0', sizeof(e->hook)) ||
	    !memchr(e->device, '\0', sizeof(e->device)))
		return false;
	if (e->kind == TM_EVENT_SYN)
		return check_syn(&e->syn);
	if (tm_event_of_path(e))
		return check_path(e);
	return e->kind == TM_EVENT_LEFT_OUT || tm_event_of_protect(e) || memchr(e->text, '\0', sizeof(e->text));
}
