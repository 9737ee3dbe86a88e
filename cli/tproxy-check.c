/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcpmss tproxy check
 */
#include "tproxy.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"
#include "io/policy.h"
#include "io/tproxy-tc.h"
#include "io/tproxy-trial.h"
#include "io/tproxy.h"

struct check {
	struct tm_findings f;
	struct tm_policy policy;
	unsigned tried[TM_FAMILIES];
};

/* What sets the mark on that device, and how many it has marked. */
static int read_marking(struct tm_tproxy_facts *t, uint32_t ifindex, uint64_t *marked, struct tm_error *e)
{
	uint64_t by_tc[TM_FAMILIES];
	struct tm_tproxy_rules rules;
	int err = io_tproxy_rules(NULL, &rules, e);

	if (err)
		return err;
	io_tproxy_tc_marked(by_tc);
	t->nft = rules.there[t->ipv6];
	t->tc = io_tproxy_tc_on(ifindex);
	t->mark = t->nft ? rules.mark[t->ipv6] : t->tc ? io_tproxy_tc_mark(t->ipv6) : 0;
	*marked = t->nft ? rules.packets[t->ipv6] : t->tc ? by_tc[t->ipv6] : 0;
	return 0;
}

static int try_family(struct check *c, const struct io_device *device, bool ipv6, struct tm_error *e)
{
	struct tm_tproxy_facts t = { .device = device->name, .ipv6 = ipv6, .policy = &c->policy };
	uint64_t before, after;
	int err = read_marking(&t, device->index, &before, e);

	if (!err)
		err = io_tproxy_trial(device, &t, e);
	if (err == -EAFNOSUPPORT)
		return 0;
	if (!err && !t.reached) {
		err = read_marking(&t, device->index, &after, e);
		t.marked = after - before;
	}
	if (err)
		return err;
	c->tried[ipv6]++;
	tm_judge_tproxy(&c->f, &t);
	return 0;
}

static int try_device(struct check *c, const struct io_device *device, struct tm_error *e)
{
	int err = 0;

	for (int i = 0; i < TM_FAMILIES && !err; i++)
		if (c->policy.present[i])
			err = try_family(c, device, i == TM_IPV6, e);
	return err;
}

static int try_all(struct check *c, struct tm_error *e)
{
	struct io_device *devices;
	size_t count;
	int err = io_device_list(&devices, &count, e);

	for (size_t i = 0; i < count && !err; i++)
		if (!(devices[i].flags & IFF_LOOPBACK))
			err = try_device(c, &devices[i], e);
	free(devices);
	return err;
}

static int try_named(struct check *c, const char *const *names, size_t count, struct tm_error *e)
{
	struct io_device device;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		err = io_device_find(&device, names[i], e);
		if (!err)
			err = try_device(c, &device, e);
	}
	return err;
}

static json_t *document(const struct check *c)
{
	json_t *checks = json_array();

	for (size_t i = 0; i < c->f.count; i++) {
		const struct tm_finding *found = &c->f.list[i];

		json_array_append_new(checks, json_pack("{s:s, s:o, s:s, s:s, s:o}", "family", found->name, "device",
							*found->hook ? json_string(found->hook) : json_null(), "result",
							tm_result_name(found->result), "text", found->text, "advice",
							*found->advice ? json_string(found->advice) : json_null()));
	}
	return json_pack("{s:i, s:o, s:i, s:i}", "schema_version", 1, "checks", checks, "faults", (int)c->f.faults,
			 "warnings", (int)c->f.warnings);
}

static int print(const json_t *document)
{
	size_t i;
	json_t *found;

	json_array_foreach(json_object_get(document, "checks"), i, found)
	{
		const char *result = cli_text(found, "result"), *device = cli_text(found, "device");

		printf("%-5s  %s%s%s: %s\n",
		       *result == 'f' ? "FAULT" :
		       *result == 'w' ? "warn" :
					"ok",
		       cli_text(found, "family"), *device ? ", " : "", device, cli_text(found, "text"));
		if (*cli_text(found, "advice"))
			printf("       -> %s\n", cli_text(found, "advice"));
	}
	return cli_flush();
}

int tproxy_check(const char *const *devices, size_t count, bool json)
{
	struct check c = { 0 };
	struct tm_error e;
	int err = io_policy_read(&c.policy, &e), status = 0;

	if (!err)
		err = count ? try_named(&c, devices, count, &e) : try_all(&c, &e);
	if (!err && !c.tried[TM_IPV4] && !c.tried[TM_IPV6])
		err = tm_error_code(&e, -ENODEV, "no device that is up has an address: nothing could be tried");
	if (!err)
		status = json ? cli_print_json(document(&c)) : cli_print_text(document(&c), print);
	if (err)
		status = cli_fail(err, &e);
	else if (!status && c.f.faults)
		status = CLI_FAULT_FOUND;
	tm_findings_free(&c.f);
	tm_policy_free(&c.policy);
	return status;
}
