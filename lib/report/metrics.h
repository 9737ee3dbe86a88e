/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes metrics as text into a growing buffer: OpenMetrics 1.0, or the older text format of Prometheus (0.0.4) for those who ask for
 * no better.
 *
 * A family is begun once and followed by all its samples: tm_metrics_family(), tm_metrics_sample()…; tm_metrics_end() after the last.
 * Whoever adds families gives them the prefix tcpmss_, base units, and never an address of a peer as a label.
 */
#ifndef TM_METRICS_H
#define TM_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tm_metrics_format {
	TM_METRICS_OPEN, /* application/openmetrics-text; version=1.0.0 */
	TM_METRICS_PLAIN, /* text/plain; version=0.0.4 */
};

enum tm_metric_type {
	TM_COUNTER, /* samples get the suffix _total */
	TM_GAUGE,
	TM_INFO, /* samples get the suffix _info; their value is 1 */
};

struct tm_metric_family {
	const char *name; /* with the unit, without such a suffix: "tcpmss_hook_seen_bytes" */
	enum tm_metric_type type;
	const char *unit; /* what the name ends with, behind a '_'; NULL: none */
	const char *help; /* a sentence */
};

struct tm_metric_label {
	const char *name; /* NULL ends a list */
	const char *value; /* any bytes: they are escaped, and what is not UTF-8 becomes U+FFFD */
};

/* Zero-initialised, but for the format, it is empty; `text` is owned: free(). */
struct tm_metrics {
	enum tm_metrics_format format;
	char *text; /* `len` bytes; with tm_metrics_end() a NUL behind them */
	size_t len, room;
	bool failed; /* out of memory: text is not complete */
	const struct tm_metric_family *family; /* the last one begun */
};

void tm_metrics_family(struct tm_metrics *m, const struct tm_metric_family *family);

/* Of the family begun last. `labels` ends with a name of NULL; NULL: none. */
void tm_metrics_sample(struct tm_metrics *m, const struct tm_metric_label *labels, uint64_t value);

/* 0, or -ENOMEM, and `text` is not to be used. */
int tm_metrics_end(struct tm_metrics *m);

/* What Content-Type says of a format. */
const char *tm_metrics_content_type(enum tm_metrics_format format);

#endif
