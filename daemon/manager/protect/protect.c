/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Setting up, taking over and taking away. What may fail comes first, the rules last of it: so that either all of a configuration is in
 * force or nothing has changed.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "daemon/learner/learner.h"
#include "daemon/log.h"
#include "io/protect/attach.h"

/* ---- what is there */

/* The maps with room for an image of so many words. *again: they are not those that the programs have. */
static int open_maps(struct protect *p, uint32_t words, bool *again, struct tm_error *e)
{
	struct io_protect_maps maps;
	int err;

	if (p->state && p->maps.services_words >= words)
		return 0;
	err = io_protect_maps_ensure(&maps, words, e);
	if (err)
		return err;
	io_protect_maps_close(&p->maps);
	p->maps = maps;
	*again = true;
	if (!p->state)
		p->state = io_protect_state(&p->maps, e);
	return p->state ? 0 : -EIO;
}

static void close_maps(struct protect *p)
{
	if (p->state)
		munmap(p->state, sizeof(*p->state));
	p->state = NULL;
	io_protect_maps_close(&p->maps);
}

/* Lets go of all of it in memory. */
static void forget(struct protect *p)
{
	uv_timer_stop(&p->tick);
	close_maps(p);
	tm_image_free(&p->image);
	free(p->blocks);
	free(p->known.list);
	p->blocks = NULL;
	p->count = 0;
	p->known = (struct protect_known){ 0 };
	p->clients.count = p->server_count = 0;
	p->learned_id = 0;
}

/* Takes everything away, also what a killed daemon left. */
static void clear(struct protect *p)
{
	struct tm_error e;

	if (!p->state && !io_protect_maps_open(&p->maps, &e))
		p->state = io_protect_state(&p->maps, &e);
	if (!p->state)
		return;
	free(p->blocks);
	p->blocks = NULL;
	p->count = 0;
	protect_blocks_drop(p, NULL, 0);
	p->state->guarding = 0;
	if (io_protect_rules_remove(&e))
		log_line(LOG_ERR, "protect: %s", e.text);
	forget(p);
	if (io_protect_remove_all(&e))
		log_line(LOG_ERR, "protect: %s", e.text);
}

/* ---- one configuration after the other */

struct next {
	struct protect_block *blocks;
	size_t count;
	struct tm_image image;
	struct protect_wanted wanted;
	bool again; /* programs need the maps that are there now */
	bool fresh; /* nothing was there before */
};

/* Blocks and services are those in force again. */
static void restore(struct protect *p)
{
	struct tm_error ignored;

	if (!p->count)
		return;
	protect_blocks_write(p, p->blocks, p->count);
	for (size_t i = 0; i < p->count; i++)
		p->state->blocks[p->blocks[i].number].arm = p->blocks[i].arm;
	io_protect_services(&p->maps, p->image.words, p->image.count, &ignored);
}

/* All that may fail. What was there before goes on meanwhile. */
static int prepare(struct protect *p, struct next *n, const struct tm_config *config, struct tm_error *e)
{
	const struct io_learn_maps *learn = learner_maps(p->learner);
	int err = p->rules.nft.context ? 0 : io_protect_rules_open(&p->rules, e);

	if (!err && !p->state)
		n->fresh = io_protect_maps_open(&p->maps, e) == -ENOENT;
	if (!err)
		err = open_maps(p, 0, &n->again, e);
	if (err)
		return err;
	n->again |= (learn ? learn->id : 0) != p->learned_id;
	n->blocks = protect_blocks_make(p, config, e);
	if (!n->blocks)
		return -ENOMEM;
	n->count = config->protect_count;
	err = protect_services_build(&n->image, n->blocks, n->count, e);
	if (!err)
		err = open_maps(p, n->image.count, &n->again, e);
	if (!err)
		err = protect_devices_find(&n->wanted, n->blocks, n->count, e);
	if (err)
		return err;
	protect_blocks_write(p, n->blocks, n->count);
	/* Programs that come with this map find services in it. */
	err = io_protect_services(&p->maps, n->image.words, n->image.count, e);
	if (!err)
		err = protect_devices_attach(p, &n->wanted, n->again, e);
	if (!err)
		err = protect_rules_set(p, &n->image, n->blocks, n->count, &n->wanted.clients, e);
	if (err)
		restore(p);
	return err;
}

static void put_in_force(struct protect *p, struct next *n)
{
	const struct io_learn_maps *learn = learner_maps(p->learner);
	bool first = !p->count;
	struct tm_error e;

	protect_blocks_drop(p, n->blocks, n->count);
	free(p->blocks);
	tm_image_free(&p->image);
	p->blocks = n->blocks;
	p->count = n->count;
	p->image = n->image;
	p->learned_id = learn ? learn->id : 0;
	p->state->sample_mask = p->blocks[0].control.settings.sample - 1;
	protect_devices_settle(p, &n->wanted);
	if (first)
		protect_devices_sweep(p);
	for (size_t i = 0; i < p->count; i++)
		if (p->blocks[i].arm != TM_PROTECT_IDLE && p->blocks[i].config->accelerator == TM_ACCELERATOR_XDP)
			p->blocks[i].xdp = true;
	protect_xdp_settle(p);
	if (protect_guard(p, &e))
		log_line(LOG_ERR, "protect: %s", e.text);
}

static void on_tick(uv_timer_t *timer)
{
	protect_tick(timer->data);
}

int protect_apply(struct protect *p, const struct tm_config *config, struct tm_error *e)
{
	struct next n = { 0 };
	int err;

	if (!config->protect_count) {
		clear(p);
		return 0;
	}
	err = prepare(p, &n, config, e);
	if (err) {
		free(n.blocks);
		tm_image_free(&n.image);
		if (n.fresh)
			clear(p);
		else if (!p->count)
			close_maps(p);
		return err;
	}
	put_in_force(p, &n);
	protect_tick(p);
	uv_timer_start(&p->tick, on_tick, TM_PROTECT_TICK_MS, TM_PROTECT_TICK_MS);
	return 0;
}

int protect_init(struct protect *p, struct tm_error *e)
{
	int err = uv_timer_init(p->loop, &p->tick);

	p->tick.data = p;
	p->maps = IO_NO_PROTECT_MAPS;
	return err ? tm_error_code(e, err, "protect: %s", uv_strerror(err)) : 0;
}

bool protect_there(const struct protect *p)
{
	return p->count;
}

void protect_end(struct protect *p, bool leave)
{
	if (!leave && p->count)
		clear(p);
	forget(p);
	if (p->rules.nft.context)
		io_protect_rules_close(&p->rules);
}
