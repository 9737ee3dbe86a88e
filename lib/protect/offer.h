/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What clients of a protected server are told in the SYN-ACK that answers for it, as far as that is not the client's own offer: as
 * the client-side program does it (bpf/protect/syn.h).
 */
#ifndef TM_PROTECT_OFFER_H
#define TM_PROTECT_OFFER_H

#include "bpf/protect/map.h"
#include "lib/config/config.h"
#include "nft.h"

/* MTUs in bytes of what lies between, 0: not known or no limit. */
struct tm_protect_path {
	uint32_t client; /* of the device that clients are behind */
	uint32_t route; /* of the route to the server */
	uint32_t learned; /* of the path to the server, learned from packet-too-big messages */
};

/* server: what was learned of it; NULL: nothing, then only an MSS is offered, of an Ethernet at most. */
struct tm_synproxy tm_protect_offer(const struct tm_config_protect *config, uint8_t family,
				    const struct tm_protect_server *server, const struct tm_protect_path *path);

#endif
