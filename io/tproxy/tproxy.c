/* SPDX-License-Identifier: BSD-2-Clause */
#include "tproxy.h"

#include <errno.h>
#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>

#include "io/net/policy.h"
#include "tc.h"
#include "trial.h"

/* ---- our table */

/* Whether this kernel cannot do it, as far as the error tells: no nftables, or no match of sockets. */
static bool cannot(int err)
{
	return err == -EOPNOTSUPP || err == -ENOENT || err == -EPROTONOSUPPORT || err == -EAFNOSUPPORT;
}

/* The caller's, or one of its own: io_nft_close(own) afterwards. */
static int open_nft(struct io_nft **nft, struct io_nft *own, struct tm_error *e)
{
	*own = (struct io_nft){ 0 };
	if (*nft)
		return 0;
	*nft = own;
	return io_nft_open(own, e);
}

static int run(struct io_nft *nft, const char *text, struct tm_error *e)
{
	struct io_nft own;
	int err = open_nft(&nft, &own, e);

	if (!err)
		err = io_nft_run(nft, text, e);
	io_nft_close(&own);
	return err;
}

static int list(struct io_nft *nft, char **text, struct tm_error *e)
{
	int err;

	nft_ctx_output_set_flags(nft->context, NFT_CTX_OUTPUT_NUMERIC_ALL); /* and counters */
	err = io_nft_ask(nft, "list table inet " TM_TPROXY_NFT, text, e);
	nft_ctx_output_set_flags(nft->context, NFT_CTX_OUTPUT_NUMERIC_ALL | NFT_CTX_OUTPUT_STATELESS);
	return err;
}

int io_tproxy_rules(struct io_nft *nft, struct tm_tproxy_rules *rules, struct tm_error *e)
{
	struct io_nft own;
	char *text;
	int err = open_nft(&nft, &own, e);

	*rules = (struct tm_tproxy_rules){ 0 };
	if (!err)
		err = list(nft, &text, e);
	if (!err) {
		tm_tproxy_read_nft(rules, text);
		free(text);
	}
	io_nft_close(&own);
	return cannot(err) ? 0 : err;
}

static int remove_table(struct io_nft *nft, unsigned *removed, struct tm_error *e)
{
	struct tm_tproxy_rules rules;
	int err = io_tproxy_rules(nft, &rules, e);

	if (err || !(rules.there[TM_IPV4] || rules.there[TM_IPV6]))
		return err;
	err = run(nft, "delete table inet " TM_TPROXY_NFT, e);
	*removed += !err;
	return cannot(err) ? 0 : err;
}

/* ---- rules and routes */

static int failed(struct tm_error *e, int err, bool ipv6, const char *what)
{
	if (err == -EPERM)
		return tm_error_code(e, err, "%s: not permitted: run as root", what);
	return tm_error_code(e, err, "%s, %s: %s", what, ipv6 ? "IPv6" : "IPv4", strerror(-err));
}

static int add_policy(const struct tm_tproxy_plan *plan, struct tm_error *e)
{
	for (int i = 0; i < TM_FAMILIES; i++) {
		const struct tm_tproxy_family *f = &plan->family[i];
		int err = f->on && f->add_route ? io_policy_add_route(i == TM_IPV6, f->table) : 0;

		if (err)
			return failed(e, err, i == TM_IPV6, "adding the local default route");
		err = f->on && f->add_rule ? io_policy_add_rule(i == TM_IPV6, f->mark, f->rule_mask, f->table) : 0;
		if (err)
			return failed(e, err, i == TM_IPV6, "adding the rule of policy routing");
	}
	return 0;
}

/* Takes away what is ours and not in the plan, an empty one at the end. */
static int tidy_policy(const struct tm_policy *p, const struct tm_tproxy_plan *plan, unsigned *removed,
		       struct tm_error *e)
{
	for (size_t i = 0; i < p->rule_count; i++) {
		const struct tm_policy_rule *r = &p->rules[i];
		int err;

		if (r->protocol != TM_TPROXY_PROTOCOL || tm_tproxy_needs_rule(plan, r))
			continue;
		err = io_policy_remove_rule(r);
		if (err)
			return failed(e, err, r->ipv6, "removing the rule of policy routing");
		++*removed;
	}
	for (size_t i = 0; i < p->table_count; i++) {
		const struct tm_policy_table *t = &p->tables[i];
		int err;

		if (!t->ours || tm_tproxy_needs_route(plan, t->ipv6, t->table))
			continue;
		err = io_policy_remove_route(t->ipv6, t->table);
		if (err)
			return failed(e, err, t->ipv6, "removing the local default route");
		++*removed;
	}
	return 0;
}

