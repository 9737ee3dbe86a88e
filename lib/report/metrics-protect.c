/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics-protect.h"

static const struct tm_metric_family about = { "tcpmss_protect", TM_INFO, NULL,
					       "How the block decides, and what answers SYNs for it." };
static const struct tm_metric_family state = { "tcpmss_protect_state", TM_GAUGE, NULL,
					       "1 for the state that the block is in, else 0." };
static const struct tm_metric_family watermark = {
	"tcpmss_protect_watermark", TM_GAUGE, NULL,
	"Half-open connections from which on SYNs are answered (high), and down to which (low)."
};
static const struct tm_metric_family packets = { "tcpmss_protect_packets", TM_COUNTER, "packets",
						 "Packets from clients to protected services, by what became of them." };

static uint64_t half_open_of(const struct tm_protect_report *r)
{
	return r->half_open;
}

static uint64_t armed_of(const struct tm_protect_report *r)
{
	return r->armed;
}

static uint64_t servers_of(const struct tm_protect_report *r)
{
	return r->servers_known;
}

static uint64_t warnings_of(const struct tm_protect_report *r)
{
	return r->warning_count;
}

/* Families with one sample for each block. */
static const struct {
	struct tm_metric_family family;
	uint64_t (*get)(const struct tm_protect_report *r);
} numbers[] = {
	{ { "tcpmss_protect_half_open", TM_GAUGE, NULL,
	    "Half-open connections to the servers; while SYNs are answered, as many as there would be without." },
	  half_open_of },
	{ { "tcpmss_protect_armed", TM_COUNTER, NULL, "Times that the block began to answer SYNs." }, armed_of },
	{ { "tcpmss_protect_servers", TM_GAUGE, NULL, "Services whose options are known from their own answers." },
	  servers_of },
	{ { "tcpmss_protect_warnings", TM_GAUGE, NULL,
	    "Things that look wrong about the block; tcpmss protect show tells them." },
	  warnings_of },
};

static void put_states(struct tm_metrics *m, const struct tm_protect_reports *reports)
{
	tm_metrics_family(m, &state);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_protect_report *r = &reports->list[i];

		for (int s = 0; s < TM_PROTECTIONS; s++) {
			const struct tm_metric_label labels[] = { { "protect", r->config->name },
								  { "state", tm_protection_name(s) },
								  { NULL, NULL } };

			tm_metrics_sample(m, labels, r->state == s);
		}
	}
}

static void put_watermarks(struct tm_metrics *m, const struct tm_protect_reports *reports)
{
	tm_metrics_family(m, &watermark);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_config_protect *p = reports->list[i].config;
		const struct tm_metric_label high[] = { { "protect", p->name }, { "mark", "high" }, { NULL, NULL } };
		const struct tm_metric_label low[] = { { "protect", p->name }, { "mark", "low" }, { NULL, NULL } };

		tm_metrics_sample(m, high, p->high);
		tm_metrics_sample(m, low, p->low);
	}
}

static void put_packets(struct tm_metrics *m, const struct tm_protect_report *r)
{
	for (int f = PK_IPV4; f < PK_FAMILY_COUNT; f++) {
		for (int reason = PK_PROTECT_NONE + 1; reason < PK_PROTECT_REASON_COUNT; reason++) {
			const struct tm_metric_label labels[] = { { "protect", r->config->name },
								  { "family", f == PK_IPV6 ? "ipv6" : "ipv4" },
								  { "reason", tm_protect_reason_name(reason) },
								  { NULL, NULL } };

			tm_metrics_sample(m, labels, r->counters.packets[f][reason]);
		}
	}
}

void tm_metrics_protect(struct tm_metrics *m, const struct tm_protect_reports *reports)
{
	if (!reports->count)
		return;
	tm_metrics_family(m, &about);
	for (size_t i = 0; i < reports->count; i++) {
		const struct tm_config_protect *p = reports->list[i].config;
		const struct tm_metric_label labels[] = { { "protect", p->name },
							  { "mode", tm_protect_mode_name(p->mode) },
							  { "accelerator", tm_accelerator_name(p->accelerator) },
							  { NULL, NULL } };

		tm_metrics_sample(m, labels, 1);
	}
	put_states(m, reports);
	put_watermarks(m, reports);
	for (size_t n = 0; n < sizeof(numbers) / sizeof(*numbers); n++) {
		tm_metrics_family(m, &numbers[n].family);
		for (size_t i = 0; i < reports->count; i++) {
			const struct tm_metric_label labels[] = { { "protect", reports->list[i].config->name },
								  { NULL, NULL } };

			tm_metrics_sample(m, labels, numbers[n].get(&reports->list[i]));
		}
	}
	tm_metrics_family(m, &packets);
	for (size_t i = 0; i < reports->count; i++)
		put_packets(m, &reports->list[i]);
}
