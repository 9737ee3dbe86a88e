/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A configuration as text again, every default written out.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "parts.h"

static void put_quoted(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || *text == '$')
			fputc('\\', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

static void put_setting(FILE *f, enum tm_setting setting, const char *text)
{
	fprintf(f, "\t%s = %s\n", tm_setting_name(setting), text);
}

static void put_name(FILE *f, enum tm_setting setting, const char *text)
{
	fprintf(f, "\t%s = ", tm_setting_name(setting));
	put_quoted(f, text);
	fputc('\n', f);
}

static void put_switch(FILE *f, enum tm_setting setting, bool on)
{
	put_setting(f, setting, on ? "true" : "false");
}

static void put_limits(FILE *f, const struct pk_hook *limits)
{
	if (limits->flags & PK_HOOK_AUTO)
		put_setting(f, TM_SET_MTU, "auto");
	else if (limits->flags & PK_HOOK_ROUTE)
		put_setting(f, TM_SET_MTU, "route");
	else if (limits->mtu)
		fprintf(f, "\tmtu = %u\n", limits->mtu);
	if (limits->mss)
		fprintf(f, "\tmss = %u\n", limits->mss);
	put_switch(f, TM_SET_ALLOW_INCREASE, limits->flags & PK_HOOK_ALLOW_INCREASE);
	put_switch(f, TM_SET_ADD_MISSING, limits->flags & PK_HOOK_ADD_MISSING);
}

static void put_hook(FILE *f, const struct tm_config_hook *h)
{
	fputs("hook ", f);
	put_quoted(f, h->name);
	fputs(" {\n", f);
	put_setting(f, TM_SET_MODE, tm_mode_name(h->mode));
	if (*h->device)
		put_name(f, TM_SET_DEVICE, h->device);
	if (h->mode == TM_MODE_WIRE) {
		put_name(f, TM_SET_IN, h->in);
		put_name(f, TM_SET_OUT, h->out);
		put_setting(f, TM_SET_VIA, tm_via_name(h->via));
	} else {
		put_setting(f, TM_SET_DIRECTION, tm_directions_name(h->directions));
	}
	if (h->queue >= 0)
		fprintf(f, "\tqueue = %d\n", h->queue);
	put_limits(f, &h->limits);
	fputs("}\n", f);
}

static void put_prefix(FILE *f, const struct tm_prefix *p)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(p->ipv6 ? AF_INET6 : AF_INET, p->addr, address, sizeof(address));
	fprintf(f, "prefix %s/%u { mtu = %u }\n", address, p->len, p->mtu);
}

static void put_discovery(FILE *f, const struct tm_config_discovery *x)
{
	fputs("path-mtu-discovery {\n", f);
	if (x->no_aging)
		put_switch(f, TM_SET_NO_AGING, true);
	else
		fprintf(f, "\taging = %u\n", x->aging);
	put_setting(f, TM_SET_OLD_ROUTER, tm_old_router_name(x->old_router));
	put_setting(f, TM_SET_RAISE, tm_raise_name(x->raise));
	put_switch(f, TM_SET_SYMMETRIC, x->symmetric);
	fprintf(f, "\tentries = %u\n\tlease = %u\n", x->entries, x->lease);
	put_name(f, TM_SET_STATE, *x->state ? x->state : "none");
	if (x->table_count) {
		fputs("\ttable = \"", f);
		for (unsigned i = 0; i < x->table_count; i++)
			fprintf(f, "%s%u", i ? ", " : "", x->table[i]);
		fputs("\"\n", f);
	}
	fputs("}\n", f);
}

static void put_path(FILE *f, const struct tm_config_path *p)
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(p->ipv6 ? AF_INET6 : AF_INET, p->addr, address, sizeof(address));
	fprintf(f, "path %s {\n\tmtu = %u\n", address, p->mtu);
	if (*p->device)
		put_name(f, TM_SET_DEVICE, p->device);
	fputs("}\n", f);
}

static void put_metrics(FILE *f, const struct tm_config_metrics *m)
{
	char address[INET6_ADDRSTRLEN], text[128];

	if (m->family == AF_UNIX) {
		snprintf(text, sizeof(text), "unix:%s", m->path);
	} else {
		inet_ntop(m->family, m->address, address, sizeof(address));
		snprintf(text, sizeof(text), m->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address, m->port);
	}
	fputs("metrics {\n", f);
	put_name(f, TM_SET_LISTEN, text);
	put_switch(f, TM_SET_REMOTE, m->remote);
	fputs("}\n", f);
}