/* ---- the whole */

static int find_devices(const struct io_tproxy_order *order, struct io_device **devices, size_t *count,
			struct tm_error *e)
{
	size_t all, n = 0;
	int err = 0;

	*count = 0;
	if (!order->device_count) {
		err = io_device_list(devices, &all, e);
		for (size_t i = 0; i < all; i++)
			if (!((*devices)[i].flags & IFF_LOOPBACK))
				(*devices)[n++] = (*devices)[i];
		*count = n;
		return err;
	}
	*devices = calloc(order->device_count, sizeof(**devices));
	if (!*devices)
		return tm_error_code(e, -ENOMEM, "out of memory");
	for (; n < order->device_count && !err; n++)
		err = io_device_find(&(*devices)[n], order->devices[n], e);
	*count = n;
	return err;
}

static int up_tc(const struct io_tproxy_order *order, struct io_tproxy_done *done, struct tm_error *e)
{
	struct io_device *devices = NULL;
	size_t count;
	int n = find_devices(order, &devices, &count, e);

	if (!n)
		n = io_tproxy_tc_set(&done->plan, devices, count, e);
	free(devices);
	if (n >= 0)
		done->devices = (unsigned)n;
	done->via = TM_TPROXY_VIA_TC;
	return n < 0 ? n : n ? 0 : tm_error_code(e, -ENODEV, "there is no device whose packets could be looked at");
}

/* What sets the mark; of the other kind there is nothing then. */
static int up_marking(const struct io_tproxy_order *order, struct io_nft *nft, struct io_tproxy_done *done,
		      struct tm_error *e)
{
	char text[TM_TPROXY_TEXT];
	unsigned ignored = 0;
	int err = -EOPNOTSUPP, n;

	done->via = TM_TPROXY_VIA_NFT;
	tm_tproxy_nft(&done->plan, text);
	if (getenv("TCPMSS_NO_NFT"))
		tm_error_code(e, err, "nftables is not to be used (TCPMSS_NO_NFT)");
	else if (order->via != TM_TPROXY_VIA_TC)
		err = run(nft, text, e);
	if (order->via == TM_TPROXY_VIA_TC || (cannot(err) && order->via == TM_TPROXY_AUTO)) {
		err = up_tc(order, done, e);
		return err ? err : remove_table(nft, &ignored, e);
	}
	if (cannot(err))
		err = -EOPNOTSUPP;
	n = err ? 0 : io_tproxy_tc_remove(e);
	return n < 0 ? n : err;
}

/* What somebody had before stays, as far as it can: `before` had nothing of ours. */
static void undo(const struct tm_policy *before, struct io_nft *nft)
{
	struct tm_error ignored;
	unsigned removed;

	for (size_t i = 0; i < before->rule_count; i++)
		if (before->rules[i].protocol == TM_TPROXY_PROTOCOL)
			return;
	for (size_t i = 0; i < before->table_count; i++)
		if (before->tables[i].ours)
			return;
	io_tproxy_down(nft, &removed, &ignored);
}

int io_tproxy_up(const struct io_tproxy_order *order, struct io_nft *nft, struct io_tproxy_done *done,
		 struct tm_error *e)
{
	struct tm_policy now;
	unsigned removed = 0;
	int err = io_policy_read(&now, e);

	*done = (struct io_tproxy_done){ 0 };
	if (!err)
		err = tm_tproxy_plan(&done->plan, &now, &order->wish, e);
	if (err) {
		tm_policy_free(&now);
		return err;
	}
	/* The way first, then the marks, so that no message is marked that has no way to go. */
	err = add_policy(&done->plan, e);
	if (!err)
		err = up_marking(order, nft, done, e);
	if (!err)
		err = tidy_policy(&now, &done->plan, &removed, e);
	else
		undo(&now, nft);
	tm_policy_free(&now);
	return err;
}

int io_tproxy_down(struct io_nft *nft, unsigned *removed, struct tm_error *e)
{
	static const struct tm_tproxy_plan nothing;
	struct tm_policy now;
	int err, n;

	*removed = 0;
	io_tproxy_trial_clean();
	err = remove_table(nft, removed, e);
	if (err)
		return err;
	n = io_tproxy_tc_remove(e);
	if (n < 0)
		return n;
	*removed += (unsigned)n;
	err = io_policy_read(&now, e);
	if (!err)
		err = tidy_policy(&now, &nothing, removed, e);
	tm_policy_free(&now);
	return err;
}
