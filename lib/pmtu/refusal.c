/* SPDX-License-Identifier: BSD-2-Clause */
#include "refusal.h"

const char *tm_refusal_name(enum pk_refusal refusal)
{
	static const char *const names[PK_REFUSAL_COUNT] = {
		"",
#define PK_X(constant, name, text) name,
		PK_REFUSALS(PK_X)
#undef PK_X
	};

	return names[refusal];
}
