/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protected services as the packet path looks them up: protect blocks compiled into the image of core/service.h.
 *
 * A service is a server and a port. It belongs to the block with the longest prefix that holds the server and has the port.
 */
#ifndef TM_PROTECT_SERVICES_H
#define TM_PROTECT_SERVICES_H

#include "core/service.h"
#include "lib/config/config.h"

/* A block, and its number in the maps (bpf/protect/map.h): below TM_PROTECT_BLOCKS, each once. */
struct tm_service_block {
	const struct tm_config_protect *config; /* as tm_config_parse() made it: lists sorted */
	uint32_t number;
};

/*
 * Compiles the blocks, also none. No two have the same port for the same prefix (the configuration was checked). 0 and *image, for
 * tm_image_free(); -ENOMEM; -E2BIG where it would pass 128 MiB or 65535 different sets of ports.
 */
int tm_services_build(struct tm_image *image, const struct tm_service_block *blocks, size_t count);

/*
 * Adds routes with an MTU of their own to an image, once: what tm_routes_reduce() leaves of io_routes_read(). 0; -ENOMEM or -E2BIG, and the
 * image is as it was.
 */
int tm_services_add_routes(struct tm_image *image, const struct tm_ruleset *routes);

/* The number of the block that protects a service, or PK_NO_BLOCK. The address in network order, IPv4 in the first four bytes. */
uint32_t tm_services_find(const struct tm_image *image, bool ipv6, const uint8_t *address, uint16_t port);

#endif
