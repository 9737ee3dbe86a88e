/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trials of packet-too-big messages on devices, for `tproxy check` and `doctor`.
 */
#include <errno.h>
#include <stdlib.h>

#include "io/tproxy/tc.h"
#include "io/tproxy/trial.h"
#include "io/tproxy/tproxy.h"
#include "tproxy.h"

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

static int try_family(struct tproxy_trials *c, const struct io_device *device, bool ipv6, struct tm_error *e)
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
	c->tried++;
	tm_judge_tproxy(&c->f, &t);
	return 0;
}

static int try_device(struct tproxy_trials *t, const struct io_device *device, struct tm_error *e)
{
	int err = 0;

	for (int i = 0; i < TM_FAMILIES && !err; i++)
		if (t->policy.present[i])
			err = try_family(t, device, i == TM_IPV6, e);
	return err;
}

static int try_all(struct tproxy_trials *t, struct tm_error *e)
{
	struct io_device *devices;
	size_t count;
	int err = io_device_list(&devices, &count, e);

	for (size_t i = 0; i < count && !err; i++)
		if (!(devices[i].flags & IFF_LOOPBACK))
			err = try_device(t, &devices[i], e);
	free(devices);
	return err;
}

static int try_named(struct tproxy_trials *t, const char *const *names, size_t count, struct tm_error *e)
{
	struct io_device device;
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		err = io_device_find(&device, names[i], e);
		if (!err)
			err = try_device(t, &device, e);
	}
	return err;
}

int tproxy_try(struct tproxy_trials *t, const char *const *devices, size_t count, struct tm_error *e)
{
	return count ? try_named(t, devices, count, e) : try_all(t, e);
}

void tproxy_trials_free(struct tproxy_trials *t)
{
	tm_findings_free(&t->f);
	tm_policy_free(&t->policy);
}
