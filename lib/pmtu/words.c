/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The path-MTU engine's arithmetic and names, without its entries.
 */
#include "pmtu.h"

const uint16_t tm_pmtu_default_table[12] = { 68, 296, 508, 1006, 1280, 1492, 2002, 4352, 8166, 17914, 32000, 65535 };

const struct tm_pmtu_options tm_pmtu_default_options = { .aging_s = TM_PMTU_AGING_MIN * 60 };

const char *tm_pmtu_outcome_name(enum tm_pmtu_outcome outcome)
{
	static const char *const names[] = {
#define X(symbol, name, refused) name,
		TM_PMTU_OUTCOMES(X)
#undef X
	};

	return (unsigned)outcome < TM_PMTU_OUTCOME_COUNT ? names[outcome] : "?";
}

bool tm_pmtu_refused(enum tm_pmtu_outcome outcome)
{
	static const bool refusals[] = {
#define X(symbol, name, refused) refused,
		TM_PMTU_OUTCOMES(X)
#undef X
	};

	return (unsigned)outcome < TM_PMTU_OUTCOME_COUNT && refusals[outcome];
}

const char *tm_pmtu_state_name(enum tm_pmtu_state state)
{
	static const char *const names[] = { "none", "reduced", "raising", "static" };

	return (unsigned)state < sizeof(names) / sizeof(*names) ? names[state] : "?";
}

const char *tm_pmtu_origin_name(enum tm_pmtu_origin origin)
{
	static const char *const names[] = { "ptb", "ptb0", "probe", "black-hole", "peer", "static" };

	return (unsigned)origin < sizeof(names) / sizeof(*names) ? names[origin] : "?";
}

uint16_t tm_pmtu_headers(bool ipv6)
{
	return ipv6 ? 60 : 40;
}

uint16_t tm_pmtu_floor(bool ipv6)
{
	return ipv6 ? TM_PMTU_FLOOR6 : TM_PMTU_FLOOR4;
}

uint16_t tm_pmtu_ceiling(bool ipv6, uint32_t first_hop_mtu, uint32_t mss)
{
	uint32_t ceiling = first_hop_mtu < UINT16_MAX ? first_hop_mtu : UINT16_MAX, headers = tm_pmtu_headers(ipv6);

	if (mss && mss < UINT16_MAX && mss + headers < ceiling)
		ceiling = mss + headers;
	return ceiling > tm_pmtu_floor(ipv6) ? ceiling : tm_pmtu_floor(ipv6);
}

uint16_t tm_pmtu_syn(const struct tm_pmtu_options *options, bool ipv6, uint16_t mss, uint16_t toward_source,
		     uint16_t toward_destination)
{
	uint16_t headers = tm_pmtu_headers(ipv6);

	if (toward_source && mss > toward_source - headers)
		mss = toward_source - headers;
	if (options->symmetric && toward_destination && mss > toward_destination - headers)
		mss = toward_destination - headers;
	return mss;
}

static bool table_good(const struct tm_pmtu_options *options)
{
	if (options->table_length < 1 || options->table_length > TM_PMTU_TABLE_MAX || options->table[0] < TM_PMTU_MIN4)
		return false;
	for (size_t i = 1; i < options->table_length; i++)
		if (options->table[i] <= options->table[i - 1])
			return false;
	return true;
}

int tm_pmtu_options_check(const struct tm_pmtu_options *options, struct tm_error *e)
{
	uint32_t aging = options->aging_s;

	if (aging && (aging < TM_PMTU_AGING_MIN * 60 || aging > TM_PMTU_AGING_MAX * 60))
		return tm_error(e, "aging of %u s; it is %d to %d minutes", aging, TM_PMTU_AGING_MIN,
				TM_PMTU_AGING_MAX);
	if (options->table && !table_good(options))
		return tm_error(e,
				"a table of MTUs has 1 to %d values from %d to 65535, each larger than the one before",
				TM_PMTU_TABLE_MAX, TM_PMTU_MIN4);
	return 0;
}
