/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#include "siphash.h"

#define NONE UINT32_MAX

struct slot {
	struct tm_claim claim;
	uint32_t chain; /* next of the same hash, or of the free ones */
	uint32_t older, newer; /* by age */
};

struct tm_pmtu_watch {
	struct tm_sipkey key;
	tm_claim_ended *ended;
	void *ctx;
	uint32_t ms;
	uint32_t room, mask;
	uint32_t count, free;
	uint32_t oldest, newest;
	uint32_t *heads; /* mask + 1 */
	struct slot *slots; /* room */
};

struct tm_pmtu_watch *tm_pmtu_watch_new(size_t n, uint32_t ms, const uint8_t seed[16], tm_claim_ended *ended, void *ctx)
{
	struct tm_pmtu_watch *w = calloc(1, sizeof(*w));
	size_t heads = 1;

	if (!w)
		return NULL;
	while (heads < n)
		heads *= 2;
	w->heads = malloc(heads * sizeof(*w->heads));
	w->slots = calloc(n, sizeof(*w->slots));
	if (!w->heads || !w->slots) {
		tm_pmtu_watch_free(w);
		return NULL;
	}
	memcpy(&w->key, seed, sizeof(w->key));
	w->ended = ended;
	w->ctx = ctx;
	w->ms = ms;
	w->room = n;
	w->mask = heads - 1;
	w->oldest = w->newest = NONE;
	memset(w->heads, 0xff, heads * sizeof(*w->heads));
	for (uint32_t i = 0; i < n; i++)
		w->slots[i].chain = i + 1 < n ? i + 1 : NONE;
	return w;
}

void tm_pmtu_watch_free(struct tm_pmtu_watch *w)
{
	if (!w)
		return;
	free(w->heads);
	free(w->slots);
	free(w);
}

static uint32_t *head_of(const struct tm_pmtu_watch *w, const struct pk_flow *flow, uint32_t tag)
{
	uint64_t words[sizeof(*flow) / 8 + 1];

	_Static_assert(sizeof(*flow) % 8 == 0, "hashed in words");
	memcpy(words, flow, sizeof(*flow));
	words[sizeof(*flow) / 8] = tag;
	return &w->heads[tm_siphash(&w->key, words, sizeof(words) / 8) & w->mask];
}

static bool same_flow(const struct tm_claim *c, const struct pk_flow *flow, uint32_t tag)
{
	return c->tag == tag && memcmp(&c->flow, flow, sizeof(*flow)) == 0;
}

static void unlink_age(struct tm_pmtu_watch *w, const struct slot *s)
{
	*(s->older == NONE ? &w->oldest : &w->slots[s->older].newer) = s->newer;
	*(s->newer == NONE ? &w->newest : &w->slots[s->newer].older) = s->older;
}

/* Frees the slot before anybody is told. */
static void end(struct tm_pmtu_watch *w, uint32_t at, const struct tm_verdict *v, uint64_t now_ms)
{
	struct slot *s = &w->slots[at];
	struct tm_claim claim = s->claim;
	uint32_t *link = head_of(w, &claim.flow, claim.tag);

	while (*link != at)
		link = &w->slots[*link].chain;
	*link = s->chain;
	unlink_age(w, s);
	s->chain = w->free;
	w->free = at;
	w->count--;
	w->ended(w->ctx, &claim, v, now_ms);
}

bool tm_pmtu_watch_has(struct tm_pmtu_watch *w, const struct tm_claim *c)
{
	for (uint32_t at = *head_of(w, &c->flow, c->tag); at != NONE; at = w->slots[at].chain) {
		struct tm_claim *known = &w->slots[at].claim;

		if (same_flow(known, &c->flow, c->tag) && known->way == c->way && known->seq == c->seq &&
		    known->mtu == c->mtu && known->quoted_len == c->quoted_len) {
			known->window |= c->window;
			return true;
		}
	}
	return false;
}

