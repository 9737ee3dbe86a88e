/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What manager and front say to each other, over a pair of sockets that keep packets apart.
 *
 * A message is a header and a body. A long body is cut into pieces of CHANNEL_PIECE bytes, each a packet behind the same header;
 * messages do not mix. Neither side believes the other: every length is checked, a packet that does not fit ends the channel.
 */
#ifndef DAEMON_CHANNEL_H
#define DAEMON_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/error.h"
#include "lib/words.h"

#define CHANNEL_PIECE 16384
#define CHANNEL_ANSWER_MAX (8u << 20) /* bytes of an answer */
#define CHANNEL_EVENT_MAX 512
#define CHANNEL_CONFIRM_MAX 86400 /* seconds */

enum channel_type {
	CHANNEL_ASK = 1, /* front to manager: a struct channel_request, and perhaps a descriptor */
	CHANNEL_ANSWER, /* manager to front: text, with the id of the request */
	CHANNEL_EVENT, /* manager to front: a struct tm_event */
};

enum channel_verb {
	CHANNEL_HELLO = 1,
	CHANNEL_SHOW,
	CHANNEL_STATS,
	CHANNEL_EXPLAIN,
	CHANNEL_METRICS,
	CHANNEL_WATCH, /* `reasons` is all that anybody watches */
	CHANNEL_RELOAD,
	CHANNEL_CONFIRM,
	CHANNEL_UNDO,
	/* of learned paths: the learner answers them */
	CHANNEL_PMTU_SHOW, /* as many as go into one answer, from `cursor` on */
	CHANNEL_PMTU_SET,
	CHANNEL_PMTU_DELETE,
	CHANNEL_PMTU_FLUSH,
	/* of protected servers */
	CHANNEL_PROTECT_SHOW,
	CHANNEL_PROTECT_ADD, /* the descriptor is a memory file with the blocks */
	CHANNEL_PROTECT_REMOVE, /* the block `hook`; with `what` 1 all of them */
	/* manager to learner only */
	CHANNEL_LEARN_ORDER, /* what to do from now on: a struct learn_order in a memory file */
	CHANNEL_LEARN_LOAD, /* a file of paths to begin with */
	CHANNEL_LEARN_SAVE, /* a file to write them to */
	CHANNEL_LEARN_EXPLAIN, /* what is known of `address` */
	CHANNEL_VERBS,
};

/* A question of a client's, as far as the manager has to know it. */
struct channel_request {
	uint32_t verb; /* enum channel_verb */
	uint32_t what; /* of stats: enum io_stats; of metrics: enum tm_metrics_format; of pmtu-show 1: `address` and `bits` count;
			* of protect-remove 1: all */
	uint32_t confirm; /* of reload: seconds, CHANNEL_CONFIRM_MAX at most; 0: for good */
	uint32_t ipv6; /* of explain and pmtu verbs: whether the address is */
	uint64_t reasons; /* of watch: 1 << enum pk_reason; 0: nobody watches */
	uint64_t cursor; /* of pmtu-show: 0, or where the answer before ended */
	uint32_t bits; /* of pmtu-show: of the address */
	uint32_t states; /* of pmtu-show: 1 << enum tm_pmtu_state; 0: any */
	uint32_t mtu; /* of pmtu-set */
	uint8_t address[16]; /* network order */
	char device[TM_DEVICE_NAME]; /* of pmtu verbs; "": any */
	char hook[TM_HOOK_NAME]; /* of stats: a hook's name; of protect-remove: a block's, which keeps the same rules */
};

struct channel_header {
	uint32_t magic;
	uint32_t type; /* enum channel_type */
	uint32_t id; /* of a request, and of its answer */
	int32_t status; /* of an answer: an exit status; with one that is not 0 the text is what went wrong */
	uint32_t total; /* bytes of the body */
	uint32_t offset; /* of this piece in it */
};

struct channel_message {
	uint32_t type, id;
	int32_t status;
	const char *body; /* with a NUL behind it */
	size_t len;
	int fd; /* -1: none; whoever takes the message closes it */
};

/* A message on its way in. Pure: tests/fuzz/fuzz_control.c */
struct channel_inbox {
	bool manager; /* this is the manager's end */
	struct channel_header head; /* of the first piece */
	char *body;
	size_t have;
	int fd;
};

void channel_inbox_init(struct channel_inbox *in, bool manager);

/*
 * Takes a packet, and the descriptor that came with it (or -1). 1: the message is complete, in *m, until the next call; 0: there is
 * more to come; −EPROTO with *e filled: not what the other side may say; −ENOMEM.
 */
int channel_inbox_take(struct channel_inbox *in, const void *packet, size_t len, int fd, struct channel_message *m,
		       struct tm_error *e);

void channel_inbox_free(struct channel_inbox *in);

struct channel_piece; /* waits to be sent */

struct channel {
	int fd; /* -1: closed */
	uv_poll_t poll;
	struct channel_inbox in;
	struct channel_piece *first, *last;
	size_t queued; /* bytes */
	void (*take)(void *ctx, const struct channel_message *m);
	void (*ended)(void *ctx, const char *why); /* it closes itself then */
	uv_close_cb closed; /* for that; handle->data is the channel. May be NULL. */
	void *ctx;
};

/*
 * One end of a pair of SOCK_SEQPACKET sockets (child.h), with take, ended and ctx already set. The descriptor is the channel's from then
 * on. 0 or −errno.
 */
int channel_open(struct channel *c, uv_loop_t *loop, int fd, bool manager);

/*
 * Sends without waiting: what does not go now is kept. The body is copied; `fd` is taken over (-1: none). 0; -EPIPE where the channel is
 * closed, -ENOBUFS where more than `most` bytes would wait, -ENOMEM: nothing is sent then.
 */
int channel_send(struct channel *c, struct channel_header head, const void *body, size_t len, int fd, size_t most);

/* The handle goes at the next turn of the loop, with `closed` (may be NULL); `ended` is not called. */
void channel_close(struct channel *c, uv_close_cb closed);

#endif
