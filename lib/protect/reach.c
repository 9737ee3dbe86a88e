/* SPDX-License-Identifier: BSD-2-Clause */
#include "reach.h"

bool tm_protect_reach_tick(struct tm_protect_reach *r, uint64_t good, uint64_t taken)
{
	bool was = r->lost, anew = !r->begun || good < r->good || taken < r->taken;

	if (!anew && good - r->good < TM_PROTECT_REACH_MIN)
		return false;
	if (!anew)
		r->lost = taken - r->taken < (good - r->good) / 2;
	r->begun = true;
	r->good = good;
	r->taken = taken;
	return r->lost != was;
}
