/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of the reasons for which a PTB is not believed (core/refusal.h).
 */
#ifndef TM_REFUSAL_H
#define TM_REFUSAL_H

#include "core/refusal.h"

/* "bad-checksum"; "" for PK_NOT_REFUSED. */
const char *tm_refusal_name(enum pk_refusal refusal);

#endif
