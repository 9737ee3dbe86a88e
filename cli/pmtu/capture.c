/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "lines.h"
#include "io/capture/capture.h"
#include "lib/pmtu/replay.h"

#define PIECE (256 * 1024) /* read at once */

struct capture {
	struct io_capture scan;
	struct tm_replay *replay;
	bool json;
};

bool cli_pmtu_is_capture(FILE *f)
{
	static const uint8_t magics[][4] = {
		{ 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xc3, 0xd4 }, { 0x4d, 0x3c, 0xb2, 0xa1 },
		{ 0xa1, 0xb2, 0x3c, 0x4d }, { 0x34, 0xcd, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0xcd, 0x34 },
		{ 0x0a, 0x0d, 0x0d, 0x0a },
	};
	uint8_t bytes[4];
	int n = 0, c;

	while (n < 4 && (c = getc(f)) != EOF)
		bytes[n++] = c;
	for (int i = n; i-- > 0;)
		ungetc(bytes[i], f);
	for (size_t i = 0; n == 4 && i < sizeof(magics) / sizeof(*magics); i++)
		if (!memcmp(bytes, magics[i], 4))
			return true;
	return false;
}

static void print_text(const struct tm_replay_event *e)
{
	char dst[INET6_ADDRSTRLEN], src[INET6_ADDRSTRLEN], now[CLI_PMTU_TIME];
	const struct tm_pmtu_entry *entry = &e->entry;
	bool ipv6 = entry->path.ipv6;

	printf("%s ", cli_pmtu_seconds(now, e->time_ms));
	switch (e->kind) {
	case TM_REPLAY_LEARNED:
	case TM_REPLAY_AGED:
		printf("%s ", cli_pmtu_address(dst, ipv6, entry->path.addr));
		cli_pmtu_print_entry(entry);
		if (e->evidence)
			printf(" reporter=%s why=%s", cli_pmtu_address(src, ipv6, e->evidence->reporter),
			       tm_why_name(e->evidence->why));
		putchar('\n');
		break;
	case TM_REPLAY_REFUSED:
		printf("%s refused=%s\n", cli_pmtu_address(dst, ipv6, entry->path.addr), tm_refusal_name(e->refusal));
		break;
	case TM_REPLAY_CLAMPED:
		printf("%s>%s mss=%u\n", cli_pmtu_address(src, ipv6, e->src), cli_pmtu_address(dst, ipv6, e->dst),
		       e->mss);
		break;
	}
}

static void put(json_t *o, const char *key, bool ipv6, const uint8_t bytes[16])
{
	char text[INET6_ADDRSTRLEN];

	json_object_set_new(o, key, json_string(cli_pmtu_address(text, ipv6, bytes)));
}

static void put_evidence(json_t *o, bool ipv6, const struct tm_evidence *e)
{
	put(o, "reporter", ipv6, e->reporter);
	put(o, "sender", ipv6, e->flow.src);
	json_object_set_new(o, "sender_port", json_integer(e->flow.sport));
	json_object_set_new(o, "destination_port", json_integer(e->flow.dport));
	json_object_set_new(o, "mtu", json_integer(e->mtu));
	json_object_set_new(o, "quoted_length", json_integer(e->quoted_len));
	json_object_set_new(o, "resent_length", json_integer(e->resent_len));
	json_object_set_new(o, "resent_after_ms", json_integer(e->believed_ms - e->ptb_ms));
	json_object_set_new(o, "why", json_string(tm_why_name(e->why)));
}

static void print_json(const struct tm_replay_event *e)
{
	static const char *const events[] = { "learned", "refused", "aged", "clamped" };
	bool ipv6 = e->entry.path.ipv6;
	json_t *o = json_object();

	json_object_set_new(o, "schema_version", json_integer(1));
	json_object_set_new(o, "time", cli_pmtu_json_seconds(e->time_ms));
	json_object_set_new(o, "event", json_string(events[e->kind]));
	if (e->kind == TM_REPLAY_CLAMPED)
		put(o, "source", ipv6, e->src);
	put(o, "destination", ipv6, e->kind == TM_REPLAY_CLAMPED ? e->dst : e->entry.path.addr);
	json_object_set_new(o, "interface", json_integer(e->entry.path.tag));
	switch (e->kind) {
	case TM_REPLAY_LEARNED:
	case TM_REPLAY_AGED:
		cli_pmtu_put_entry(o, &e->entry);
		if (e->evidence)
			put_evidence(o, ipv6, e->evidence);
		break;
	case TM_REPLAY_REFUSED:
		json_object_set_new(o, "refused", json_string(tm_refusal_name(e->refusal)));
		put(o, "reporter", ipv6, e->reporter);
		json_object_set_new(o, "mtu", json_integer(e->mtu));
		break;
	case TM_REPLAY_CLAMPED:
		json_object_set_new(o, "mss_was", json_integer(e->mss_was));
		json_object_set_new(o, "mss", json_integer(e->mss));
		break;
	}
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
}

static void print_event(void *ctx, const struct tm_replay_event *e)
{
	const struct capture *c = ctx;

	if (c->json)
		print_json(e);
	else
		print_text(e);
}

static uint32_t take_packet(void *ctx, uint32_t linktype, uint8_t *buf, uint32_t len, uint32_t room)
{
	struct capture *c = ctx;

	tm_replay_packet(c->replay, linktype, buf, len, c->scan.at.ns, c->scan.at.interface);
	return len;
}

/* The file through the scanner, in windows that grow to what it needs at once. 0 or -errno. */
static int scan_all(struct io_capture *c, FILE *f)
{
	struct io_window w = { 0 };
	size_t room = 0, used;
	int err = 0;

	while (c->state == IO_CAPTURE_OK) {
		size_t wanted = w.len + (c->need > w.len ? c->need - w.len : 0) + PIECE, n;

		if (wanted > room) {
			uint8_t *more = realloc(w.data, wanted + IO_GROWTH);

			if (!more) {
				err = -ENOMEM;
				break;
			}
			w.data = more;
			room = wanted;
		}
		n = fread(w.data + w.len, 1, room - w.len, f);
		w.len += n;
		if (!n) {
			err = ferror(f) ? -EIO : 0;
			break;
		}
		used = io_capture_scan(c, &w);
		w.len -= used;
		memmove(w.data, w.data + used, w.len);
	}
	if (!err)
		io_capture_end(c, &w, w.len);
	io_window_free(&w);
	free(w.data);
	return err;
}

int cli_pmtu_capture(FILE *f, const char *name, const struct tm_pmtu_options *options, bool json)
{
	struct capture c = { .json = json };
	const struct io_capture_hooks hooks = { .packet = take_packet, .ctx = &c };
	int err, status = CLI_OK;

	c.replay = tm_replay_new(options, print_event, &c);
	if (!c.replay) {
		fprintf(stderr, "tcpmss pmtu replay: %s: out of memory\n", name);
		return CLI_FAILED;
	}
	io_capture_init(&c.scan, &hooks, false);
	err = scan_all(&c.scan, f);
	tm_replay_end(c.replay);
	tm_replay_free(c.replay);
	fflush(stdout); /* what was good comes before what is told of the damage */
	if (err || c.scan.state != IO_CAPTURE_OK) {
		fprintf(stderr, "tcpmss pmtu replay: %s: %s\n", name, err ? strerror(-err) : c.scan.error.text);
		status = CLI_FAILED;
	}
	io_capture_free(&c.scan);
	return status;
}
