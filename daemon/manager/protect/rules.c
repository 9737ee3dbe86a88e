/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of protect: our table of nftables, written anew when blocks change, or what is known of servers that SYNPROXY answers for; and put
 * back when somebody has flushed it.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "io/clock.h"
#include "io/net/device.h"
#include "lib/protect/nft.h"
#include "lib/protect/offer.h"
#include "lib/protect/services.h"

#define SERVERS_MAX 4096 /* that rules are made for */
#define RECENT_NS 3600000000000ull /* of servers that have been silent for longer nothing is told */

/* ---- what clients are told */

static uint32_t client_mtu(const struct protect *p, const struct protect_devices *clients,
			   const struct tm_config_protect *c)
{
	uint32_t mtu = 0;

	for (unsigned i = 0; i < clients->count; i++) {
		const struct protect_device *d = &clients->list[i];
		uint32_t its = d->ifindex && !d->failed ? p->state->devices[d->slot].mtu : 0;

		for (size_t k = 0; k < c->device_count; k++)
			if (its && (!mtu || its < mtu) && !strcmp(c->devices[k], d->name))
				mtu = its;
	}
	return mtu;
}

struct tm_synproxy protect_offer(const struct protect *p, const struct tm_config_protect *c,
				 const struct tm_protect_server_key *key, const struct tm_protect_server *server)
{
	struct pk_learned_table table = learner_table(p->learner);
	struct tm_learned_path path = { .ipv6 = key->family == PK_IPV6 };
	struct tm_protect_path mtus = { .client = client_mtu(p, &p->clients, c), .route = server->route_mtu };
	struct tm_error ignored;
	struct io_route route;

	if (c->accelerator == TM_ACCELERATOR_NONE && !io_route_find(&route, path.ipv6, key->addr, &ignored))
		mtus.route = route.mtu;
	memcpy(path.address, key->addr, sizeof(path.address));
	for (unsigned i = 0; i < p->clients.count && table.head; i++) {
		uint16_t mtu;

		path.tag = p->clients.list[i].ifindex;
		mtu = path.tag ? tm_learned_mtu(&table, &path, io_clock_ns(CLOCK_MONOTONIC)) : 0;
		if (mtu && (!mtus.learned || mtu < mtus.learned))
			mtus.learned = mtu;
	}
	return tm_protect_offer(c, key->family, server, &mtus);
}

/* ---- servers that SYNPROXY answers for */

struct gathering {
	const struct protect *p;
	struct protect_known *known;
	uint64_t now;
	bool memory;
};

static const struct protect_block *block_of(const struct protect *p, uint32_t number)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->blocks[i].number == number)
			return &p->blocks[i];
	return NULL;
}

static bool gather(const struct tm_protect_server_key *key, const struct tm_protect_server *server, void *ctx)
{
	struct gathering *g = ctx;
	uint32_t number = tm_services_find(&g->p->image, key->family == PK_IPV6, key->addr, key->port);
	const struct protect_block *b = block_of(g->p, number);
	struct tm_nft_server *list = g->known->list;

	if (!b || b->config->accelerator != TM_ACCELERATOR_NONE || g->now - server->seen > RECENT_NS)
		return true;
	if (g->known->count == g->known->room) {
		size_t room = g->known->room ? g->known->room * 2 : 64;

		list = reallocarray(list, room, sizeof(*list));
		if (!list) {
			g->memory = true;
			return false;
		}
		g->known->list = list;
		g->known->room = room;
	}
	list[g->known->count] = (struct tm_nft_server){ .key = *key };
	list[g->known->count++].offer = protect_offer(g->p, b->config, key, server);
	return g->known->count < SERVERS_MAX;
}

static int compare(const void *a, const void *b)
{
	return memcmp(&((const struct tm_nft_server *)a)->key, &((const struct tm_nft_server *)b)->key,
		      sizeof(struct tm_protect_server_key));
}

/* An LRU map walks in no order, and may tell one twice. */
static void sort(struct protect_known *known)
{
	size_t kept = 0;

	if (known->count)
		qsort(known->list, known->count, sizeof(*known->list), compare);
	for (size_t i = 0; i < known->count; i++)
		if (!kept || compare(&known->list[kept - 1], &known->list[i]))
			known->list[kept++] = known->list[i];
	known->count = kept;
}

