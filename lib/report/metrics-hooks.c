/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics-hooks.h"

static const char *const direction_names[TM_DIRECTIONS] = { "in", "out" };
static const char *const family_names[PK_FAMILY_COUNT] = { "other", "ipv4", "ipv6" };

/* One of the plain counters. */
struct counter {
	struct tm_metric_family family;
	size_t offset; /* in struct tm_counters */
};

static const struct counter counters[] = {
	{ { "tcpmss_hook_packets", TM_COUNTER, "packets", "Packets that the hook has seen." },
	  offsetof(struct tm_counters, packets) },
	{ { "tcpmss_hook_seen_bytes", TM_COUNTER, "bytes", "Bytes of the packets that the hook has seen." },
	  offsetof(struct tm_counters, octets) },
	{ { "tcpmss_hook_syn_packets", TM_COUNTER, "packets",
	    "Packets with SYN set and RST clear that reached the TCP header." },
	  offsetof(struct tm_counters, syn_packets) },
	{ { "tcpmss_hook_fixed_packets", TM_COUNTER, "packets", "Packets whose bytes were changed." },
	  offsetof(struct tm_counters, fixed_packets) },
};

static const struct tm_metric_family by_reason = {
	"tcpmss_hook_outcome_packets", TM_COUNTER, "packets",
	"Packets by how they left the clamp; one may count under more than one reason."
};
static const struct tm_metric_family about = { "tcpmss_hook", TM_INFO, NULL, "What carries the packets of the hook." };
static const struct tm_metric_family up = { "tcpmss_hook_up", TM_GAUGE, NULL,
					    "1 where the hook is attached and sees packets, else 0." };
static const struct tm_metric_family warnings = { "tcpmss_hook_warnings", TM_GAUGE, NULL,
						  "Things that look wrong about the hook; tcpmss show tells them." };
static const struct tm_metric_family mss_limit = {
	"tcpmss_hook_mss_limit_bytes", TM_GAUGE, "bytes",
	"Largest MSS that the hook lets pass, for addresses without a prefix or route of their own."
};
static const struct tm_metric_family device_mtu = { "tcpmss_hook_device_mtu_bytes", TM_GAUGE, "bytes",
						    "MTU of the hook's device, of a wire's two the smaller." };
static const struct tm_metric_family prefixes = { "tcpmss_hook_prefixes", TM_GAUGE, NULL,
						  "Prefixes with an MTU of their own." };

/* Where it comes in: of a wire each direction has its own device. */
static const char *device_of(const struct tm_hook_report *r, int direction)
{
	return direction == TM_OUT && *r->out ? r->out : r->device;
}

static void put_counter(struct tm_metrics *m, const struct tm_hook_report *r, const struct counter *c)
{
	for (int d = 0; d < TM_DIRECTIONS; d++) {
		for (int f = 0; f < PK_FAMILY_COUNT && r->directions >> d & 1; f++) {
			const struct tm_metric_label labels[] = { { "hook", r->name },
								  { "device", device_of(r, d) },
								  { "direction", direction_names[d] },
								  { "family", family_names[f] },
								  { NULL, NULL } };

			tm_metrics_sample(m, labels,
					  *(const uint64_t *)((const char *)&r->counters.by[d][f] + c->offset));
		}
	}
}

static void put_reasons(struct tm_metrics *m, const struct tm_hook_report *r)
{
	for (int d = 0; d < TM_DIRECTIONS; d++) {
		for (int f = 0; f < PK_FAMILY_COUNT && r->directions >> d & 1; f++) {
			for (int reason = PK_GO_ON + 1; reason < PK_REASON_COUNT; reason++) {
				const struct tm_metric_label labels[] = { { "hook", r->name },
									  { "device", device_of(r, d) },
									  { "direction", direction_names[d] },
									  { "family", family_names[f] },
									  { "reason", tm_reason_name(reason) },
									  { NULL, NULL } };

				tm_metrics_sample(m, labels, r->counters.by[d][f].reasons[reason]);
			}
		}
	}
}

/* A gauge of each hook of which more than the name is known; those without a value (0) are left out. */
static void put_gauge(struct tm_metrics *m, const struct tm_hook_reports *reports,
		      const struct tm_metric_family *family, uint64_t (*get)(const struct tm_hook_report *r),
		      bool zero_is_none)
{
	tm_metrics_family(m, family);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_hook_report *r = &reports->list[i];
		const struct tm_metric_label labels[] = { { "hook", r->name },
							  { "device", r->device },
							  { NULL, NULL } };

		if (get(r) || !zero_is_none)
			tm_metrics_sample(m, labels, get(r));
	}
}

static uint64_t is_up(const struct tm_hook_report *r)
{
	return r->alive;
}

static uint64_t warnings_of(const struct tm_hook_report *r)
{
	return r->warning_count;
}

static uint64_t mtu_of(const struct tm_hook_report *r)
{
	return r->device_mtu;
}

static uint64_t prefixes_of(const struct tm_hook_report *r)
{
	return r->prefixes;
}

static void put_limits(struct tm_metrics *m, const struct tm_hook_reports *reports)
{
	tm_metrics_family(m, &mss_limit);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_hook_report *r = &reports->list[i];

		for (int f = PK_IPV4; f < PK_FAMILY_COUNT; f++) {
			const struct tm_metric_label labels[] = { { "hook", r->name },
								  { "device", r->device },
								  { "family", family_names[f] },
								  { NULL, NULL } };

			if (r->mss[f])
				tm_metrics_sample(m, labels, r->mss[f]);
		}
	}
}

static void put_about(struct tm_metrics *m, const struct tm_hook_reports *reports)
{
	tm_metrics_family(m, &about);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_hook_report *r = &reports->list[i];
		const struct tm_metric_label labels[] = { { "hook", r->name },
							  { "device", r->device },
							  { "mode", tm_mode_name(r->mode) },
							  { "source", tm_source_name(r->source) },
							  { NULL, NULL } };

		if (r->known)
			tm_metrics_sample(m, labels, 1);
	}
}

void tm_metrics_hooks(struct tm_metrics *m, const struct tm_hook_reports *reports)
{
	put_about(m, reports);
	put_gauge(m, reports, &up, is_up, false);
	put_gauge(m, reports, &warnings, warnings_of, false);
	put_gauge(m, reports, &device_mtu, mtu_of, true);
	put_gauge(m, reports, &prefixes, prefixes_of, false);
	put_limits(m, reports);
	for (size_t c = 0; c < sizeof(counters) / sizeof(*counters); c++) {
		tm_metrics_family(m, &counters[c].family);
		for (size_t i = 0; i < reports->count; i++)
			put_counter(m, &reports->list[i], &counters[c]);
	}
	tm_metrics_family(m, &by_reason);
	for (size_t i = 0; i < reports->count; i++)
		put_reasons(m, &reports->list[i]);
}

void tm_metrics_build(struct tm_metrics *m)
{
	static const struct tm_metric_family build = { "tcpmss_build", TM_INFO, NULL, "The version of the program." };
	static const struct tm_metric_label labels[] = { { "version", TM_VERSION }, { NULL, NULL } };

	tm_metrics_family(m, &build);
	tm_metrics_sample(m, labels, 1);
}
