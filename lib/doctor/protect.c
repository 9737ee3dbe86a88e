/* SPDX-License-Identifier: BSD-2-Clause */
#include "protect.h"

#include <inttypes.h>
#include <string.h>

#define MIN_OPENED 20 /* sampled SYNs before their fate says anything */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static uint64_t number_of(const json_t *object, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(object, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* Of both families. */
static uint64_t packets_of(const json_t *block, const char *reason)
{
	const json_t *counters = json_object_get(block, "counters");

	return number_of(json_object_get(counters, "ipv4"), reason) +
	       number_of(json_object_get(counters, "ipv6"), reason);
}

static void take_lists(struct tm_protect_facts *p, const json_t *block)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(block, "devices"), i, o)
	{
		const char *attachment = text_of(o, "attachment");

		if (p->device_count == TM_PROTECT_FACTS_DEVICES)
			break;
		p->devices[p->device_count++] =
			(struct tm_protect_device_facts){ .name = text_of(o, "name"),
							  .clients = !strcmp(text_of(o, "side"), "client"),
							  .attached = *attachment,
							  .native_xdp = !strcmp(attachment, "xdp") };
	}
	json_array_foreach(json_object_get(block, "warnings"), i,
			   o) if (json_string_value(o) && p->warning_count < TM_PROTECT_FACTS_WARNINGS)
		p->warnings[p->warning_count++] = json_string_value(o);
	json_array_foreach(json_object_get(block, "servers"), i, o)
	{
		p->listed++;
		p->current += json_is_integer(json_object_get(o, "wscale")) &&
			      json_is_true(json_object_get(o, "sack")) &&
			      json_is_true(json_object_get(o, "timestamps"));
	}
}

bool tm_protect_facts(struct tm_protect_facts *p, const json_t *block)
{
	const char *state = text_of(block, "state"), *mode = text_of(block, "mode");

	*p = (struct tm_protect_facts){ .name = text_of(block, "name") };
	if (!*p->name || !*state)
		return false;
	p->armed = !strcmp(state, "armed") || !strcmp(state, "flooded");
	p->off = !strcmp(mode, "off");
	p->times_armed = number_of(block, "armed");
	p->opened = packets_of(block, "sampled-opened");
	p->completed = packets_of(block, "sampled-completed");
	p->failed = packets_of(block, "failed");
	p->servers = number_of(block, "server_count");
	take_lists(p, block);
	return true;
}

/* Whether a warning is about a device: says its name as a word. */
static bool is_about(const char *warning, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = strstr(warning, name); at && len; at = strstr(at + 1, name))
		if (at != warning && at[-1] == ' ' && (!at[len] || strchr(" ,:", at[len])))
			return true;
	return false;
}

/* What the daemon says of a device where nothing is attached, or what that means. */
static const char *why(const struct tm_protect_facts *p, const struct tm_protect_device_facts *d)
{
	for (unsigned i = 0; i < p->warning_count; i++)
		if (is_about(p->warnings[i], d->name))
			return p->warnings[i];
	return d->clients ? "there is no program where clients come in" : "there is no program where servers answer";
}

static void judge_devices(struct tm_findings *f, const struct tm_protect_facts *p)
{
	bool clients = false;

	for (unsigned i = 0; i < p->device_count; i++) {
		const struct tm_protect_device_facts *d = &p->devices[i];

		clients |= d->clients && d->attached;
		if (!d->attached) {
			tm_find(f, TM_FAULT, "protect", p->name, "%s: %s", d->name, why(p, d));
			tm_advise(
				f,
				"tcpmssd attaches it when the device is there; if it is, its log says what else is wrong");
		} else if (d->native_xdp && d->veth) {
			tm_find(f, TM_WARNING, "protect", p->name,
				"XDP in the driver of %s, a veth, turns off its peer's TSO: transfers lose most of their speed",
				d->name);
			tm_advise(f, "accelerator = tc is nearly as fast on such devices");
		}
	}
	if (clients)
		tm_find(f, TM_OK, "protect", p->name, "in place, and %s; armed so far: %" PRIu64 " times",
			p->off	 ? "off" :
			p->armed ? "armed" :
				   "idle",
			p->times_armed);
}

