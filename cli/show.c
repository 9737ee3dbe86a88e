/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss [show]
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "hook-json.h"
#include "io/device.h"
#include "lib/explain.h"

static const char help[] = "usage: tcpmss [show] [-j]\n\n"
			   "The hooks of this network namespace: their limits and where these come from,\n"
			   "their counters, and what looks wrong.\n\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss\n"
			   "  tcpmss show -j | jq '.hooks[].limit'\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

#define WARNINGS 4

/* All that is told of one hook, in either form. */
struct hook_view {
	const struct io_hook_meta *meta;
	bool alive;
	struct tm_image image;
	struct tm_hook_counters counters;
	struct tm_explanation limit[2]; /* IPv4, IPv6; what holds for all addresses */
	uint32_t device_mtu;
	char warnings[WARNINGS][200];
	unsigned n_warnings;
};

static const struct pk_hook *rules_of(const struct hook_view *v)
{
	return &tm_image_head(&v->image)->hooks[0];
}

static uint16_t chosen_mss(const struct tm_explanation *x)
{
	return x->chosen < 0 ? 0 : x->candidates[x->chosen].mss;
}

static enum pk_source chosen_source(const struct hook_view *v)
{
	const struct tm_explanation *x = &v->limit[0];

	if (x->chosen >= 0)
		return x->candidates[x->chosen].source;
	if (rules_of(v)->flags & PK_HOOK_ROUTE)
		return PK_FROM_ROUTE;
	return tm_image_head(&v->image)->prefixes4 + tm_image_head(&v->image)->prefixes6 ? PK_FROM_PREFIX_SRC : PK_FROM_NOWHERE;
}

static void warn(struct hook_view *v, const char *text)
{
	if (v->n_warnings < WARNINGS)
		snprintf(v->warnings[v->n_warnings++], sizeof(v->warnings[0]), "%s", text);
}

static void look_for_trouble(struct hook_view *v, const struct io_hook *hook)
{
	const struct pk_hook *rules = rules_of(v);
	char text[200];

	if (*hook->trouble)
		warn(v, hook->trouble);
	if (!v->alive)
		return;
	if (rules->mtu && v->device_mtu && rules->mtu > v->device_mtu) {
		snprintf(text, sizeof(text), "the limit of %u bytes is larger than the MTU of %s, %u: --mtu auto would follow it",
			 rules->mtu, v->meta->device, v->device_mtu);
		warn(v, text);
	}
	if (rules->flags & PK_HOOK_ROUTE && !v->meta->fib_mark)
		warn(v, "routes are looked up without the packet's mark: this kernel (before 6.10) gives BPF no way to");
	if (rules->flags & PK_HOOK_ROUTE && tm_image_head(&v->image)->routes4 | tm_image_head(&v->image)->routes6)
		warn(v, "routes with 'mtu' but without 'lock' are as they were when the hook was attached: attach again after a change, or lock them");
	if (v->meta->mode == IO_XDP || v->meta->mode == IO_XDP_GENERIC)
		warn(v, "an XDP hook sees only what comes in: SYNs that leave through this device keep their MSS");
}

static int fill(struct hook_view *v, struct io_hook *hook, struct tm_error *e)
{
	struct tm_surroundings around = { 0 };
	int err;

	*v = (struct hook_view){ .meta = &hook->meta, .alive = hook->alive };
	if (hook->maps.rules < 0) { /* nothing can be read of it */
		warn(v, hook->trouble);
		return 0;
	}
	err = io_maps_read(hook->maps.rules, &v->image, e);
	if (!err)
		err = io_hook_counters(hook, &v->counters, e);
	if (err)
		return err;
	around.device_mtu = v->device_mtu = io_hook_device_mtu(hook);
	tm_explain(&v->limit[0], &v->image, &around, false, NULL);
	tm_explain(&v->limit[1], &v->image, &around, true, NULL);
	look_for_trouble(v, hook);
	return 0;
}

static const char *attachment_name(const struct io_hook_meta *m)
{
	switch (m->attachment) {
	case IO_TCX:
		return "tcx";
	case IO_CLSACT:
		return "clsact";
	case IO_LIBXDP:
		return "libxdp";
	}
	return "?";
}

static json_t *mss_or_null(uint16_t mss)
{
	return mss ? json_integer(mss) : json_null();
}

static json_t *hook_json(const struct hook_view *v)
{
	const struct io_hook_meta *m = v->meta;
	json_t *warnings = json_array(), *hook;

	for (unsigned i = 0; i < v->n_warnings; i++)
		json_array_append_new(warnings, json_string(v->warnings[i]));
	if (!v->image.words)
		return json_pack("{s:s, s:b, s:o}", "name", m->name, "alive", 0, "warnings", warnings);
	hook = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "name", m->name, "device", m->device, "mode", io_mode_name(m->mode),
			 "direction", cli_direction_name(m->directions), "attachment", attachment_name(m), "alive", v->alive);
	if (*m->peer)
		json_object_set_new(hook, "out", json_string(m->peer));
	json_object_set_new(hook, "limit",
			    json_pack("{s:o, s:o, s:s, s:i, s:b, s:b}", "mss4", mss_or_null(chosen_mss(&v->limit[0])), "mss6",
				      mss_or_null(chosen_mss(&v->limit[1])), "source", tm_source_name(chosen_source(v)),
				      "prefixes", (int)(tm_image_head(&v->image)->prefixes4 + tm_image_head(&v->image)->prefixes6),
				      "allow_increase", !!(rules_of(v)->flags & PK_HOOK_ALLOW_INCREASE), "add_missing",
				      !!(rules_of(v)->flags & PK_HOOK_ADD_MISSING)));
	json_object_set_new(hook, "counters", cli_hook_counters_json(&v->counters, m->directions));
	json_object_set_new(hook, "warnings", warnings);
	return hook;
}

