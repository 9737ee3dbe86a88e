/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which packets make a message, and which the other side may not send.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel-parts.h"

void channel_inbox_init(struct channel_inbox *in, bool manager)
{
	*in = (struct channel_inbox){ .manager = manager, .fd = -1 };
}

static void empty(struct channel_inbox *in)
{
	if (in->fd >= 0)
		close(in->fd);
	free(in->body);
	channel_inbox_init(in, in->manager);
}

void channel_inbox_free(struct channel_inbox *in)
{
	empty(in);
}

static bool request_good(const char *body)
{
	struct channel_request r;
	struct tm_error ignored;

	memcpy(&r, body, sizeof(r));
	return r.verb >= CHANNEL_HELLO && r.verb < CHANNEL_VERBS && r.what <= 2 && r.ipv6 <= 1 &&
	       r.confirm <= CHANNEL_CONFIRM_MAX && memchr(r.hook, '\0', sizeof(r.hook)) &&
	       (!*r.hook || !tm_hook_name_check(r.hook, &ignored)) && r.bits <= (r.ipv6 ? 128 : 32) && r.mtu <= 65535 &&
	       memchr(r.device, '\0', sizeof(r.device)) && (!*r.device || tm_device_name_good(r.device));
}

/* Whether a message may begin like this. */
static bool head_good(const struct channel_inbox *in, const struct channel_header *h)
{
	switch (h->type) {
	case CHANNEL_ASK:
		return in->manager && h->total == sizeof(struct channel_request);
	case CHANNEL_ANSWER:
		return !in->manager && h->total <= CHANNEL_ANSWER_MAX;
	case CHANNEL_EVENT:
		return !in->manager && h->total && h->total <= CHANNEL_EVENT_MAX;
	}
	return false;
}

static int refuse(struct channel_inbox *in, int fd, const char *what, struct tm_error *e)
{
	if (fd >= 0)
		close(fd);
	empty(in);
	return tm_error_code(e, -EPROTO, "%s", what);
}

/* The first piece: room for all. */
static int begin(struct channel_inbox *in, const struct channel_header *h)
{
	in->body = malloc((size_t)h->total + 1);
	if (!in->body)
		return -ENOMEM;
	in->head = *h;
	return 0;
}

static bool follows(const struct channel_inbox *in, const struct channel_header *h)
{
	return h->type == in->head.type && h->id == in->head.id && h->status == in->head.status &&
	       h->total == in->head.total && h->offset == in->have;
}

int channel_inbox_take(struct channel_inbox *in, const void *packet, size_t len, int fd, struct channel_message *m,
		       struct tm_error *e)
{
	struct channel_header h;
	size_t piece;
	int err;

	if (in->body && in->have == in->head.total)
		empty(in); /* was taken */
	if (len < sizeof(h) || len > sizeof(h) + CHANNEL_PIECE)
		return refuse(in, fd, "a packet of an odd length", e);
	memcpy(&h, packet, sizeof(h));
	piece = len - sizeof(h);
	if (h.magic != CHANNEL_MAGIC || !head_good(in, &h))
		return refuse(in, fd, "a message of no known kind or length", e);
	if (in->body ? !follows(in, &h) || fd >= 0 : h.offset != 0 || (fd >= 0 && !in->manager))
		return refuse(in, fd, "a piece that does not follow the one before", e);
	if (piece > h.total - h.offset || (!piece && h.total))
		return refuse(in, fd, "a piece longer than its message, or empty", e);
	err = in->body ? 0 : begin(in, &h);
	if (err) {
		refuse(in, fd, "", e);
		return tm_error_code(e, err, "out of memory");
	}
	memcpy(in->body + in->have, (const char *)packet + sizeof(h), piece);
	in->have += piece;
	if (fd >= 0)
		in->fd = fd;
	if (in->have < h.total)
		return 0;
	if (h.type == CHANNEL_ASK && !request_good(in->body))
		return refuse(in, -1, "a request with a field out of bounds", e);
	in->body[in->have] = '\0';
	*m = (struct channel_message){ h.type, h.id, h.status, in->body, in->have, in->fd };
	in->fd = -1;
	return 1;
}
