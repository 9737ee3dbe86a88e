/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A protect block: what its words mean. Lists may have very many of them, so equal ones are found by sorting.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "lib/options.h"
#include "lib/trie.h"

struct protect_reader {
	const struct tm_config_draft *d;
	struct tm_config_errors *errors;
	struct tm_config_protect *p;
	int error;
};

static void wrong_word(const struct protect_reader *r, unsigned line, const char *word, const char *message)
{
	tm_config_error(r->errors, r->d->file, line, word, "%s", message);
}

/* A setting that a block cannot do without. */
static bool need(const struct protect_reader *r, enum tm_setting setting, const char *right)
{
	if (!r->d->words[setting])
		tm_config_error(r->errors, r->d->file, r->d->at.line, r->d->title, "needs '%s'; right would be %s",
				tm_setting_name(setting), right);
	return r->d->words[setting];
}

/* Room for the words of a list. NULL without memory. */
static void *list_room(struct protect_reader *r, enum tm_setting setting, size_t size)
{
	void *list = reallocarray(NULL, tm_config_words(r->d, setting), size);

	if (!list)
		r->error = -ENOMEM;
	return list;
}

static void take_name(const struct protect_reader *r)
{
	struct tm_error e;

	if (tm_hook_name_check(r->d->title, &e))
		tm_config_error(
			r->errors, r->d->file, r->d->at.line, r->d->title,
			"is no name for what is protected: it needs 1 to %d letters, digits or any of -_:@+. and no dot in front",
			TM_HOOK_NAME - 1);
	else
		strcpy(r->p->name, r->d->title);
}

/* Clears the bits behind the length; true where some were set. */
static bool clear_host(struct tm_prefix *range)
{
	bool any = false;

	for (unsigned i = range->len; i < (range->ipv6 ? 128u : 32u); i++) {
		uint8_t bit = 0x80 >> i % 8;

		any |= range->addr[i / 8] & bit;
		range->addr[i / 8] &= (uint8_t)~bit;
	}
	return any;
}

static void take_server(struct protect_reader *r, const char *word, unsigned line)
{
	char address[INET6_ADDRSTRLEN], message[128];
	struct tm_prefix range;
	const char *wrong = tm_prefix_range(&range, word, strlen(word));

	if (wrong) {
		snprintf(message, sizeof(message), "%s; right would be 10.0.2.0/24 or 2001:db8::7", wrong);
		wrong_word(r, line, word, message);
	} else if (clear_host(&range)) {
		inet_ntop(range.ipv6 ? AF_INET6 : AF_INET, range.addr, address, sizeof(address));
		snprintf(message, sizeof(message), "has bits behind its length; right would be %s/%u", address,
			 range.len);
		wrong_word(r, line, word, message);
	} else {
		r->p->servers[r->p->server_count++] = (struct tm_config_server){ range, line };
	}
}

static int compare_servers(const void *va, const void *vb)
{
	const struct tm_config_server *a = va, *b = vb;
	int order = tm_prefix_order(&a->range, &b->range);

	return order ? order : a->line < b->line ? -1 : a->line > b->line;
}

static void take_servers(struct protect_reader *r)
{
	size_t count = tm_config_words(r->d, TM_SET_SERVERS), kept = 0;
	struct tm_config_protect *p = r->p;
	unsigned line;

	if (!need(r, TM_SET_SERVERS, "servers = 10.0.2.0/24"))
		return;
	p->servers = list_room(r, TM_SET_SERVERS, sizeof(*p->servers));
	for (size_t i = 0; i < count && p->servers; i++) {
		const char *word = tm_config_word(r->d, TM_SET_SERVERS, i, &line);

		take_server(r, word, line);
	}
	if (p->server_count)
		qsort(p->servers, p->server_count, sizeof(*p->servers), compare_servers);
	for (size_t i = 0; i < p->server_count; i++)
		if (!kept || tm_prefix_order(&p->servers[kept - 1].range, &p->servers[i].range))
			p->servers[kept++] = p->servers[i];
	p->server_count = kept;
}

/* NUMBER, NUMBER-NUMBER or all. NULL, or what is wrong. */
static const char *read_ports(struct tm_port_range *range, const char *word)
{
	const char *dash = strchr(word, '-');
	unsigned first, last;
	char text[6] = "";

	if (!strcmp(word, "all")) {
		*range = (struct tm_port_range){ 1, 65535 };
		return NULL;
	}
	if (dash && (size_t)(dash - word) < sizeof(text))
		memcpy(text, word, (size_t)(dash - word));
	if (!tm_number(dash ? text : word, 1, 65535, &first) || !tm_number(dash ? dash + 1 : word, 1, 65535, &last))
		return "is not a port from 1 to 65535, a range like 8000-8100, or all";
	if (last < first)
		return "ends before it begins; right would be the smaller port in front";
	*range = (struct tm_port_range){ (uint16_t)first, (uint16_t)last };
	return NULL;
}

static int compare_ports(const void *va, const void *vb)
{
	const struct tm_port_range *a = va, *b = vb;

	return a->first - b->first;
}

