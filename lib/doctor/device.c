/* SPDX-License-Identifier: BSD-2-Clause */
#include "device.h"

void tm_judge_device(struct tm_findings *f, const struct tm_device_facts *d, const struct tm_hook_facts *h)
{
	if (!d->up) {
		tm_find(f, TM_FAULT, "device", h->name, "%s is down: nothing passes", d->name);
		tm_advise(f, "ip link set %s up", d->name);
	} else if (!d->carrier) {
		tm_find(f, TM_WARNING, "device", h->name, "%s has no carrier: nothing passes", d->name);
		tm_advise(f, "look at the cable, or at the other end%s%s", d->peer.known ? ", " : "", d->peer.name);
	} else {
		tm_find(f, TM_OK, "device", h->name, "%s is up, with an MTU of %u", d->name, d->mtu);
	}
	if (h->generic && d->native_xdp) {
		tm_find(f, TM_OK, "driver", h->name, "the driver of %s has XDP of its own", d->name);
		tm_advise(f, "--mode xdp is faster than xdp-generic");
	}
	if (!d->features)
		return;
	if (d->lro) {
		tm_find(f, TM_WARNING, "offload", h->name,
			"%s merges segments that come in (LRO): not for a machine that forwards", d->name);
		tm_advise(f, "ethtool -K %s lro off", d->name);
	}
	if (d->gro_hw && h->xdp) {
		tm_find(f, TM_WARNING, "offload", h->name,
			"%s merges segments in hardware (rx-gro-hw), before XDP sees them", d->name);
		tm_advise(f, "ethtool -K %s rx-gro-hw off", d->name);
	}
	if (d->hw_tc) {
		tm_find(f, TM_WARNING, "offload", h->name,
			"%s may forward in hardware (hw-tc-offload): what rules there take never reaches the clamp",
			d->name);
		tm_advise(f,
			  "look with 'tc -s filter show dev %s ingress' for in_hw, or ethtool -K %s hw-tc-offload off",
			  d->name, d->name);
	}
	if (!d->lro && !d->hw_tc && !(d->gro_hw && h->xdp))
		tm_find(f, TM_OK, "offload", h->name, "nothing that %s does by itself keeps SYNs from the clamp",
			d->name);
}

void tm_judge_wire(struct tm_findings *f, const char *hook, const struct tm_device_facts ends[2])
{
	bool whole = true;

	for (int i = 0; i < 2; i++) {
		if (ends[i].promisc)
			continue;
		tm_find(f, TM_FAULT, "wire", hook, "%s takes in only frames for itself: those for others are lost",
			ends[i].name);
		tm_advise(f, "ip link set %s promisc on", ends[i].name);
		whole = false;
	}
	if (ends[0].mtu != ends[1].mtu) {
		tm_find(f, TM_FAULT, "wire", hook,
			"%s has an MTU of %u and %s one of %u: larger frames of the one are lost", ends[0].name,
			ends[0].mtu, ends[1].name, ends[1].mtu);
		tm_advise(f, "give both the same: ip link set DEV mtu N");
		whole = false;
	}
	if (whole)
		tm_find(f, TM_OK, "wire", hook, "%s and %s take in all frames, and have the same MTU", ends[0].name,
			ends[1].name);
}

/* The MTU that a limit stands for: what has to fit. 0 without a limit. */
static uint32_t mtu_of_limit(const struct tm_hook_facts *h)
{
	return h->mss4 ? h->mss4 + 40u : h->mss6 ? h->mss6 + 60u : 0;
}

static void judge_beside(struct tm_findings *f, const char *check, const char *what, const struct tm_neighbour_facts *n,
			 const struct tm_hook_facts *h, uint32_t mtu)
{
	const char *where = n->elsewhere ? " (in another network namespace)" : "";

	if (!n->known)
		return;
	if (mtu > n->mtu) {
		tm_find(f, TM_FAULT, check, h->name,
			"the limit of %u bytes is larger than the MTU of %s %s%s, %u: full segments are lost there",
			mtu, what, n->name, where, n->mtu);
		tm_advise(f, "give the hook --mtu %u, or raise the MTU of %s", n->mtu, n->name);
	} else if (!n->up) {
		tm_find(f, TM_WARNING, check, h->name, "%s %s%s is down", what, n->name, where);
	} else {
		tm_find(f, TM_OK, check, h->name, "%u bytes fit through %s %s%s, %u", mtu, what, n->name, where,
			n->mtu);
	}
}

void tm_judge_limit(struct tm_findings *f, const struct tm_device_facts *d, const struct tm_hook_facts *h)
{
	uint32_t mtu = mtu_of_limit(h);

	if (!mtu && h->follows_routes)
		return; /* the trial SYN shows what that comes to */
	if (!mtu) {
		tm_find(f, TM_WARNING, "limit", h->name,
			"no limit holds for all addresses: only its prefixes and routes are clamped");
		return;
	}
	if (d->mtu && mtu > d->mtu) {
		tm_find(f, TM_FAULT, "limit", h->name, "the limit of %u bytes is larger than the MTU of %s, %u", mtu,
			d->name, d->mtu);
		tm_advise(f, "--mtu auto would follow the MTU of %s", d->name);
	} else if (d->mtu && d->mtu < 1280 && h->mss6) {
		tm_find(f, TM_WARNING, "limit", h->name, "IPv6 needs an MTU of 1280, and %s has %u", d->name, d->mtu);
	} else if (d->mtu && h->mss6 + 60u > d->mtu) {
		tm_find(f, TM_WARNING, "limit", h->name, "MSS %u is more than IPv6 can use on %s, whose MTU is %u",
			h->mss6, d->name, d->mtu);
		tm_advise(f, "--mtu N gives each family the MSS that fits it");
	} else {
		tm_find(f, TM_OK, "limit", h->name, "MSS %u (IPv4) and %u (IPv6) fit %s", h->mss4, h->mss6, d->name);
	}
	judge_beside(f, "peer-mtu", "the other side's", &d->peer, h, mtu);
	judge_beside(f, "lower-mtu", "the device below,", &d->lower, h, mtu);
	if (h->route_mtu && h->route_mtu < mtu && !h->follows_routes) {
		tm_find(f, TM_WARNING, "route-mtu", h->name,
			"there is a route with an MTU of %u, less than the limit of %u bytes", h->route_mtu, mtu);
		tm_advise(f, "--mtu route would follow it, or give its prefix a limit: --prefix PREFIX=%u",
			  h->route_mtu);
	}
}

void tm_judge_gateway(struct tm_findings *f, const char *hook, const struct tm_gateway_facts *g)
{
	if (g->large_answered) {
		tm_find(f, TM_OK, "gateway-mtu", hook, "%s behind %s answers a packet of %u bytes", g->address,
			g->device, g->octets);
	} else if (!g->small_answered) {
		tm_find(f, TM_WARNING, "gateway-mtu", hook,
			"%s behind %s answers no echo request: nothing can be told of its MTU", g->address, g->device);
	} else {
		tm_find(f, TM_FAULT, "gateway-mtu", hook,
			"%s behind %s answers small packets, but none of %u bytes, as the limit allows", g->address,
			g->device, g->octets);
		tm_advise(
			f,
			"the link behind %s has a smaller MTU than %u: find it with 'ping -M do -s SIZE %s', and set it on %s",
			g->device, g->octets, g->address, g->device);
	}
}
