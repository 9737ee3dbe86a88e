/* SPDX-License-Identifier: BSD-2-Clause */
#include "routewatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

int io_routewatch_open(struct io_routewatch *w, struct tm_error *e)
{
	int err;

	w->uplink_count = 0;
	w->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (w->socket && !mnl_socket_bind(w->socket, RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE, MNL_SOCKET_AUTOPID))
		return 0;
	err = tm_error_code(e, -errno, "following routes: %s", strerror(errno));
	io_routewatch_close(w);
	return err;
}

int io_routewatch_fd(const struct io_routewatch *w)
{
	return mnl_socket_get_fd(w->socket);
}

static void remember(struct io_routewatch *w, uint32_t ifindex)
{
	for (unsigned i = 0; i < w->uplink_count; i++)
		if (w->uplinks[i] == ifindex)
			return;
	if (w->uplink_count < IO_ROUTEWATCH_UPLINKS)
		w->uplinks[w->uplink_count++] = ifindex;
}

/* A default route of the main table that has come or gone; of one with several next hops nothing is remembered. */
static int look(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *r = mnl_nlmsg_get_payload(h);
	const struct nlattr *a;

	if ((h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE) || mnl_nlmsg_get_payload_len(h) < sizeof(*r) ||
	    r->rtm_dst_len || r->rtm_table != RT_TABLE_MAIN || r->rtm_type != RTN_UNICAST)
		return MNL_CB_OK;
	mnl_attr_for_each(a, h, sizeof(*r))
	{
		if (mnl_attr_get_type(a) == RTA_OIF && !mnl_attr_validate(a, MNL_TYPE_U32))
			remember(ctx, mnl_attr_get_u32(a));
	}
	return MNL_CB_OK;
}

bool io_routewatch_read(struct io_routewatch *w)
{
	char buffer[8192] __attribute__((aligned(NLMSG_ALIGNTO))); /* what does not fit is lost */
	bool changed = false;
	ssize_t n;

	for (;;) {
		n = mnl_socket_recvfrom(w->socket, buffer, sizeof(buffer));
		if (n > 0)
			mnl_cb_run(buffer, (size_t)n, 0, 0, look, w);
		if (n >= 0 || errno == ENOBUFS || errno == ENOSPC)
			changed = true;
		else if (errno != EINTR)
			return changed;
	}
}

void io_routewatch_close(struct io_routewatch *w)
{
	if (w->socket)
		mnl_socket_close(w->socket);
	w->socket = NULL;
}
