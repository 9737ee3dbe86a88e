/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges a device, and a hook's limit against the MTUs around it.
 */
#ifndef TM_DOCTOR_DEVICE_H
#define TM_DOCTOR_DEVICE_H

#include "doctor.h"

#define TM_DEVICE_NAME 16

/* Another device that this one's frames go through. */
struct tm_neighbour_facts {
	bool known;
	bool elsewhere; /* in another network namespace */
	uint32_t ifindex;
	char name[TM_DEVICE_NAME];
	uint32_t mtu; /* bytes */
	bool up;
};

struct tm_device_facts {
	char name[TM_DEVICE_NAME];
	char kind[16]; /* "veth", "vlan", …; empty for hardware */
	uint32_t ifindex;
	uint32_t mtu; /* bytes */
	uint16_t type; /* ARPHRD_* */
	uint8_t address[6];
	bool up, carrier, promisc;
	uint32_t master; /* of the bridge or bond that it is a port of, 0 */
	struct tm_neighbour_facts peer; /* the other end of a veth */
	struct tm_neighbour_facts lower; /* what a VLAN or the like lies on */
	bool features; /* the following are known */
	bool lro, gro_hw, hw_tc;
	bool native_xdp; /* the driver has it */
};

/* What a hook lets pass. Bytes of MSS, 0 for no limit. */
struct tm_hook_facts {
	const char *name;
	bool xdp; /* sees only what comes in */
	bool generic; /* … and not in the driver */
	bool follows_routes;
	uint16_t mss4, mss6; /* for addresses without a prefix of their own */
	uint16_t route_mtu; /* the smallest MTU that a route has, 0 for none */
};

/* Whether it can carry anything, and what its offloads mean for the clamp. */
void tm_judge_device(struct tm_findings *f, const struct tm_device_facts *d, const struct tm_hook_facts *h);

/* The two ends of a wire. */
void tm_judge_wire(struct tm_findings *f, const char *hook, const struct tm_device_facts ends[2]);

/* The hook's limit against the MTUs of the device, of what lies below it, of the other side and of the routes. */
void tm_judge_limit(struct tm_findings *f, const struct tm_device_facts *d, const struct tm_hook_facts *h);

/* Echo requests to the router behind a device. */
struct tm_gateway_facts {
	const char *address, *device; /* as text */
	uint32_t octets; /* of the large one, IP header included */
	bool small_answered, large_answered;
};

/* Whether the other side takes packets as large as the limit allows. */
void tm_judge_gateway(struct tm_findings *f, const char *hook, const struct tm_gateway_facts *g);

#endif