static bool same(const struct tm_nft_server *a, const struct tm_nft_server *b)
{
	return !compare(a, b) && a->offer.mss == b->offer.mss && a->offer.wscale == b->offer.wscale &&
	       a->offer.sack == b->offer.sack && a->offer.timestamps == b->offer.timestamps;
}

/* True where what is known differs from before. */
static bool learn(struct protect *p)
{
	struct protect_known known = { 0 };
	struct gathering g = { .p = p, .known = &known, .now = io_clock_ns(CLOCK_MONOTONIC) };
	bool changed;

	if (io_protect_servers(&p->maps, gather, &g) || g.memory) {
		free(known.list);
		return false;
	}
	sort(&known);
	changed = known.count != p->known.count;
	for (size_t i = 0; i < known.count && !changed; i++)
		changed = !same(&known.list[i], &p->known.list[i]);
	free(p->known.list);
	p->known = known;
	return changed;
}

/* ---- the table */

static void fill(struct tm_nft_block *n, const struct protect_block *b)
{
	*n = (struct tm_nft_block){ .config = b->config,
				    .number = b->number,
				    .arm = b->arm,
				    .accelerated = b->config->accelerator != TM_ACCELERATOR_NONE };
	memcpy(n->usual, b->usual, sizeof(n->usual));
}

static int run(struct protect *p, const struct tm_image *image, const struct protect_block *blocks, size_t count,
	       char *write(const struct tm_nft_input *in), struct tm_error *e)
{
	struct tm_nft_block *list = calloc(count + 1, sizeof(*list));
	struct tm_nft_input in = { .services = image,
				   .blocks = list,
				   .block_count = count,
				   .servers = p->known.list,
				   .server_count = p->known.count };
	char *text = NULL;
	int err;

	for (size_t i = 0; i < count && list; i++)
		fill(&list[i], &blocks[i]);
	text = list ? write(&in) : NULL;
	err = text ? io_protect_rules_apply(&p->rules, text, e) : tm_error_code(e, -ENOMEM, "out of memory");
	free(text);
	free(list);
	return err;
}

/* What is told of servers that nobody knows yet. True where that has changed. */
static bool set_usual(const struct protect *p, struct protect_block *blocks, size_t count,
		      const struct protect_devices *clients)
{
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		struct tm_protect_path path = { .client = client_mtu(p, clients, blocks[i].config) };

		for (uint8_t family = PK_IPV4; family <= PK_IPV6; family++) {
			struct tm_synproxy *usual = &blocks[i].usual[family], now;

			now = tm_protect_offer(blocks[i].config, family, NULL, &path);
			changed |= now.mss != usual->mss || now.wscale != usual->wscale;
			*usual = now;
		}
	}
	return changed;
}

int protect_rules_set(struct protect *p, const struct tm_image *image, struct protect_block *blocks, size_t count,
		      const struct protect_devices *clients, struct tm_error *e)
{
	set_usual(p, blocks, count, clients);
	return run(p, image, blocks, count, tm_protect_nft_table, e);
}

int protect_rules_arm(struct protect *p, struct tm_error *e)
{
	int err = run(p, &p->image, p->blocks, p->count, tm_protect_nft_arm, e);

	if (err == -ENOENT) /* somebody has taken the table away */
		err = run(p, &p->image, p->blocks, p->count, tm_protect_nft_table, e);
	return err;
}

void protect_rules_follow(struct protect *p)
{
	bool none = false, changed, gone = io_protect_rules_gone(&p->rules);
	struct tm_error e;
	int err;

	for (size_t i = 0; i < p->count; i++)
		none |= p->blocks[i].config->accelerator == TM_ACCELERATOR_NONE;
	changed = none && set_usual(p, p->blocks, p->count, &p->clients);
	changed |= none && learn(p);
	if (!changed && !gone && !p->rules_failed)
		return;
	err = run(p, &p->image, p->blocks, p->count, tm_protect_nft_table, &e);
	if (gone && !p->rules_failed)
		log_line(LOG_WARNING, "protect: somebody has changed the table inet " TM_PROTECT_TABLE "%s",
			 err ? "" : ": it is as it was again");
	if (err && !p->rules_failed)
		log_line(LOG_ERR, "protect: %s", e.text);
	p->rules_failed = err;
}
