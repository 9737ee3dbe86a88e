/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "io/clock.h"
#include "lib/report/hook-counters.h"
#include "daemon/log.h"

#define HEAD TM_EVENT_HEAD /* bytes of a packet that are remembered to tell what was changed */

int queue_limit_by_mtu(struct queue *q, struct tm_image *image)
{
	const struct tm_ruleset set = { .hooks = { [0] = { .flags = PK_HOOK_AUTO } } };
	int err = tm_image_build(image, &set);

	if (!err)
		q->rules.image = tm_image_rules(image);
	return err;
}

/* The first MSS of a SYN that was clamped, 0 for none. */
static unsigned first_mss(struct pk_view *v, struct pk_packet *pk)
{
	struct pk_options options = { 0 };
	struct pk_tcp tcp = { 0 };

	if (pk_parse_frame(v, PK_LINK_RAW, pk) != PK_GO_ON || pk_parse_tcp(v, pk, &tcp) != PK_GO_ON)
		return 0;
	pk_parse_options(&tcp, &options);
	return options.count ? pk_option_mss(&tcp, options.mss[0]) : 0;
}

static void tell_change(const struct io_nfqueue_packet *p, uint8_t *before)
{
	struct pk_view new = { .frame = p->data, .len = p->len, .room = p->len };
	struct pk_view old = { .frame = before, .len = p->len, .room = p->len };
	char src[INET6_ADDRSTRLEN], dst[INET6_ADDRSTRLEN];
	struct pk_packet pk = { 0 }, again = { 0 };
	unsigned to = first_mss(&new, &pk), from;
	int family = pk.family == PK_IPV6 ? AF_INET6 : AF_INET;
	const uint8_t *ip = p->data + pk.l3, *tcp = p->data + pk.l4;

	if (!to || pk.l4 + PK_TCP_HEADER_MAX > HEAD)
		return;
	from = first_mss(&old, &again);
	inet_ntop(family, ip + (family == AF_INET ? 12 : 8), src, sizeof(src));
	inet_ntop(family, ip + (family == AF_INET ? 16 : 24), dst, sizeof(dst));
	log_line(LOG_DEBUG, "%s port %u > %s port %u: MSS %u lowered to %u", src, pk_get16(tcp), dst, pk_get16(tcp + 2),
		 from, to);
}

bool queue_take(void *ctx, struct io_nfqueue_packet *p)
{
	struct queue *q = ctx;
	bool watched = queue_events_watched(q->events);
	struct pk_result result;
	enum tm_direction direction;
	uint8_t before[HEAD];
	uint32_t len = p->len, kept = len < HEAD ? len : HEAD;

	if (p->hook >= 32 || !(q->hooks & 1u << p->hook)) {
		q->passed++;
		return false;
	}
	if (q->tell || watched)
		memcpy(before, p->data, kept);
	if (q->device_mtu)
		q->rules.device_mtu = __atomic_load_n(q->device_mtu, __ATOMIC_RELAXED);
	if (q->rules.learned.head) {
		q->rules.tag = q->tag ? __atomic_load_n(q->tag, __ATOMIC_RELAXED) : 0;
		q->rules.now = io_clock_ns(CLOCK_MONOTONIC);
	}
	result = tm_clamp_frame(&q->rules, PK_LINK_RAW, p->data, &p->len, p->room);
	if (p->unfinished) /* it will not be left to a device, io/nfqueue/nfqueue-message.c */
		result.also &= ~(1u << PK_CHECKSUM_PARTIAL);
	direction = QUEUE_INCOMING >> p->hook & 1 ? TM_IN : TM_OUT;
	tm_bpf_counters_count(&q->counters[direction], &result, len);
	if (watched)
		queue_events_tell(q->events, &q->rules, before, kept, &result, direction);
	if (q->tell && result.changed)
		tell_change(p, before);
	return result.changed;
}

void queue_report(const struct queue *q)
{
	static const struct tm_bpf_counters nothing[TM_DIRECTIONS];
	struct tm_hook_counters all;
	const struct tm_counters *c = &all.total;

	tm_hook_counters_since(&all, q->counters, nothing);
	log_line(LOG_DEBUG,
		 "%" PRIu64 " packets, %" PRIu64 " SYNs, %" PRIu64 " changed; %" PRIu64 " more passed by their hook",
		 c->packets, c->syn_packets, c->fixed_packets, q->passed);
	for (int r = PK_GO_ON + 1; r < PK_REASON_COUNT; r++)
		if (c->reasons[r])
			log_line(LOG_DEBUG, "%s: %" PRIu64, tm_reason_name(r), c->reasons[r]);
	if (q->nfq.totals.errors || q->nfq.totals.broken || q->nfq.verdicts.failed)
		log_line(LOG_DEBUG,
			 "verdicts too late: %" PRIu64 "; messages not understood: %" PRIu64
			 "; not sent for want of memory: %" PRIu64,
			 q->nfq.totals.errors, q->nfq.totals.broken, q->nfq.verdicts.failed);
}