static void take_ports(struct protect_reader *r)
{
	size_t count = tm_config_words(r->d, TM_SET_PORTS), kept = 0;
	struct tm_config_protect *p = r->p;
	unsigned line;

	if (!need(r, TM_SET_PORTS, "ports = { 80, 443 }, or ports = all"))
		return;
	p->ports = list_room(r, TM_SET_PORTS, sizeof(*p->ports));
	for (size_t i = 0; i < count && p->ports; i++) {
		const char *word = tm_config_word(r->d, TM_SET_PORTS, i, &line), *wrong;

		wrong = read_ports(&p->ports[p->port_count], word);
		if (wrong)
			wrong_word(r, line, word, wrong);
		else
			p->port_count++;
	}
	if (p->port_count)
		qsort(p->ports, p->port_count, sizeof(*p->ports), compare_ports);
	for (size_t i = 0; i < p->port_count; i++) {
		if (!kept || p->ports[i].first > p->ports[kept - 1].last + 1)
			p->ports[kept++] = p->ports[i];
		else if (p->ports[i].last > p->ports[kept - 1].last)
			p->ports[kept - 1].last = p->ports[i].last;
	}
	p->port_count = kept;
}

/* A list of devices, each once. */
static size_t take_devices(struct protect_reader *r, enum tm_setting setting, char (**names)[TM_DEVICE_NAME])
{
	size_t count = tm_config_words(r->d, setting), kept = 0;
	char message[128];
	unsigned line;

	if (!count)
		return 0;
	*names = list_room(r, setting, sizeof(**names));
	for (size_t i = 0; i < count && *names; i++) {
		const char *word = tm_config_word(r->d, setting, i, &line);
		bool known = false;

		for (size_t k = 0; k < kept && !known; k++)
			known = !strcmp((*names)[k], word);
		if (known)
			continue;
		if (!tm_device_name_good(word)) {
			snprintf(message, sizeof(message),
				 "is no name of a network device: it needs 1 to %d bytes, no blanks, no '/' and no ':'",
				 TM_DEVICE_NAME - 1);
			wrong_word(r, line, word, message);
		} else if (kept == TM_PROTECT_DEVICES_MAX) {
			snprintf(message, sizeof(message), "is one too many: '%s' has at most %d devices",
				 tm_setting_name(setting), TM_PROTECT_DEVICES_MAX);
			wrong_word(r, line, word, message);
			break;
		} else {
			strcpy((*names)[kept++], word);
		}
	}
	return kept;
}

static void take_choices(const struct protect_reader *r)
{
	const char *mode = r->d->words[TM_SET_MODE], *accelerator = r->d->words[TM_SET_ACCELERATOR];
	int i;

	i = mode ? tm_word_index(tm_protect_mode_words, mode) : TM_PROTECT_ADAPTIVE;
	if (i < 0)
		tm_config_wrong(r->d, TM_SET_MODE, r->errors, "is not adaptive, always or off");
	else
		r->p->mode = (enum tm_protect_mode)i;
	i = accelerator ? tm_word_index(tm_accelerator_words, accelerator) : TM_ACCELERATOR_TC;
	if (i < 0)
		tm_config_wrong(r->d, TM_SET_ACCELERATOR, r->errors, "is not tc, xdp or none");
	else
		r->p->accelerator = (enum tm_protect_accelerator)i;
}

static bool take_number(const struct protect_reader *r, enum tm_setting setting, unsigned min, unsigned max,
			const char *what, unsigned *value)
{
	if (!r->d->words[setting])
		return true;
	if (tm_number(r->d->words[setting], min, max, value))
		return true;
	tm_config_wrong(r->d, setting, r->errors, "is not a number of %s from %u to %u", what, min, max);
	return false;
}

static void take_watermarks(const struct protect_reader *r)
{
	struct tm_config_protect *p = r->p;

	p->high = TM_HIGH;
	if (!take_number(r, TM_SET_HIGH, 1, TM_HALF_OPEN_MAX, "half-open connections", &p->high))
		return;
	p->low = p->high / 4;
	if (!take_number(r, TM_SET_LOW, 0, TM_HALF_OPEN_MAX, "half-open connections", &p->low))
		return;
	if (p->low >= p->high)
		tm_config_wrong(r->d, TM_SET_LOW, r->errors,
				"is not below high, %u; right would be a quarter of that: low = %u", p->high,
				p->high / 4);
}

static void take_announced(const struct protect_reader *r)
{
	unsigned mss = 0, wscale = 0;

	if (take_number(r, TM_SET_MSS, TM_MSS_MIN, TM_MSS_MAX, "bytes", &mss))
		r->p->mss = (uint16_t)mss;
	if (take_number(r, TM_SET_WSCALE, 0, TM_WSCALE_MAX, "bits", &wscale) && r->d->words[TM_SET_WSCALE])
		r->p->wscale = (int)wscale;
}

int tm_config_take_protect(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	struct protect_reader r = { .d = d, .errors = errors };
	struct tm_config_protect *list;

	if (c->protect_count == TM_PROTECT_BLOCKS) {
		tm_config_error(errors, d->file, d->at.line, d->title, "is one too many: at most %d protect blocks",
				TM_PROTECT_BLOCKS);
		return 0;
	}
	list = reallocarray(c->protects, c->protect_count + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	c->protects = list;
	r.p = &list[c->protect_count++];
	*r.p = (struct tm_config_protect){ .wscale = -1, .at = d->at };
	take_name(&r);
	take_servers(&r);
	take_ports(&r);
	if (need(&r, TM_SET_DEVICE, "device = eth0, where clients come from"))
		r.p->device_count = take_devices(&r, TM_SET_DEVICE, &r.p->devices);
	r.p->server_device_count = take_devices(&r, TM_SET_SERVER_DEVICE, &r.p->server_devices);
	take_choices(&r);
	take_watermarks(&r);
	take_announced(&r);
	return r.error;
}

void tm_config_protect_free(struct tm_config_protect *p)
{
	free(p->servers);
	free(p->ports);
	free(p->devices);
	free(p->server_devices);
}
