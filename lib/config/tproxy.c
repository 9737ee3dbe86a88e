/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block transparent-proxy: what its words mean.
 */
#include "parts.h"

static void take_number(const struct tm_config_draft *d, enum tm_setting setting, uint32_t *number,
			struct tm_config_errors *errors)
{
	if (d->words[setting] && !tm_tproxy_number(d->words[setting], number))
		tm_config_wrong(d, setting, errors, "is not a number from 1 to 4294967295, or 0x1 to 0xffffffff");
}

int tm_config_take_tproxy(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors)
{
	struct tm_config_tproxy t = { .present = true, .at = d->at };

	if (!tm_config_first(c, d, &c->tproxy.at, "transparent-proxy", errors))
		return 0;
	take_number(d, TM_SET_MARK, &t.wish.mark, errors);
	take_number(d, TM_SET_TABLE, &t.wish.table, errors);
	if (d->words[TM_SET_VIA] && !tm_tproxy_via_find(d->words[TM_SET_VIA], &t.via))
		tm_config_wrong(d, TM_SET_VIA, errors, "is not auto, nft or tc");
	c->tproxy = t;
	return 0;
}
