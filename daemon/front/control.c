/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control-client.h"
#include "control-watch.h"

#define TICK_MS 1000
#define ACCEPTED_AT_ONCE 16

static void on_tick(uv_timer_t *timer)
{
	struct control *c = timer->data;
	struct control_client *next;

	for (struct control_client *i = c->clients; i; i = next) {
		next = i->next;
		if (control_client_late(i, uv_now(c->loop)))
			control_client_close(i);
	}
	if (c->untold)
		control_watch_tell(c);
	if (!c->clients && !c->untold)
		uv_timer_stop(&c->tick);
}

/* Whoever has been silent for longest makes room; root does not. */
static bool make_room(struct control *c)
{
	struct control_client *silent = NULL;

	for (struct control_client *i = c->clients; i; i = i->next)
		if (i->uid && i->state == CONTROL_READING && (!silent || i->since < silent->since))
			silent = i;
	if (silent)
		control_client_close(silent);
	return silent;
}

/* Whether there is room for one more of that user. */
static bool has_room(struct control *c, uid_t uid)
{
	unsigned same = 0, others = 0;

	for (const struct control_client *i = c->clients; i; i = i->next) {
		same += i->uid == uid;
		others += i->uid != 0;
	}
	if (uid && same >= CONTROL_CLIENTS_OF_ONE)
		return false;
	return (c->count < CONTROL_CLIENTS && (!uid || others < CONTROL_CLIENTS_OF_OTHERS)) || make_room(c);
}

static void refuse(int fd)
{
	static const char busy[] = "{\"status\": 1, \"error\": \"too many clients: try again later\"}\n";

	if (send(fd, busy, sizeof(busy) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		/* it hears that the connection ends */
	}
	close(fd);
}

/* Root of another user namespace is somebody else here: the kernel translates. */
static void admit(struct control *c, int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len)) {
		close(fd);
		return;
	}
	if (!has_room(c, peer.uid)) {
		refuse(fd);
		return;
	}
	if (!control_client_add(c, fd, peer.uid) && !uv_is_active((uv_handle_t *)&c->tick))
		uv_timer_start(&c->tick, on_tick, TICK_MS, TICK_MS);
}

static void on_connection(uv_poll_t *poll, int status, int events)
{
	struct control *c = poll->data;

	for (int i = 0; i < ACCEPTED_AT_ONCE; i++) {
		int fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		admit(c, fd);
	}
}

int control_open(struct control *c, uv_loop_t *loop, struct asking *asking, int fd)
{
	int err;

	*c = (struct control){ .loop = loop, .asking = asking, .fd = fd };
	err = uv_timer_init(loop, &c->tick);
	c->tick.data = c;
	if (!err)
		err = uv_poll_init(loop, &c->poll, fd);
	c->poll.data = c;
	return err ? err : uv_poll_start(&c->poll, UV_READABLE, on_connection);
}

void control_event(struct control *c, const void *event, size_t len)
{
	struct tm_event e;

	if (len != sizeof(e))
		return;
	memcpy(&e, event, sizeof(e));
	if (tm_event_check(&e))
		control_watch_event(c, &e);
}
