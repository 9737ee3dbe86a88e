/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss doctor [DEV|HOOK]
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "doctor.h"
#include "io/net/device.h"

static const char help[] = "usage: tcpmss doctor [DEV|HOOK] [--probe] [-j]\n\n"
			   "Proves that the clamp works: SYNs go through each hook, or those of DEV, and\n"
			   "what comes out is compared with the rules and with the counters (which then\n"
			   "include these SYNs). Names what is missing or wrong, and what to do. Nobody\n"
			   "answers the SYNs, and nothing is changed. Exit status 10: there is a fault.\n\n"
			   "  --probe     also ask the default gateway behind each device, with pings as large\n"
			   "              as the limit allows, whether the other side takes them\n"
			   "  -j, --json  one JSON document\n\n"
			   "Examples:\n"
			   "  tcpmss doctor\n"
			   "  tcpmss doctor ppp0 -j | jq '.checks[] | select(.result == \"fault\")'\n";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "probe", no_argument, NULL, 'p' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct visit {
	struct doctor *d;
	const char *name; /* of a hook or device, NULL: all */
	bool by_device;
	int count;
};

static int visit_hook(struct io_hook *hook, void *ctx)
{
	struct visit *v = ctx;

	if (v->name && !v->by_device && strcmp(v->name, hook->meta.name))
		return 0;
	if (v->name && v->by_device && strcmp(v->name, hook->meta.device) && strcmp(v->name, hook->meta.peer))
		return 0;
	v->count++;
	doctor_hook(v->d, hook);
	return 0;
}

/* The hooks that are meant: a hook's name goes before a device's. `elsewhere`: how many have been looked at already. */
static int visit_hooks(struct doctor *d, const char *name, unsigned elsewhere, struct tm_error *e)
{
	struct visit v = { .d = d, .name = name };
	struct io_device device;
	int err = io_hook_each(visit_hook, &v, e);

	if (!err && !v.count && name) {
		v.by_device = true;
		err = io_hook_each(visit_hook, &v, e);
	}
	if (err || v.count || elsewhere)
		return err;
	if (name && io_device_find(&device, name, e))
		return tm_error_code(e, -ENODEV,
				     "no hook and no device '%s': 'tcpmss show' and 'ip link' list those there are",
				     name);
	tm_find(&d->f, TM_FAULT, "hook", NULL, "there is no hook%s%s: nothing is clamped", name ? " on " : "",
		name ? name : "");
	tm_advise(&d->f, "tcpmss attach %s", name ? name : "DEV");
	return 0;
}

static json_t *json(const struct doctor *d)
{
	const struct tm_findings *f = &d->f;
	json_t *checks = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct tm_finding *c = &f->list[i];

		json_array_append_new(checks, json_pack("{s:s, s:o, s:s, s:s, s:o}", "name", c->name, "hook",
							*c->hook ? json_string(c->hook) : json_null(), "result",
							tm_result_name(c->result), "text", c->text, "advice",
							*c->advice ? json_string(c->advice) : json_null()));
	}
	return json_pack("{s:i, s:o, s:i, s:i, s:i}", "schema_version", 1, "checks", checks, "faults", (int)f->faults,
			 "warnings", (int)f->warnings, "syns", (int)d->syns);
}

static void print(const struct doctor *d)
{
	static const char *const words[] = { [TM_OK] = "ok", [TM_WARNING] = "warn", [TM_FAULT] = "FAULT" };

	for (size_t i = 0; i < d->f.count; i++) {
		const struct tm_finding *c = &d->f.list[i];

		printf("%-5s  %s%s%s: %s\n", words[c->result], c->hook, *c->hook ? " " : "", c->name, c->text);
		if (*c->advice)
			printf("       -> %s\n", c->advice);
	}
	printf("%u fault%s, %u warning%s", d->f.faults, d->f.faults == 1 ? "" : "s", d->f.warnings,
	       d->f.warnings == 1 ? "" : "s");
	if (d->syns)
		printf("; counters include %u SYN%s of this check", d->syns, d->syns == 1 ? "" : "s");
	putchar('\n');
}

static int examine(struct doctor *d, const char *name, bool as_json)
{
	struct tm_error e;
	int err, status;

	doctor_machine(d);
	if (!name)
		doctor_tproxy(d);
	err = visit_hooks(d, name, doctor_daemon(d, name), &e);
	if (as_json) {
		status = cli_print_json(json(d));
	} else {
		print(d);
		status = cli_flush();
	}
	if (d->f.lost)
		err = tm_error_code(&e, -ENOMEM, "out of memory");
	if (err)
		return cli_fail(err, &e);
	if (status)
		return status;
	if (d->denied) {
		fprintf(stderr, "tcpmss: not all could be looked at: run as root\n");
		return CLI_PRIVILEGE;
	}
	return d->f.faults ? CLI_FAULT_FOUND : CLI_OK;
}

int cli_doctor(int argc, char **argv)
{
	struct doctor d = { 0 };
	bool as_json = false;
	int opt, status;

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":jh", long_options, NULL)) != -1) {
		if (opt == 'j') {
			as_json = true;
		} else if (opt == 'p') {
			d.probe = true;
		} else if (opt == 'h') {
			fputs(help, stdout);
			return cli_flush();
		} else {
			return cli_bad_option("doctor", argv, opt);
		}
	}
	if (argc - optind > 1)
		return cli_usage("doctor", "takes one device or hook, or none");
	status = examine(&d, argv[optind], as_json);
	tm_findings_free(&d.f);
	return status;
}
