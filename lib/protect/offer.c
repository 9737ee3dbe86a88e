/* SPDX-License-Identifier: BSD-2-Clause */
#include "offer.h"

#include "lib/view.h"

/* What a host without the option means (RFC 9293, 3.7.1; RFC 8200, 5). */
static uint32_t unsaid_mss(uint8_t family)
{
	return family == PK_IPV4 ? 536 : 1220;
}

static uint32_t least(uint32_t mss, uint32_t other)
{
	return other && other < mss ? other : mss;
}

static uint32_t mss_of(uint32_t mtu, uint8_t family)
{
	return mtu ? pk_mtu_to_mss(mtu, family) : 0;
}

struct tm_synproxy tm_protect_offer(const struct tm_config_protect *config, uint8_t family,
				    const struct tm_protect_server *server, const struct tm_protect_path *path)
{
	struct tm_synproxy offer = { .wscale = TM_WSCALE_NONE };
	uint32_t mss = pk_mtu_to_mss(1500, family);

	if (server) {
		mss = server->mss ? server->mss : unsaid_mss(family);
		offer.timestamps = server->offers & TM_SERVER_TIMESTAMPS;
		offer.sack = offer.timestamps && server->offers & TM_SERVER_SACK;
		offer.wscale = offer.timestamps ? server->wscale : TM_WSCALE_NONE;
	}
	mss = least(mss, config->mss);
	mss = least(mss, mss_of(path->client, family));
	mss = least(mss, mss_of(path->route, family));
	mss = least(mss, mss_of(path->learned, family));
	if (config->wscale >= 0 && offer.timestamps)
		offer.wscale = (uint8_t)config->wscale;
	offer.mss = (uint16_t)mss;
	return offer;
}
