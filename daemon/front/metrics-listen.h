/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The listening socket of /metrics, made by whoever may, for metrics-server.h.
 */
#ifndef DAEMON_METRICS_LISTEN_H
#define DAEMON_METRICS_LISTEN_H

#include "lib/config/config.h"

/*
 * A socket that listens where the configuration says, not blocking, for the caller to close. A unix socket may be connected to by
 * everybody, as a port on loopback may; one that nobody listens on any more is replaced. −errno with *e filled: -EADDRINUSE, …
 */
int metrics_listen(const struct tm_config_metrics *m, struct tm_error *e);

/* The socket that the service manager has opened there (listen-fds.h), now the caller's; its name is not. -1: it has none. */
int metrics_claim(const struct tm_config_metrics *m);

/* Whether both mean the same place. */
bool metrics_same(const struct tm_config_metrics *a, const struct tm_config_metrics *b);

/* Removes the name of a unix socket. */
void metrics_unlink(const struct tm_config_metrics *m);

#endif
