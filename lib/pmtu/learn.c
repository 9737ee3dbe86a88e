/* SPDX-License-Identifier: BSD-2-Clause */
#include "learn.h"

#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "watch.h"
#include "ptb.h"
#include "siphash.h"

#define REPORTERS 1024 /* buckets; reporters of the same hash share one */
#define NOT_KNOWN 65536 /* as a path's PMTU */

struct tm_learn {
	struct tm_pmtu *engine;
	struct tm_learn_options options;
	struct tm_learn_callbacks callbacks;
	struct tm_sipkey key;
	struct tm_pmtu_watch *watch;
	struct tm_evidence *evidence; /* by hash of the path: the newest of each stays */
	struct tm_bucket
		all[2]; /* without and with conntrack's word, so that a flood of guesses leaves room for what is sure */
	struct tm_bucket reporters[REPORTERS];
	struct tm_learn_counts counts;
};

const struct tm_learn_options tm_learn_default_options = {
	.watches = 2048,
	.evidence = 4096,
	.watch_ms = PK_WATCH_MS,
	.rate = 200,
	.burst = 400,
	.reporter_rate = 50,
	.reporter_burst = 100,
};

const char *tm_why_name(enum tm_why why)
{
	static const char *const names[] = {
#define X(constant, name, text) name,
		TM_WHYS(X)
#undef X
	};

	return names[why];
}

static tm_claim_ended claim_ended;

struct tm_learn *tm_learn_new(struct tm_pmtu *engine, const struct tm_learn_options *options, const uint8_t seed[16],
			      const struct tm_learn_callbacks *callbacks)
{
	struct tm_learn *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->engine = engine;
	l->options = options ? *options : tm_learn_default_options;
	l->callbacks = *callbacks;
	memcpy(&l->key, seed, sizeof(l->key));
	l->evidence = calloc(l->options.evidence, sizeof(*l->evidence));
	l->watch = tm_pmtu_watch_new(l->options.watches, l->options.watch_ms, seed, claim_ended, l);
	if (!l->evidence || !l->watch) {
		tm_learn_free(l);
		return NULL;
	}
	return l;
}

void tm_learn_free(struct tm_learn *l)
{
	if (!l)
		return;
	tm_pmtu_watch_free(l->watch);
	free(l->evidence);
	free(l);
}

static uint64_t hash(const struct tm_learn *l, const uint8_t address[16], bool ipv6, uint32_t tag)
{
	uint64_t words[3] = { 0, 0, (uint64_t)tag << 1 | ipv6 };

	memcpy(words, address, 16);
	return tm_siphash(&l->key, words, 3);
}

static struct tm_evidence *evidence_at(const struct tm_learn *l, const struct tm_path *path)
{
	return &l->evidence[hash(l, path->addr, path->ipv6, path->tag) & (l->options.evidence - 1)];
}

const struct tm_evidence *tm_learn_evidence(const struct tm_learn *l, const struct tm_path *path)
{
	const struct tm_evidence *e = evidence_at(l, path);

	return e->flow.family && e->path.ipv6 == path->ipv6 && e->path.tag == path->tag &&
			       memcmp(e->path.addr, path->addr, sizeof(path->addr)) == 0 ?
		       e :
		       NULL;
}

static struct tm_path path_to(const struct pk_flow *flow, uint32_t tag)
{
	struct tm_path path = { .ipv6 = flow->family == PK_IPV6, .tag = tag };

	memcpy(path.addr, flow->dst, sizeof(path.addr));
	return path;
}

static bool refuse(struct tm_learn *l, enum pk_refusal refusal, const struct tm_path *path, const uint8_t reporter[16],
		   uint32_t mtu, uint64_t now_ms)
{
	l->counts.refused[refusal]++;
	if (l->callbacks.refused)
		l->callbacks.refused(l->callbacks.ctx, refusal, path, reporter, mtu, now_ms);
	return false;
}

static struct tm_pmtu_message message_of(const struct tm_claim *c)
{
	return (struct tm_pmtu_message){
		.mtu = c->mtu,
		.quoted_len = c->quoted_len,
		.quoted_ihl = c->quoted_header / 4,
		.ceiling = c->ceiling,
		.reporter = c->reporter,
	};
}

/* What the engine says no to, in our words. */
static enum pk_refusal refusal_of(enum tm_pmtu_outcome outcome)
{
	switch (outcome) {
	case TM_PMTU_BELOW_MINIMUM:
		return PK_REFUSED_BELOW_MINIMUM;
	case TM_PMTU_IS_STATIC:
		return PK_REFUSED_STATIC_PATH;
	case TM_PMTU_DISABLED:
		return PK_REFUSED_DISABLED;
	case TM_PMTU_FULL:
		return PK_REFUSED_TABLE_FULL;
	case TM_PMTU_LOWERED:
	case TM_PMTU_CONFIRMED:
	case TM_PMTU_IGNORED:
	case TM_PMTU_OUTCOME_COUNT:
		break;
	}
	return PK_NOT_REFUSED;
}

