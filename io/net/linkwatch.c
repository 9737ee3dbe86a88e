/* SPDX-License-Identifier: BSD-2-Clause */
#include "linkwatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink.h"

#define DATAGRAM 32768 /* what the kernel puts into one at most */

int io_linkwatch_open(struct io_linkwatch *w, struct tm_error *e)
{
	*w = (struct io_linkwatch){ .socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK) };
	if (w->socket && !mnl_socket_bind(w->socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID))
		return 0;
	tm_error_code(e, -errno, "following devices: %s", strerror(errno));
	io_linkwatch_close(w);
	return -EIO;
}

int io_linkwatch_fd(const struct io_linkwatch *w)
{
	return mnl_socket_get_fd(w->socket);
}

int io_linkwatch_ask(struct io_linkwatch *w, const char *name)
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	request->nlmsg_type = RTM_GETLINK;
	request->nlmsg_flags = NLM_F_REQUEST;
	link = mnl_nlmsg_put_extra_header(request, sizeof(*link));
	link->ifi_family = AF_UNSPEC;
	mnl_attr_put_strz(request, IFLA_IFNAME, name);
	return mnl_socket_sendto(w->socket, request, request->nlmsg_len) < 0 ? -errno : 0;
}

static void take_message(const struct nlmsghdr *message, io_linkwatch_take take, void *ctx)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(message);
	struct io_device device = { 0 };
	const struct nlattr *attr;

	if (message->nlmsg_len < mnl_nlmsg_size(sizeof(*link)) || link->ifi_family != AF_UNSPEC)
		return;
	device.index = link->ifi_index;
	device.type = link->ifi_type;
	mnl_attr_for_each(attr, message, sizeof(*link))
	{
		if (mnl_attr_get_type(attr) == IFLA_MTU && !mnl_attr_validate(attr, MNL_TYPE_U32))
			device.mtu = mnl_attr_get_u32(attr);
		if (mnl_attr_get_type(attr) == IFLA_IFNAME && !mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) &&
		    mnl_attr_get_payload_len(attr) <= sizeof(device.name))
			strcpy(device.name, mnl_attr_get_str(attr));
	}
	take(ctx, &device, message->nlmsg_type == RTM_DELLINK);
}

static void take_error(struct io_linkwatch *w, const struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_len >= mnl_nlmsg_size(sizeof(*answer)) && answer->error == -ENODEV)
		w->absent = true;
}

int io_linkwatch_read(struct io_linkwatch *w, io_linkwatch_take take, void *ctx)
{
	char buffer[DATAGRAM] __attribute__((aligned(4)));
	const struct nlmsghdr *m;
	ssize_t n;
	int left;

	w->absent = w->lost = false;
	for (;;) {
		n = mnl_socket_recvfrom(w->socket, buffer, sizeof(buffer));
		if (n < 0 && (errno == ENOBUFS || errno == ENOSPC)) {
			w->lost = true;
			continue;
		}
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		left = n;
		for (m = (const struct nlmsghdr *)buffer; mnl_nlmsg_ok(m, left); m = mnl_nlmsg_next(m, &left)) {
			if (m->nlmsg_type == RTM_NEWLINK || m->nlmsg_type == RTM_DELLINK)
				take_message(m, take, ctx);
			else if (m->nlmsg_type == NLMSG_ERROR)
				take_error(w, m);
		}
	}
}

void io_linkwatch_close(struct io_linkwatch *w)
{
	if (w->socket)
		mnl_socket_close(w->socket);
	w->socket = NULL;
}
