/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices lead to protected servers, and through which of the clients' devices some route has an MTU of its own: from the routing
 * tables of this network namespace, as lib/protect/routes.h judges them. To be asked again when io/net/routewatch.h tells of changes.
 */
#ifndef IO_PROTECT_ROUTES_H
#define IO_PROTECT_ROUTES_H

#include "lib/error.h"
#include "lib/protect/routes.h"

/* 0 or −errno with *e filled. No route to any server is no error: found->device_count is 0 then. */
int io_protect_routes(struct tm_protect_found *found, const struct tm_prefix *servers, size_t server_count,
		      const uint32_t *clients, size_t client_count, struct tm_error *e);

#endif
