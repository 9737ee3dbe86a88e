/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a service manager is told, by the protocol of sd_notify(3). Without NOTIFY_SOCKET in the environment nothing happens here.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdbool.h>
#include <uv.h>

/*
 * Opens the socket and forgets the environment. In the process that was started, which is the only one that the service manager listens
 * to: what others have to say goes through it.
 */
void notify_open(void);

/* Whether somebody listens. */
bool notify_wanted(void);

/* In another process: from now on it is said by this socket, a datagram each, to the process that was started. */
void notify_by(int fd);

/* In that process: passes on what came by the other end. */
void notify_pass_on(int fd);

/* Sends "KEY=VALUE\n..."; cut at a few hundred bytes. */
void notify_send(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The configuration is read again; notify_reloaded() has to follow, whatever comes of it. */
void notify_reloading(void);

/* The service is ready again, with so many hooks. */
void notify_reloaded(const char *file, size_t hooks);

/* A line for `systemctl status`. */
void notify_state(const char *file, size_t hooks);

/* Feeds the watchdog from this loop, twice in its time. 0 or a negative libuv error. */
int notify_watchdog(uv_loop_t *loop);

#endif
