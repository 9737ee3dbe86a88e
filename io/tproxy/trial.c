/* SPDX-License-Identifier: BSD-2-Clause */
#include "trial-parts.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/net/conntrack-entry.h"
#include "io/net/link-facts.h"
#include "io/doctor/syn-trial.h"

#define TOLD 1280 /* by the message, in bytes */
#define PATIENCE_MS 300
#define DISCARD 9

void io_tproxy_trial_clean(void)
{
	io_trial_route(false, 0);
	io_trial_route(true, 0);
}

/* ---- the socket */

static int option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static socklen_t address(bool ipv6, const uint8_t *bytes, uint16_t port, struct sockaddr_storage *to)
{
	struct sockaddr_in *four = (struct sockaddr_in *)to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)to;

	memset(to, 0, sizeof(*to));
	to->ss_family = io_trial_family(ipv6);
	if (ipv6) {
		six->sin6_port = htons(port);
		memcpy(&six->sin6_addr, bytes, 16);
		return sizeof(*six);
	}
	four->sin_port = htons(port);
	memcpy(&four->sin_addr, bytes, 4);
	return sizeof(*four);
}

static uint32_t path_mtu(const struct trial *t)
{
	bool six = t->facts->ipv6;
	int mtu = 0;
	socklen_t len = sizeof(mtu);

	if (getsockopt(t->socket, six ? SOL_IPV6 : SOL_IP, six ? IPV6_MTU : IP_MTU, &mtu, &len))
		return 0;
	return (uint32_t)mtu;
}

static int fail(const struct trial *t, const char *what)
{
	int err = -errno;

	if (err == -EPERM || err == -EACCES)
		return tm_error_code(t->e, -EPERM, "%s: not permitted: run as root", what);
	return tm_error_code(t->e, err, "%s: %s", what, strerror(-err));
}

/* A connection from client to server, as if it were there: in repair mode connect() sends nothing, and neither does close(). */
static int open_socket(struct trial *t)
{
	bool six = t->facts->ipv6;
	int level = six ? SOL_IPV6 : SOL_IP;
	struct sockaddr_storage from, to;
	socklen_t len = address(six, t->ptb.client, 0, &from);

	t->socket = socket(io_trial_family(six), SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->socket < 0)
		return fail(t, "opening a socket");
	if (option(t->socket, level, six ? IPV6_TRANSPARENT : IP_TRANSPARENT, 1))
		return fail(t, "making a socket transparent");
	/* A message that would not lower the MSS is passed over; nobody told one here, and the least would be taken. */
	if (option(t->socket, IPPROTO_TCP, TCP_MAXSEG, TM_TRIAL_BEFORE - 40) ||
	    option(t->socket, IPPROTO_TCP, TCP_REPAIR, TCP_REPAIR_ON) ||
	    option(t->socket, IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE) ||
	    option(t->socket, IPPROTO_TCP, TCP_QUEUE_SEQ, (int)t->ptb.sequence) ||
	    option(t->socket, level, six ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, IP_PMTUDISC_DO))
		return fail(t, "making a connection that sends nothing");
	if (bind(t->socket, (struct sockaddr *)&from, len))
		return fail(t, "binding a transparent socket");
	len = address(six, t->ptb.server, DISCARD, &to);
	if (connect(t->socket, (struct sockaddr *)&to, len))
		return fail(t, "connecting a transparent socket");
	len = sizeof(from);
	if (getsockname(t->socket, (struct sockaddr *)&from, &len))
		return fail(t, "asking for a socket's port");
	t->ptb.client_port = ntohs(((struct sockaddr_in *)&from)->sin_port); /* in the same place for IPv6 */
	t->ptb.server_port = DISCARD;
	return 0;
}

/* ---- the whole */

static void wait_for_it(struct trial *t)
{
	static const struct timespec moment = { .tv_nsec = 5000000 };

	for (int ms = 0; ms <= PATIENCE_MS; ms += 5) {
		t->facts->after = path_mtu(t);
		t->facts->reached = t->facts->after && t->facts->after < t->facts->before;
		if (t->facts->reached)
			return;
		nanosleep(&moment, NULL);
	}
}

static int put(struct trial *t)
{
	struct tm_trial as = { .link = t->ptb.link, .family = t->ptb.family };
	struct tm_frame frame;

	tm_trial_ptb_build(&t->ptb, &frame);
	return io_trial_put(t->device->index, &as, &frame, t->e);
}

static int try_it(struct trial *t)
{
	struct io_conntrack_flow flow = { .ipv6 = t->facts->ipv6,
					  .source = t->ptb.client,
					  .destination = t->ptb.server };
	int err = open_socket(t);

	if (err)
		return err;
	flow.source_port = t->ptb.client_port;
	flow.destination_port = t->ptb.server_port;
	io_conntrack_add(&flow, 2); /* where there is none, nobody misses it */
	t->facts->before = path_mtu(t);
	err = put(t);
	if (!err)
		wait_for_it(t);
	io_conntrack_delete(&flow);
	return err;
}

static int prepare(struct trial *t)
{
	struct tm_device_facts d;
	int err = io_link_facts(&d, t->device->index, t->e);

	if (!err)
		err = io_trial_router(t);
	if (err)
		return err;
	t->ptb.link = io_device_link(t->device);
	if (t->ptb.link == PK_LINK_UNKNOWN || !d.up)
		return -EAFNOSUPPORT;
	t->ptb.family = t->facts->ipv6 ? PK_IPV6 : PK_IPV4;
	memcpy(t->ptb.to, d.address, sizeof(t->ptb.to));
	io_trial_ends(t);
	t->ptb.mtu = TOLD;
	if (getrandom(&t->ptb.sequence, sizeof(t->ptb.sequence), 0) < 0)
		t->ptb.sequence = 0x544d5353;
	return 0;
}

int io_tproxy_trial(const struct io_device *device, struct tm_tproxy_facts *facts, struct tm_error *e)
{
	struct trial t = { .facts = facts, .device = device, .socket = -1, .e = e };
	sigset_t all, before;
	int err = prepare(&t);

	if (err)
		return err;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	io_trial_route(facts->ipv6, 0);
	err = io_trial_route(facts->ipv6, device->index);
	if (err)
		tm_error_code(e, err, "a route for the trial%s%s", err == -EPERM ? "" : ": ",
			      err == -EPERM ? " is not permitted: run as root" : strerror(-err));
	else
		err = try_it(&t);
	if (!err && !facts->reached)
		io_trial_ask(&t);
	if (t.socket >= 0)
		close(t.socket);
	io_trial_route(facts->ipv6, 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}