static void put_control(FILE *f, const struct tm_config_control *x)
{
	fputs("control {\n", f);
	if (*x->socket)
		put_name(f, TM_SET_SOCKET, x->socket);
	if (*x->group)
		put_name(f, TM_SET_GROUP, x->group);
	fputs("}\n", f);
}

static void put_tproxy(FILE *f, const struct tm_config_tproxy *t)
{
	fputs("transparent-proxy {\n", f);
	if (t->wish.mark)
		fprintf(f, "\tmark = 0x%x\n", t->wish.mark);
	if (t->wish.table)
		fprintf(f, "\ttable = %u\n", t->wish.table);
	put_setting(f, TM_SET_VIA, tm_tproxy_via_name(t->via));
	fputs("}\n", f);
}

static void put_devices(FILE *f, enum tm_setting setting, char (*names)[TM_DEVICE_NAME], size_t count)
{
	fprintf(f, "\t%s = { ", tm_setting_name(setting));
	for (size_t i = 0; i < count; i++) {
		fputs(i ? ", " : "", f);
		put_quoted(f, names[i]);
	}
	fputs(" }\n", f);
}

static void put_services(FILE *f, const struct tm_config_protect *p)
{
	char address[INET6_ADDRSTRLEN];

	fputs("\tservers = {\n", f);
	for (size_t i = 0; i < p->server_count; i++) {
		const struct tm_prefix *range = &p->servers[i].range;

		inet_ntop(range->ipv6 ? AF_INET6 : AF_INET, range->addr, address, sizeof(address));
		fprintf(f, "\t\t%s/%u%s\n", address, range->len, i + 1 < p->server_count ? "," : "");
	}
	fputs("\t}\n", f);
	if (tm_protect_all_ports(p)) {
		put_setting(f, TM_SET_PORTS, "all");
		return;
	}
	fputs("\tports = { ", f);
	for (size_t i = 0; i < p->port_count; i++) {
		fprintf(f, "%s%u", i ? ", " : "", p->ports[i].first);
		if (p->ports[i].last != p->ports[i].first)
			fprintf(f, "-%u", p->ports[i].last);
	}
	fputs(" }\n", f);
}

static void put_protect(FILE *f, const struct tm_config_protect *p)
{
	fputs("protect ", f);
	put_quoted(f, p->name);
	fputs(" {\n", f);
	put_services(f, p);
	put_devices(f, TM_SET_DEVICE, p->devices, p->device_count);
	if (p->server_device_count)
		put_devices(f, TM_SET_SERVER_DEVICE, p->server_devices, p->server_device_count);
	put_setting(f, TM_SET_MODE, tm_protect_mode_name(p->mode));
	put_setting(f, TM_SET_ACCELERATOR, tm_accelerator_name(p->accelerator));
	fprintf(f, "\thigh = %u\n\tlow = %u\n", p->high, p->low);
	if (p->mss)
		fprintf(f, "\tmss = %u\n", p->mss);
	if (p->wscale >= 0)
		fprintf(f, "\twscale = %d\n", p->wscale);
	fputs("}\n", f);
}

char *tm_config_text(const struct tm_config *c)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	bool failed;

	if (!f)
		return NULL;
	for (size_t i = 0; i < c->hook_count; i++)
		put_hook(f, &c->hooks[i]);
	for (size_t i = 0; i < c->set.count; i++)
		put_prefix(f, &c->set.prefixes[i]);
	if (c->discovery.present)
		put_discovery(f, &c->discovery);
	for (size_t i = 0; i < c->path_count; i++)
		put_path(f, &c->paths[i]);
	if (c->metrics.family)
		put_metrics(f, &c->metrics);
	if (c->control.at.line)
		put_control(f, &c->control);
	if (c->tproxy.present)
		put_tproxy(f, &c->tproxy);
	for (size_t i = 0; i < c->protect_count; i++)
		put_protect(f, &c->protects[i]);
	failed = ferror(f);
	if (fclose(f) || failed) {
		free(text);
		return NULL;
	}
	return text;
}
