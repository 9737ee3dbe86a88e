/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics-paths.h"

#include "lib/pmtu/refusal.h"

/* One of the families without labels. */
static const struct number {
	struct tm_metric_family family;
	size_t offset; /* in struct tm_path_numbers */
} numbers[] = {
	{ { "tcpmss_pmtu_messages", TM_COUNTER, NULL, "Packet-too-big messages that were looked at." },
	  offsetof(struct tm_path_numbers, ptbs) },
	{ { "tcpmss_pmtu_learned", TM_COUNTER, NULL, "Messages that were believed and lowered the MTU of a path." },
	  offsetof(struct tm_path_numbers, lowered) },
	{ { "tcpmss_pmtu_confirmed", TM_COUNTER, NULL, "Messages that were believed and told what was known." },
	  offsetof(struct tm_path_numbers, confirmed) },
	{ { "tcpmss_pmtu_ignored", TM_COUNTER, NULL, "Messages that told nothing new." },
	  offsetof(struct tm_path_numbers, ignored) },
	{ { "tcpmss_pmtu_raised", TM_COUNTER, NULL, "Times that a path was tried with a larger MTU." },
	  offsetof(struct tm_path_numbers, raised) },
	{ { "tcpmss_pmtu_aged", TM_COUNTER, NULL, "Paths that aged until nothing was left to know." },
	  offsetof(struct tm_path_numbers, aged) },
	{ { "tcpmss_pmtu_evicted", TM_COUNTER, NULL, "Paths that had to go to make room." },
	  offsetof(struct tm_path_numbers, evicted) },
	{ { "tcpmss_pmtu_no_room", TM_COUNTER, NULL, "Values that found no room in the table of the datapath." },
	  offsetof(struct tm_path_numbers, no_room) },
	{ { "tcpmss_pmtu_left_out", TM_COUNTER, NULL,
	    "Messages and packets that the datapath did not hand on, since too many came at a time." },
	  offsetof(struct tm_path_numbers, left_out) },
	{ { "tcpmss_pmtu_df_cleared_packets", TM_COUNTER, "packets",
	    "Packets that lost their DF on the way to narrow paths." },
	  offsetof(struct tm_path_numbers, df_cleared) },
	{ { "tcpmss_pmtu_watching", TM_GAUGE, NULL, "Messages that wait for the sender's reaction." },
	  offsetof(struct tm_path_numbers, watching) },
};

static const struct tm_metric_family entries = { "tcpmss_pmtu_entries", TM_GAUGE, NULL,
						 "Paths that are known, by their state." };
static const struct tm_metric_family refused = { "tcpmss_pmtu_refused", TM_COUNTER, NULL,
						 "Messages that were not believed, by reason; all were forwarded." };

void tm_metrics_paths(struct tm_metrics *m, const struct tm_path_numbers *n)
{
	tm_metrics_family(m, &entries);
	for (int s = TM_PMTU_REDUCED; s <= TM_PMTU_STATIC; s++) {
		const struct tm_metric_label labels[] = { { "state", tm_pmtu_state_name(s) }, { NULL, NULL } };

		tm_metrics_sample(m, labels, n->by_state[s]);
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		tm_metrics_family(m, &numbers[i].family);
		tm_metrics_sample(m, NULL, *(const uint64_t *)((const char *)n + numbers[i].offset));
	}
	tm_metrics_family(m, &refused);
	for (int r = PK_NOT_REFUSED + 1; r < PK_REFUSAL_COUNT; r++) {
		const struct tm_metric_label labels[] = { { "reason", tm_refusal_name(r) }, { NULL, NULL } };

		tm_metrics_sample(m, labels, n->refused[r]);
	}
}
