/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks of a configuration as blocks of the programs: each has a number there, which it keeps over reloads, and when a daemon takes over
 * what another one has left.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Tells a block in the maps from others; never 0. FNV-1a. */
static uint64_t name_hash(const char *name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 0x100000001b3;
	return hash ? hash : 1;
}

/* Each block keeps its number, also from a daemon before; others take what nobody has. */
static void number(const struct protect *p, struct protect_block *blocks, size_t count)
{
	uint64_t taken = 0;

	for (size_t i = 0; i < count; i++) {
		uint64_t hash = name_hash(blocks[i].config->name);

		blocks[i].number = TM_PROTECT_BLOCKS;
		for (uint32_t n = 0; n < TM_PROTECT_BLOCKS; n++)
			if (p->state->blocks[n].name == hash && !(taken >> n & 1))
				blocks[i].number = n;
		if (blocks[i].number < TM_PROTECT_BLOCKS)
			taken |= 1ull << blocks[i].number;
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t n = 0;

		if (blocks[i].number < TM_PROTECT_BLOCKS)
			continue;
		while (taken >> n & 1)
			n++;
		blocks[i].number = n;
		taken |= 1ull << n;
	}
}

static void set_control(struct protect_block *b, unsigned sample)
{
	const struct tm_config_protect *c = b->config;
	struct tm_protect_settings settings = {
		.mode = c->mode,
		.high = c->high,
		.low = c->low,
		.sample = sample,
		.synproxy = c->accelerator == TM_ACCELERATOR_NONE,
	};

	if (b->control.ticked)
		tm_protect_control_set(&b->control, &settings);
	else
		tm_protect_control_init(&b->control, &settings);
}

/* What the block was before: in this daemon, or in the one that was killed. */
static void take_over(const struct protect *p, struct protect_block *b, unsigned sample)
{
	const struct tm_protect_block *kernel = &p->state->blocks[b->number];

	for (size_t i = 0; i < p->count; i++) {
		if (p->blocks[i].number != b->number || strcmp(p->blocks[i].config->name, b->config->name))
			continue;
		b->control = p->blocks[i].control;
		b->arm = p->blocks[i].arm;
		b->xdp = p->blocks[i].xdp && b->config->accelerator == TM_ACCELERATOR_XDP;
		set_control(b, sample);
		return;
	}
	set_control(b, sample);
	if (kernel->name != name_hash(b->config->name) || kernel->arm > TM_PROTECT_ARMED)
		return;
	b->arm = (enum tm_protect_arm)kernel->arm;
	tm_protect_control_resume(&b->control, b->arm);
}

struct protect_block *protect_blocks_make(const struct protect *p, const struct tm_config *config, struct tm_error *e)
{
	struct protect_block *blocks = calloc(config->protect_count, sizeof(*blocks));

	if (!blocks) {
		tm_error_code(e, -ENOMEM, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < config->protect_count; i++)
		blocks[i].config = &config->protects[i];
	number(p, blocks, config->protect_count);
	for (size_t i = 0; i < config->protect_count; i++)
		take_over(p, &blocks[i], tm_protect_sample(config->protects, config->protect_count));
	return blocks;
}

void protect_blocks_write(struct protect *p, const struct protect_block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tm_protect_block *kernel = &p->state->blocks[blocks[i].number];
		const struct tm_config_protect *c = blocks[i].config;

		if (kernel->name != name_hash(c->name)) {
			kernel->arm = TM_PROTECT_IDLE;
			io_protect_counters_clear(&p->maps, blocks[i].number);
			kernel->name = name_hash(c->name);
		}
		kernel->mss[PK_IPV4] = kernel->mss[PK_IPV6] = c->mss;
		kernel->wscale = c->wscale < 0 ? TM_WSCALE_NONE : (uint8_t)c->wscale;
	}
}

void protect_blocks_drop(struct protect *p, const struct protect_block *blocks, size_t count)
{
	uint64_t kept = 0;

	for (size_t i = 0; i < count; i++)
		kept |= 1ull << blocks[i].number;
	for (uint32_t n = 0; n < TM_PROTECT_BLOCKS; n++) {
		if (kept >> n & 1)
			continue;
		p->state->blocks[n].arm = TM_PROTECT_IDLE;
		p->state->blocks[n].name = 0;
	}
}
