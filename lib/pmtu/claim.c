/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One PTB and the segments that its flow's sender sends after it.
 */
#include "lib/view.h"
#include "watch.h"

/* No window is larger (RFC 7323, 2.2): a sequence number farther away has nothing to do with what the flow sends. */
#define TM_FAR (1 << 30)

/* A full packet is not smaller than what fits by more than this: stacks round their MSS. */
#define TM_ROUNDING 64

/* So many segments after a PTB are told whatever they are (bpf/learn-record.h); of later ones the first need not be among them. */
#define TM_ALL_TOLD 8

static struct tm_verdict waits(void)
{
	return (struct tm_verdict){ .judgement = TM_CLAIM_WAITS };
}

static struct tm_verdict refused(enum pk_refusal refusal)
{
	return (struct tm_verdict){ .judgement = TM_CLAIM_REFUSED, .refusal = refusal };
}

/*
 * A segment over the quoted number that is known to be a re-send. Larger than fits, it may have been on its way when the PTB came: a
 * smaller one may follow. IPv4 without DF need not fit: the sender lets the routers fragment now (RFC 1191, 3), as Linux does below
 * 552 bytes.
 */
static struct tm_verdict resent(const struct tm_claim *c, const struct pk_segment *s, enum tm_why why)
{
	bool fits = s->length <= c->fits;

	if (!fits && s->df)
		return waits();
	return (struct tm_verdict){
		.judgement = TM_CLAIM_BELIEVED,
		.why = why,
		.resent_len = s->length,
		.df_clear = !fits,
	};
}

/*
 * A segment that begins before the quoted number and goes over it: of an offloaded train, cut in other places than before. Somebody
 * who guesses hits so many numbers with a guess that it has to be a full packet, of a size that he would have to guess, too.
 */
static bool full(const struct tm_claim *c, const struct pk_segment *s)
{
	return s->length + TM_ROUNDING >= c->fits || !s->df;
}

struct tm_verdict tm_claim_judge(struct tm_claim *c, const struct pk_segment *s)
{
	int64_t from = (int32_t)(s->seq - c->seq),
		to = from + s->payload; /* of its payload, from the quoted number on */
	bool first = !c->started && c->seen < TM_ALL_TOLD, past = c->past;
	struct tm_verdict v = waits();

	c->seen += c->seen < UINT8_MAX;
	if (s->flags & (PK_TCP_SYN | PK_TCP_RST)) /* a RST's number may be any */
		return v;
	if (from >= TM_FAR || from < -TM_FAR)
		return c->window ? v : refused(PK_REFUSED_OUTSIDE_WINDOW);
	/* Acknowledgements say how far the sender is; probes of an idle peer or a closed window go back by one. */
	if (from >= c->payload && from > 0)
		c->past = true;
	if (!s->payload)
		return v;

	c->started = true;
	if (from <= 0 && to > 0) {
		if (c->window && (from == 0 || full(c, s)))
			v = resent(c, s, TM_WHY_WINDOW);
		else if (past && from == 0)
			v = resent(c, s, TM_WHY_AGAIN);
		else if (first && from == 0)
			v = resent(c, s, TM_WHY_AT_ONCE);
	}
	if (v.judgement == TM_CLAIM_WAITS && from < 0 && !past && !c->window)
		return refused(PK_REFUSED_FUTURE);
	if (to >= c->payload && to > 0)
		c->past = true;
	return v;
}
