/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The metric families of hooks, and of the program itself. tcpmssd(8) lists them.
 */
#ifndef TM_METRICS_HOOKS_H
#define TM_METRICS_HOOKS_H

#include "metrics.h"
#include "report.h"

/* Labels: hook, device, direction, family, reason. Counters are as `stats` tells them. */
void tm_metrics_hooks(struct tm_metrics *m, const struct tm_hook_reports *reports);

/* tcpmss_build: which version this is. */
void tm_metrics_build(struct tm_metrics *m);

#endif
