/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metric families of protect blocks. tcpmssd(8) lists them.
 */
#ifndef TM_METRICS_PROTECT_H
#define TM_METRICS_PROTECT_H

#include "metrics.h"
#include "lib/protect/report.h"

/* Labels: protect (the block's name), family, reason, state. No addresses. */
void tm_metrics_protect(struct tm_metrics *m, const struct tm_protect_reports *reports);

#endif