bool tm_pmtu_watch_add(struct tm_pmtu_watch *w, const struct tm_claim *c)
{
	uint32_t *head = head_of(w, &c->flow, c->tag), at = w->free, n = 0;
	struct slot *s;

	for (uint32_t i = *head; i != NONE; i = w->slots[i].chain)
		n += same_flow(&w->slots[i].claim, &c->flow, c->tag) && w->slots[i].claim.way == c->way;
	if (at == NONE || n >= TM_CLAIMS_PER_FLOW)
		return false;

	s = &w->slots[at];
	w->free = s->chain;
	s->claim = *c;
	s->claim.started = s->claim.past = false;
	s->claim.seen = 0;
	s->chain = *head;
	*head = at;
	s->older = w->newest;
	s->newer = NONE;
	*(w->newest == NONE ? &w->oldest : &w->slots[w->newest].newer) = at;
	w->newest = at;
	w->count++;
	return true;
}

/* What the claims of one flow come to, by one segment. */
struct round {
	uint32_t at[3 * TM_CLAIMS_PER_FLOW]; /* of each way */
	struct tm_verdict verdict[3 * TM_CLAIMS_PER_FLOW];
	uint32_t n, best; /* best: of those believed the one with the smallest packets, else n */
};

static void judge_all(struct tm_pmtu_watch *w, const struct pk_segment *s, uint32_t tag, enum tm_way way,
		      struct round *r)
{
	for (uint32_t at = *head_of(w, &s->flow, tag); at != NONE; at = w->slots[at].chain) {
		struct tm_claim *c = &w->slots[at].claim;

		if (!same_flow(c, &s->flow, tag) || (c->way == way && way != TM_WAY_UNKNOWN))
			continue;
		r->at[r->n] = at;
		r->verdict[r->n] = tm_claim_judge(c, s);
		if (r->verdict[r->n].judgement == TM_CLAIM_BELIEVED &&
		    (r->best == NONE || c->fits < w->slots[r->at[r->best]].claim.fits))
			r->best = r->n;
		r->n++;
	}
}

size_t tm_pmtu_watch_segment(struct tm_pmtu_watch *w, const struct pk_segment *s, uint32_t tag, enum tm_way way,
			     uint64_t now_ms)
{
	const struct tm_verdict settled = { .judgement = TM_CLAIM_SETTLED };
	struct round r = { .best = NONE };
	uint32_t fits = UINT32_MAX;

	if (!w->count)
		return 0;
	judge_all(w, s, tag, way, &r);
	if (r.best != NONE) {
		fits = w->slots[r.at[r.best]].claim.fits;
		end(w, r.at[r.best], &r.verdict[r.best], now_ms);
	}
	for (uint32_t i = 0; i < r.n; i++) {
		if (i == r.best)
			continue;
		if (w->slots[r.at[i]].claim.fits >= fits)
			end(w, r.at[i], &settled, now_ms);
		else if (r.verdict[i].judgement != TM_CLAIM_WAITS)
			end(w, r.at[i], &r.verdict[i], now_ms);
	}
	return r.n;
}

void tm_pmtu_watch_tick(struct tm_pmtu_watch *w, uint64_t now_ms)
{
	const struct tm_verdict v = { .judgement = TM_CLAIM_REFUSED, .refusal = PK_REFUSED_UNCONFIRMED };
	uint64_t due;

	while ((due = tm_pmtu_watch_next_ms(w)) && due <= now_ms)
		end(w, w->oldest, &v, now_ms);
}

uint64_t tm_pmtu_watch_next_ms(const struct tm_pmtu_watch *w)
{
	return w->oldest == NONE ? 0 : w->slots[w->oldest].claim.since_ms + w->ms;
}

size_t tm_pmtu_watch_count(const struct tm_pmtu_watch *w)
{
	return w->count;
}

size_t tm_pmtu_watch_bytes(const struct tm_pmtu_watch *w)
{
	return sizeof(*w) + (w->mask + 1) * sizeof(*w->heads) + w->room * sizeof(*w->slots);
}
