/* SPDX-License-Identifier: BSD-2-Clause */
#include "routewatch.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

int io_routewatch_open(struct io_routewatch *w, struct tm_error *e)
{
	int err;

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

bool io_routewatch_read(struct io_routewatch *w)
{
	char buffer[8192]; /* what does not fit is lost, and is not looked at anyway */
	bool changed = false;
	ssize_t n;

	for (;;) {
		n = mnl_socket_recvfrom(w->socket, buffer, sizeof(buffer));
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
