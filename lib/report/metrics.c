/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_bytes(struct tm_metrics *m, const char *bytes, size_t len)
{
	if (m->failed)
		return;
	if (m->room - m->len < len) {
		size_t room = (m->room ? m->room : 4096) * 2 + len;
		char *text = realloc(m->text, room);

		if (!text) {
			m->failed = true;
			return;
		}
		m->text = text;
		m->room = room;
	}
	memcpy(m->text + m->len, bytes, len);
	m->len += len;
}

static void put(struct tm_metrics *m, const char *text)
{
	put_bytes(m, text, strlen(text));
}

/* Bytes of the UTF-8 character (RFC 3629, section 4) that a NUL-terminated text begins with; 0: it begins with none. */
static size_t character(const unsigned char *c)
{
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xc2 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : c[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < len; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) || (c[0] == 0xf0 && c[1] < 0x90) ||
	    (c[0] == 0xf4 && c[1] > 0x8f))
		return 0; /* a longer form than needed, a surrogate, or beyond U+10FFFF */
	return len;
}

static void put_escaped(struct tm_metrics *m, const char *text, bool quotes)
{
	while (*text) {
		size_t len = character((const unsigned char *)text);

		if (!len)
			put(m, "\xef\xbf\xbd");
		else if (*text == '\n')
			put(m, "\\n");
		else if (*text == '\\' || (*text == '"' && quotes))
			put_bytes(m, (char[]){ '\\', *text }, 2);
		else
			put_bytes(m, text, len);
		text += len ? len : 1;
	}
}

static const char *suffix(enum tm_metric_type type)
{
	switch (type) {
	case TM_COUNTER:
		return "_total";
	case TM_INFO:
		return "_info";
	case TM_GAUGE:
		break;
	}
	return "";
}

static const char *type_name(enum tm_metric_type type, enum tm_metrics_format format)
{
	switch (type) {
	case TM_COUNTER:
		return "counter";
	case TM_INFO:
		return format == TM_METRICS_OPEN ? "info" : "gauge"; /* the older format has no such type */
	case TM_GAUGE:
		break;
	}
	return "gauge";
}

static void put_about(struct tm_metrics *m, const char *what, const char *text)
{
	put(m, "# ");
	put(m, what);
	put(m, " ");
	put(m, m->family->name);
	if (m->format == TM_METRICS_PLAIN) /* where a family has the name of its samples */
		put(m, suffix(m->family->type));
	put(m, " ");
	put_escaped(m, text, m->format == TM_METRICS_OPEN);
	put(m, "\n");
}

void tm_metrics_family(struct tm_metrics *m, const struct tm_metric_family *family)
{
	m->family = family;
	put_about(m, "TYPE", type_name(family->type, m->format));
	if (family->unit && m->format == TM_METRICS_OPEN)
		put_about(m, "UNIT", family->unit);
	put_about(m, "HELP", family->help);
}

void tm_metrics_sample(struct tm_metrics *m, const struct tm_metric_label *labels, uint64_t value)
{
	const char *before = "{";
	char number[24];

	put(m, m->family->name);
	put(m, suffix(m->family->type));
	for (const struct tm_metric_label *l = labels; l && l->name; l++) {
		put(m, before);
		put(m, l->name);
		put(m, "=\"");
		put_escaped(m, l->value, true);
		put(m, "\"");
		before = ",";
	}
	snprintf(number, sizeof(number), "%s %" PRIu64 "\n", labels && labels->name ? "}" : "", value);
	put(m, number);
}

int tm_metrics_end(struct tm_metrics *m)
{
	if (m->format == TM_METRICS_OPEN)
		put(m, "# EOF\n");
	put_bytes(m, "", 1);
	m->len -= !m->failed;
	return m->failed ? -ENOMEM : 0;
}

const char *tm_metrics_content_type(enum tm_metrics_format format)
{
	return format == TM_METRICS_OPEN ? "application/openmetrics-text; version=1.0.0; charset=utf-8" :
					   "text/plain; version=0.0.4; charset=utf-8";
}
