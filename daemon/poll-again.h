/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following a netlink socket with libuv.
 */
#ifndef DAEMON_POLL_AGAIN_H
#define DAEMON_POLL_AGAIN_H

#include <uv.h>

/*
 * For the callback of a netlink socket, before it reads. libuv stops watching a descriptor whose poll() tells of an error, and hands
 * over `status` < 0. A netlink socket that overflowed tells of one, ENOBUFS; the next read takes it away, and more news will come.
 */
static inline void poll_again(uv_poll_t *poll, int status, uv_poll_cb take)
{
	if (status < 0)
		uv_poll_start(poll, UV_READABLE, take);
}

#endif
