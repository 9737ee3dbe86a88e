/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

static const char *string_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text ? text : "";
}

static json_int_t number_of(const json_t *event, const char *key)
{
	return json_integer_value(json_object_get(event, key));
}

/* Texts may come from a file or another process: a terminal is not to obey them. */
static void put(FILE *f, const char *text)
{
	for (; *text; text++)
		putc((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text, f);
}

/* "12:01:02.123", here and now, of "2026-11-21T11:01:02.123456Z" */
static void put_time(FILE *f, const char *iso)
{
	const char *fraction = strchr(iso, '.');
	struct tm tm = { 0 };
	char text[16] = "";
	time_t seconds;

	if (!strptime(iso, "%Y-%m-%dT%H:%M:%S", &tm))
		return;
	seconds = timegm(&tm);
	if (localtime_r(&seconds, &tm))
		strftime(text, sizeof(text), "%H:%M:%S", &tm);
	fprintf(f, "%s%.4s", text, fraction && strlen(fraction) >= 4 ? fraction : "");
}

static void put_end(FILE *f, const json_t *event, const char *address, const char *port)
{
	const char *text = string_of(event, address);
	bool ipv6 = strchr(text, ':');

	if (ipv6)
		putc('[', f);
	put(f, text);
	fprintf(f, "%s:%" JSON_INTEGER_FORMAT, ipv6 ? "]" : "", number_of(event, port));
}

static void put_mss(FILE *f, const json_t *event)
{
	json_int_t from = number_of(event, "from"), to = number_of(event, "to");

	if (from != to && from)
		fprintf(f, " %" JSON_INTEGER_FORMAT " -> %" JSON_INTEGER_FORMAT, from, to);
	else if (from != to)
		fprintf(f, " none -> %" JSON_INTEGER_FORMAT, to);
	else if (from)
		fprintf(f, " %" JSON_INTEGER_FORMAT, from);
}

static void put_syn(FILE *f, const json_t *event)
{
	const json_t *also = json_object_get(event, "also"), *reason;
	const char *rule = string_of(event, "rule");
	json_int_t limit = number_of(event, "limit");
	size_t i;

	fprintf(f, " %-3s ", string_of(event, "direction"));
	put(f, string_of(event, "reason"));
	put_mss(f, event);
	fputs("  ", f);
	put_end(f, event, "src", "sport");
	fputs(" > ", f);
	put_end(f, event, "dst", "dport");
	if (*rule) {
		fputs("  (", f);
		if (limit != number_of(event, "to"))
			fprintf(f, "%" JSON_INTEGER_FORMAT ", ", limit);
		put(f, rule);
		putc(')', f);
	}
	json_array_foreach(also, i, reason)
	{
		fputs(" +", f);
		put(f, json_string_value(reason) ? json_string_value(reason) : "");
	}
}

static void put_left_out(FILE *f, const json_t *event)
{
	json_int_t kernel = number_of(event, "kernel"), daemon = number_of(event, "daemon"),
		   rate = number_of(event, "rate");
	const char *comma = ": ";

	fprintf(f, "left out %" JSON_INTEGER_FORMAT, kernel + daemon + rate);
	if (kernel)
		fprintf(f, "%s%" JSON_INTEGER_FORMAT " in the kernel", comma, kernel), comma = ", ";
	if (daemon)
		fprintf(f, "%s%" JSON_INTEGER_FORMAT " in the daemon", comma, daemon), comma = ", ";
	if (rate)
		fprintf(f, "%s%" JSON_INTEGER_FORMAT " over the rate", comma, rate);
}

/* "learned 198.51.100.7 1500 -> 1400, MSS 1360  (ptb, 192.0.2.1)"; "refused 198.51.100.7 1400: bad-checksum  (ptb, 192.0.2.1)" */
static void put_path(FILE *f, const json_t *event, const char *kind)
{
	const char *reporter = string_of(event, "reporter"), *reason = string_of(event, "reason");

	fprintf(f, "%s%s ", *string_of(event, "device") ? " " : "", kind);
	put(f, string_of(event, "destination"));
	if (*reason)
		fprintf(f, " %" JSON_INTEGER_FORMAT ": ", number_of(event, "to"));
	else
		put_mss(f, event);
	put(f, reason);
	if (number_of(event, "mss"))
		fprintf(f, ", MSS %" JSON_INTEGER_FORMAT, number_of(event, "mss"));
	if (json_is_false(json_object_get(event, "df")))
		fputs(", without DF", f);
	fputs("  (", f);
	put(f, string_of(event, "origin"));
	fputs(*reporter ? ", " : "", f);
	put(f, reporter);
	putc(')', f);
}

/* "web armed: 2480 half-open connections, more than 2000"; rates behind it where there are any. */
static void put_protect(FILE *f, const json_t *event, const char *kind)
{
	const json_t *rates = json_object_get(event, "rates");
	json_int_t n = number_of(event, "half_open"), high = number_of(event, "high"), low = number_of(event, "low");
	bool above = n > high;

	put(f, string_of(event, "protect"));
	fprintf(f, " %s: %" JSON_INTEGER_FORMAT " half-open connections", kind, n);
	if (above || n <= low)
		fprintf(f, ", %s %" JSON_INTEGER_FORMAT, above ? "more than" : "no more than", above ? high : low);
	if (number_of(rates, "answered"))
		fprintf(f, "; %" JSON_INTEGER_FORMAT " SYNs/s answered, %" JSON_INTEGER_FORMAT "/s came back",
			number_of(rates, "answered"), number_of(rates, "cookies_good"));
}

void cli_watch_text(FILE *f, const json_t *event)
{
	const char *kind = string_of(event, "event"), *hook = string_of(event, "hook"),
		   *text = string_of(event, "text");

	put_time(f, string_of(event, "time"));
	putc(' ', f);
	put(f, hook);
	if (!strcmp(kind, "syn")) {
		put_syn(f, event);
	} else if (!strcmp(kind, "left-out")) {
		put_left_out(f, event);
	} else if (json_object_get(event, "half_open")) {
		put_protect(f, event, kind);
	} else if (json_object_get(event, "destination")) {
		put(f, string_of(event, "device"));
		put_path(f, event, kind);
	} else {
		fputs(*hook ? " " : "", f);
		put(f, kind);
		if (*string_of(event, "device")) {
			fputs(" on ", f);
			put(f, string_of(event, "device"));
		}
		fputs(*text ? ": " : "", f);
		put(f, text);
	}
	putc('\n', f);
}