static uint32_t known_pmtu(const struct tm_learn *l, const struct tm_path *path)
{
	struct tm_pmtu_entry entry;

	return tm_pmtu_find(l->engine, path, &entry) ? entry.pmtu : NOT_KNOWN;
}

/*
 * MTU 0 means "less than what is quoted". That is no news of a packet that, either way to read its length, is larger than the path's
 * PMTU; nor of the other packets of a flight whose first has lowered it.
 */
static bool is_old_news(const struct tm_learn *l, const struct tm_claim *c, const struct tm_path *path)
{
	const struct tm_evidence *e = tm_learn_evidence(l, path);

	if (c->quoted_len > c->known + c->quoted_header)
		return true;
	return e && e->mtu == 0 && e->quoted_len == c->quoted_len && c->known != NOT_KNOWN &&
	       c->since_ms - e->believed_ms < l->options.watch_ms;
}

static void make_claim(const struct tm_learn *l, const struct tm_ptb_seen *seen, const struct tm_ptb *ptb,
		       const struct tm_path *path, uint64_t now_ms, struct tm_claim *c)
{
	const struct pk_quote *q = &ptb->quote;

	*c = (struct tm_claim){
		.flow = q->flow,
		.tag = seen->tag,
		.way = seen->way,
		.seq = q->seq,
		.mtu = q->mtu,
		.quoted_len = q->length < 65535 ? q->length : 65535,
		.quoted_header = q->header,
		.payload = q->payload,
		.fits = q->mtu > tm_pmtu_floor(path->ipv6) ? q->mtu : tm_pmtu_floor(path->ipv6),
		.known = known_pmtu(l, path),
		.ceiling = seen->first_hop_mtu ? tm_pmtu_ceiling(path->ipv6, seen->first_hop_mtu, 0) : 0,
		.since_ms = now_ms,
	};
	memcpy(c->reporter, ptb->reporter, sizeof(c->reporter));
	if (!q->mtu) {
		c->fits = q->length - 1; /* what the sender's stack makes of it is its own affair */
		c->payload = q->payload > q->header ? q->payload - q->header :
						      0; /* 4.2BSD: the length told has it twice */
	}
}

/* RFC 5927, 4.1: una ≤ seq < nxt, and so for all that the quoted packet carried. False where conntrack cannot have meant this. */
static bool has_window(const struct tm_ptb_seen *seen)
{
	return seen->window && seen->nxt - seen->una < 1u << 30;
}

static bool in_window(const struct tm_ptb_seen *seen, const struct tm_claim *c)
{
	uint32_t flight = seen->nxt - seen->una, at = c->seq - seen->una;

	return at < flight && c->payload <= flight - at;
}

static bool take_tokens(struct tm_learn *l, const struct tm_claim *c)
{
	uint64_t at = hash(l, c->reporter, c->flow.family == PK_IPV6, 0) % REPORTERS;
	struct tm_bucket *reporter = &l->reporters[at], *all = &l->all[c->window];

	if (!tm_bucket_has(reporter, l->options.reporter_rate, l->options.reporter_burst, c->since_ms) ||
	    !tm_bucket_has(all, l->options.rate, l->options.burst, c->since_ms))
		return false;
	tm_bucket_take(reporter);
	tm_bucket_take(all);
	return true;
}

/* What is to be found out before the sender reacts, but for what the engine thinks of it. */
static enum pk_refusal watch_claim(struct tm_learn *l, const struct tm_ptb_seen *seen, struct tm_claim *c, bool *copy)
{
	*copy = false;
	if (has_window(seen)) {
		if (!in_window(seen, c))
			return PK_REFUSED_OUTSIDE_WINDOW;
		c->window = true;
	}
	*copy = tm_pmtu_watch_has(l->watch, c);
	if (*copy)
		return PK_NOT_REFUSED;
	if (!take_tokens(l, c))
		return PK_REFUSED_RATE;
	return tm_pmtu_watch_add(l->watch, c) ? PK_NOT_REFUSED : PK_REFUSED_WATCH_FULL;
}

