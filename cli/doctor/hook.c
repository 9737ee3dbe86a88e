/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor: one hook and its device.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "io/net/link-facts.h"
#include "io/net/ping.h"
#include "io/net/routes.h"

/* The MSS that a SYN gets between addresses without a prefix of their own, routes left out; 0: no limit. */
static uint16_t mss_of(const struct tm_image *image, int index, uint32_t device_mtu, enum pk_family family)
{
	struct tm_rules rules = { .image = tm_image_rules(image), .hook = index };
	struct tm_trial trial = { .link = PK_LINK_RAW, .family = family };
	struct tm_frame frame;
	uint16_t mss;

	tm_trial_build(&trial, &frame);
	mss = tm_trial_expect(&trial, &rules, device_mtu, 0, &frame);
	return mss == TM_TRIAL_MSS ? 0 : mss;
}

/* The smallest MTU that a route was given, 0 for none. */
static uint16_t smallest_route(void)
{
	struct tm_ruleset routes = { 0 };
	struct tm_error ignored;
	uint16_t smallest = 0;

	io_routes_read(&routes, &ignored);
	for (size_t i = 0; i < routes.count; i++)
		if (routes.prefixes[i].mtu && (!smallest || routes.prefixes[i].mtu < smallest))
			smallest = routes.prefixes[i].mtu;
	tm_ruleset_free(&routes);
	return smallest;
}

/* Asks the router behind a device, with as much as the limit lets a segment and its headers have. */
static void probe(struct doctor *d, const char *hook, const struct tm_device_facts *device, bool ipv6, uint16_t mss)
{
	uint32_t octets = mss ? mss + (ipv6 ? 60u : 40u) : device->mtu;
	uint8_t address[16] = { 0 };
	char text[INET6_ADDRSTRLEN];
	struct tm_gateway_facts g = { .address = text, .device = device->name };
	struct tm_error e;
	int answered;

	if (!device->up || !device->carrier || !io_gateway_find(device->ifindex, ipv6, address))
		return;
	inet_ntop(ipv6 ? AF_INET6 : AF_INET, address, text, sizeof(text));
	g.octets = octets < device->mtu ? octets : device->mtu;
	answered = io_ping(device->ifindex, ipv6, address, g.octets, &e);
	g.large_answered = answered == 1;
	if (!answered)
		answered = io_ping(device->ifindex, ipv6, address, 84, &e);
	g.small_answered = answered == 1;
	if (answered < 0)
		tm_find(&d->f, TM_WARNING, "gateway-mtu", hook, "%s behind %s: not asked: %s", text, device->name,
			e.text);
	else
		tm_judge_gateway(&d->f, hook, &g);
}

static void judge(struct doctor *d, struct io_hook *hook, const struct tm_image *image)
{
	bool wire = io_mode_is_wire(hook->meta.mode);
	struct tm_device_facts ends[2] = { 0 };
	struct tm_hook_facts facts = {
		.name = hook->meta.name,
		.xdp = io_mode_is_xdp(hook->meta.mode),
		.generic = hook->meta.mode == IO_XDP_GENERIC,
		.route_mtu = smallest_route(),
	};
	struct tm_error e;

	for (int i = 0; i <= wire; i++) {
		if (io_link_facts(&ends[i], i ? hook->meta.peer_ifindex : hook->meta.ifindex, &e)) {
			tm_find(&d->f, TM_FAULT, "device", facts.name, "%s", e.text);
			return;
		}
		facts.follows_routes = tm_image_head(image)->hooks[i].flags &
				       PK_HOOK_ROUTE; /* a wire has limits for each way */
		facts.mss4 = mss_of(image, i, io_hook_device_mtu(hook), PK_IPV4);
		facts.mss6 = mss_of(image, i, io_hook_device_mtu(hook), PK_IPV6);
		tm_judge_device(&d->f, &ends[i], &facts);
		tm_judge_limit(&d->f, &ends[i], &facts);
		if (!d->probe || wire)
			continue;
		probe(d, facts.name, &ends[i], false, facts.mss4);
		probe(d, facts.name, &ends[i], true, facts.mss6);
	}
	if (wire)
		tm_judge_wire(&d->f, facts.name, ends);
	else
		tm_judge_clamps(&d->f, &d->firewall, &facts); /* what a wire carries never gets to those */
	if (facts.follows_routes && !hook->meta.fib_mark)
		tm_find(&d->f, TM_WARNING, "route-mark", facts.name,
			"routes are looked up without the packet's mark: this kernel (before 6.10) gives BPF no way to");
	if (facts.xdp && !wire) {
		tm_find(&d->f, TM_WARNING, "direction", facts.name,
			"an XDP hook sees only what comes in: SYNs that leave through %s keep their MSS", ends[0].name);
		tm_advise(&d->f, "attach another hook on the device behind it, or use --mode tc");
	}
	doctor_trials(d, hook, image, ends);
}

void doctor_hook(struct doctor *d, struct io_hook *hook)
{
	const char *name = hook->meta.name;
	struct tm_image image;
	struct tm_error e;

	if (hook->maps.rules < 0) {
		tm_find(&d->f, TM_FAULT, "pins", name, "%s", hook->trouble);
		return;
	}
	if (!hook->alive) {
		tm_find(&d->f, TM_FAULT, "attached", name, "%s", hook->trouble);
		return;
	}
	if (io_maps_read(hook->maps.rules, &image, &e)) {
		tm_find(&d->f, TM_FAULT, "pins", name, "%s", e.text);
		return;
	}
	tm_find(&d->f, TM_OK, "attached", name, "on %s%s%s in mode %s, its pins are whole", hook->meta.device,
		*hook->meta.peer ? " and " : "", hook->meta.peer, io_mode_name(hook->meta.mode));
	judge(d, hook, &image);
	tm_image_free(&image);
}
