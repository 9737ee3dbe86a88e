/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever a program prints, at any length: no byte beyond it is looked at (the sanitizers see to that), and no more is kept than fits.
 */
#ifndef FIREWALL_TEXTS_H
#define FIREWALL_TEXTS_H

#include <string.h>

#include "lib/doctor/firewall.h"
#include "test.h"

static inline void hostile_firewall_texts(const char *nft, const char *iptables)
{
	static const char places[] = "\n \t\"{}:,;x0\\";

	for (int round = 0; round < 20000; round++) {
		const char *from = round & 1 ? nft : iptables;
		size_t len = test_below(strlen(from) + 1);
		char *text = malloc(len + 1);
		struct tm_firewall w = { 0 };

		memcpy(text, from, len);
		text[len] = 0;
		for (unsigned n = test_below(4); n && len; n--)
			text[test_below(len)] = test_below(2) ? (char)test_random() :
								places[test_below(sizeof(places) - 1)];
		tm_firewall_nft(&w, text);
		tm_firewall_iptables(&w, "iptables", text);
		assert_true(w.count <= TM_FIREWALL_RULES && w.tracking_count <= TM_TRACKING_RULES);
		free(text);
	}
}

#endif