static void print_source(const struct hook_view *v)
{
	const struct pk_hook *rules = rules_of(v);
	uint32_t prefixes = tm_image_head(&v->image)->prefixes4 + tm_image_head(&v->image)->prefixes6;
	const char *comma = "";

	if (rules->mss) {
		printf("%smss %u", comma, rules->mss);
		comma = ", ";
	}
	if (rules->mtu) {
		printf("%smtu %u", comma, rules->mtu);
		comma = ", ";
	}
	if (rules->flags & PK_HOOK_AUTO) {
		printf("%sMTU of %s (%u, followed)", comma, v->meta->device, v->device_mtu);
		comma = ", ";
	}
	if (rules->flags & PK_HOOK_ROUTE) {
		printf("%sMTU of the routes (followed)", comma);
		comma = ", ";
	}
	if (prefixes)
		printf("%s%u prefix%s", comma, prefixes, prefixes == 1 ? "" : "es");
	if (rules->flags & PK_HOOK_ALLOW_INCREASE)
		printf(", may raise");
	if (rules->flags & PK_HOOK_ADD_MISSING)
		printf(", adds missing");
}

static void print_limit(const struct hook_view *v)
{
	uint16_t mss4 = chosen_mss(&v->limit[0]), mss6 = chosen_mss(&v->limit[1]);

	if (mss4)
		printf("  limit     MSS %u (IPv4), %u (IPv6): ", mss4, mss6);
	else
		printf("  limit     ");
	print_source(v);
	putchar('\n');
}

static void print_counters(const struct tm_counters *c, const char *name)
{
	const char *comma = "";

	if (!c->packets)
		return;
	printf("  %-9s packets %" PRIu64 ", octets %" PRIu64 ", SYNs %" PRIu64 ", fixed %" PRIu64 " (", name, c->packets, c->octets,
	       c->syn_packets, c->fixed_packets);
	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++) {
		if (c->reasons[r]) {
			printf("%s%s %" PRIu64, comma, tm_reason_name(r), c->reasons[r]);
			comma = ", ";
		}
	}
	puts(")");
}

static void print_hook(const struct hook_view *v)
{
	static const char *const names[TM_DIRECTIONS][PK_FAMILY_COUNT] = { { "in other", "in IPv4", "in IPv6" },
									   { "out other", "out IPv4",
									     "out IPv6" } };
	const struct io_hook_meta *m = v->meta;

	if (v->image.words) {
		if (*m->peer)
			printf("%s: wire %s to %s (%s)%s\n", m->name, m->device, m->peer, attachment_name(m), v->alive ? "" : ", NOT ATTACHED");
		else
			printf("%s: device %s, %s %s (%s)%s\n", m->name, m->device, io_mode_name(m->mode),
			       cli_direction_name(m->directions), attachment_name(m), v->alive ? "" : ", NOT ATTACHED");
		print_limit(v);
		for (int d = 0; d < TM_DIRECTIONS; d++)
			for (int f = 1; f <= PK_FAMILY_COUNT; f++) /* what is not IP last */
				print_counters(&v->counters.by[d][f % PK_FAMILY_COUNT], names[d][f % PK_FAMILY_COUNT]);
		if (!v->counters.total.packets)
			puts("  no packet seen yet");
	} else {
		printf("%s:\n", m->name);
	}
	for (unsigned i = 0; i < v->n_warnings; i++)
		printf("  warning: %s\n", v->warnings[i]);
}

struct show {
	json_t *hooks; /* NULL: as text */
	int count;
	struct tm_error e;
};

static int show_hook(struct io_hook *hook, void *ctx)
{
	struct show *s = ctx;
	struct hook_view v;
	int err = fill(&v, hook, &s->e);

	if (!err && s->hooks)
		json_array_append_new(s->hooks, hook_json(&v));
	else if (!err)
		print_hook(&v);
	s->count++;
	tm_image_free(&v.image);
	return err;
}

int cli_show(int argc, char **argv)
{
	struct show s = { 0 };
	int opt, err;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			s.hooks = s.hooks ? s.hooks : json_array();
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("show", argv, opt);
		}
	}
	if (optind < argc)
		return cli_usage("show", "'%s': takes no argument", argv[optind]);
	err = io_hook_each(show_hook, &s, &s.e);
	if (err) {
		json_decref(s.hooks);
		return cli_fail(err, &s.e);
	}
	if (s.hooks)
		return cli_print_json(json_pack("{s:i, s:o}", "schema_version", 1, "hooks", s.hooks));
	if (!s.count)
		puts("no hooks: 'tcpmss attach DEV' makes one");
	return cli_flush();
}
