/* SPDX-License-Identifier: BSD-2-Clause */
#include "netlink.h"

#include <errno.h>

int io_netlink_ask(struct nlmsghdr *request, mnl_cb_t take, void *ctx)
{
	return io_netlink_ask_bus(NETLINK_ROUTE, request, take, ctx);
}

int io_netlink_ask_bus(int bus, struct nlmsghdr *request, mnl_cb_t take, void *ctx)
{
	bool dump = (request->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	char answer[32768]; /* what the kernel puts into one datagram of a dump at most */
	int err = 0, more = MNL_CB_OK;
	ssize_t n;

	if (!socket)
		return -errno;
	request->nlmsg_flags |= NLM_F_REQUEST;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 || mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		more = MNL_CB_ERROR;
	while (more == MNL_CB_OK) {
		n = mnl_socket_recvfrom(socket, answer, sizeof(answer));
		more = n < 0 ? MNL_CB_ERROR : mnl_cb_run(answer, n, 1, mnl_socket_get_portid(socket), take, ctx);
		if (!dump && more == MNL_CB_OK)
			break;
	}
	if (more == MNL_CB_ERROR)
		err = -errno;
	mnl_socket_close(socket);
	return err;
}
