/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening sockets that the service manager has opened and hands over, from descriptor 3 on, as sd_listen_fds(3) describes:
 * for what this process may not open itself.
 */
#ifndef DAEMON_LISTEN_FDS_H
#define DAEMON_LISTEN_FDS_H

#include <sys/socket.h>

/*
 * First of all in main(): which descriptors are handed over, from LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, which then are removed from
 * the environment; 8 at most. The number of the first descriptor behind them: 3 if there are none, or they are for another process.
 */
int listen_fds_take(void);

/*
 * The handed stream socket that listens at this address, close-on-exec and not blocking; now the caller's. -1: none does. All len bytes
 * of the address count, the unused ones of a path are 0.
 */
int listen_fds_claim(const struct sockaddr *address, socklen_t len);

/* Nobody will claim more: says which sockets nobody wanted, and closes them. */
void listen_fds_unused(void);

/* Closes all of them, in a process that has no use for them. */
void listen_fds_close(void);

#endif