static void judge_machine(struct tm_findings *f, const struct tm_protect_facts *p, const struct tm_protect_machine *m)
{
	if (m->known && p->armed && m->loose) {
		tm_find(f, TM_FAULT, "protect", p->name,
			"somebody has set net.netfilter.nf_conntrack_tcp_loose while cookies are used: connections that bring one are reset");
		tm_advise(
			f,
			"sysctl -w net.netfilter.nf_conntrack_tcp_loose=0; tcpmssd puts the old value back by itself");
	}
	if (m->known && m->conntrack_max && m->conntrack >= m->conntrack_max - m->conntrack_max / 10) {
		tm_find(f, TM_WARNING, "protect", p->name,
			"conntrack has %" PRIu64 " of %" PRIu64
			" connections: what finds no room there is dropped, protected or not",
			m->conntrack, m->conntrack_max);
		tm_advise(f, "raise net.netfilter.nf_conntrack_max");
	}
}

/* What the sample tells about the ways that packets take. */
static void judge_sample(struct tm_findings *f, const struct tm_protect_facts *p)
{
	if (p->opened < MIN_OPENED)
		return;
	if (!p->servers) {
		tm_find(f, TM_FAULT, "protect", p->name,
			"SYNs go to the servers, but no answer of theirs was seen: it takes another way, or they are down");
		tm_advise(
			f,
			"both ways of a connection must pass this gateway; server-device = { ... } names the devices toward the servers");
	} else if (!p->completed && !p->times_armed && !p->armed) {
		tm_find(f, TM_WARNING, "protect", p->name,
			"of %" PRIu64
			" connections that were looked at, no client has answered the server: there is a flood below high, or "
			"clients' answers take another way",
			p->opened);
		tm_advise(f, "device = { ... } must name all devices that clients are behind");
	}
	if (p->failed) {
		tm_find(f, TM_WARNING, "protect", p->name,
			"%" PRIu64 " SYNs could not be answered and went to the servers", p->failed);
		tm_advise(f, "see the counters of tcpmss protect show -j, and the log of tcpmssd");
	}
}

/* Linux makes cookies by default, and keeps all options in them where the client has timestamps. */
static void judge_need(struct tm_findings *f, const struct tm_protect_facts *p)
{
	if (p->off || !p->listed || p->current < p->listed)
		return;
	tm_find(f, TM_OK, "syncookies", p->name,
		"what answers at its services looks like current systems (window scaling, SACK and timestamps at all %" PRIu64
		" that were looked at)",
		p->listed);
	tm_advise(
		f,
		"if these run Linux with net.ipv4.tcp_syncookies=1, its default, they survive SYN floods by themselves: then this "
		"block is of use only against floods of ACKs, or to save them the work");
}

void tm_judge_protect(struct tm_findings *f, const struct tm_protect_facts *p, const struct tm_protect_machine *m)
{
	for (unsigned i = 0; i < p->warning_count; i++) {
		bool told = false;

		for (unsigned k = 0; k < p->device_count; k++)
			told |= !p->devices[k].attached && is_about(p->warnings[i], p->devices[k].name);
		if (!told)
			tm_find(f, TM_WARNING, "protect", p->name, "%s", p->warnings[i]);
	}
	judge_devices(f, p);
	judge_machine(f, p, m);
	judge_sample(f, p);
	judge_need(f, p);
}

void tm_judge_protect_local(struct tm_findings *f, const char *name, const char *address,
			    const struct tm_protect_machine *m)
{
	tm_find(f, TM_WARNING, "protect", name, "%s is this machine's own address: only what is forwarded is protected",
		address);
	if (m->known && m->syncookies)
		tm_advise(f, "take it out of the servers: net.ipv4.tcp_syncookies=%u protects services of this machine",
			  m->syncookies);
	else
		tm_advise(f,
			  "take it out of the servers, and set net.ipv4.tcp_syncookies=1 for services of this machine");
}