bool tm_learn_ptb(struct tm_learn *l, const struct tm_ptb_seen *seen, uint64_t now_ms)
{
	struct tm_pmtu_message message;
	enum tm_pmtu_outcome outcome;
	struct tm_path path = { 0 };
	enum pk_refusal refusal;
	struct tm_claim claim;
	struct tm_ptb ptb;
	uint16_t pmtu;
	bool nodf, copy = false;

	tm_pmtu_watch_tick(l->watch, now_ms);
	l->counts.ptbs++;
	refusal = tm_ptb_parse(seen->bytes, seen->len, &ptb);
	if (ptb.quote.flow.family)
		path = path_to(&ptb.quote.flow, seen->tag);
	if (refusal != PK_NOT_REFUSED)
		return refuse(l, refusal, &path, ptb.reporter, ptb.quote.mtu, now_ms);

	make_claim(l, seen, &ptb, &path, now_ms, &claim);
	message = message_of(&claim);
	outcome = tm_pmtu_choose(l->engine, &path, &message, &pmtu, &nodf);
	refusal = refusal_of(outcome);
	if (outcome == TM_PMTU_IGNORED || (!refusal && !claim.mtu && is_old_news(l, &claim, &path))) {
		l->counts.ignored++;
		return false;
	}
	if (!refusal)
		refusal = watch_claim(l, seen, &claim, &copy);
	if (refusal != PK_NOT_REFUSED)
		return refuse(l, refusal, &path, ptb.reporter, claim.mtu, now_ms);
	l->counts.ignored += copy;
	return true;
}

static void believe(struct tm_learn *l, const struct tm_claim *c, const struct tm_verdict *v,
		    const struct tm_path *path, uint64_t now_ms)
{
	struct tm_pmtu_message message = message_of(c);
	enum tm_pmtu_outcome outcome = TM_PMTU_IGNORED;
	enum pk_refusal refusal;
	struct tm_evidence *e;

	/* MTU 0 takes a step down from where the path was when it came. */
	if (c->mtu || known_pmtu(l, path) == c->known)
		outcome = tm_pmtu_ptb(l->engine, path, &message, now_ms);
	refusal = refusal_of(outcome);
	if (refusal != PK_NOT_REFUSED) {
		refuse(l, refusal, path, c->reporter, c->mtu, now_ms);
		return;
	}
	if (outcome == TM_PMTU_IGNORED) {
		l->counts.ignored++;
		return;
	}
	*(outcome == TM_PMTU_LOWERED ? &l->counts.lowered : &l->counts.confirmed) += 1;
	e = evidence_at(l, path);
	*e = (struct tm_evidence){
		.path = *path,
		.flow = c->flow,
		.ptb_ms = c->since_ms,
		.believed_ms = now_ms,
		.mtu = c->mtu,
		.seq = c->seq,
		.quoted_len = c->quoted_len,
		.resent_len = v->resent_len,
		.df_clear = v->df_clear,
		.window = c->window,
		.why = v->why,
	};
	memcpy(e->reporter, c->reporter, sizeof(e->reporter));
	if (l->callbacks.learned)
		l->callbacks.learned(l->callbacks.ctx, e, outcome);
}

static void claim_ended(void *ctx, const struct tm_claim *c, const struct tm_verdict *v, uint64_t now_ms)
{
	struct tm_path path = path_to(&c->flow, c->tag);
	struct tm_learn *l = ctx;

	switch (v->judgement) {
	case TM_CLAIM_BELIEVED:
		believe(l, c, v, &path, now_ms);
		break;
	case TM_CLAIM_REFUSED:
		refuse(l, v->refusal, &path, c->reporter, c->mtu, now_ms);
		break;
	case TM_CLAIM_SETTLED:
		l->counts.ignored++;
		break;
	case TM_CLAIM_WAITS:
		break;
	}
}

void tm_learn_segment(struct tm_learn *l, const struct pk_segment *s, uint32_t tag, enum tm_way way, uint64_t now_ms)
{
	tm_pmtu_watch_tick(l->watch, now_ms);
	if (tm_pmtu_watch_segment(l->watch, s, tag, way, now_ms))
		l->counts.segments++;
}

size_t tm_learn_tick(struct tm_learn *l, uint64_t now_ms, size_t max)
{
	tm_pmtu_watch_tick(l->watch, now_ms);
	return tm_pmtu_tick(l->engine, now_ms, max);
}

uint64_t tm_learn_next_ms(const struct tm_learn *l)
{
	uint64_t watch = tm_pmtu_watch_next_ms(l->watch), engine = tm_pmtu_next_ms(l->engine);

	return watch && (!engine || watch < engine) ? watch : engine;
}

void tm_learn_count(const struct tm_learn *l, struct tm_learn_counts *counts)
{
	*counts = l->counts;
	counts->watching = tm_pmtu_watch_count(l->watch);
	counts->bytes = sizeof(*l) + l->options.evidence * sizeof(*l->evidence) + tm_pmtu_watch_bytes(l->watch);
}
