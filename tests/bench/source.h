/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The source and the sink of traffic.bpf.c, as programs drive them. What goes wrong ends the program with a message.
 */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "frames.h"
#include "traffic.h"
#include "traffic.skel.h"

/* Enters a network namespace of `ip netns`; the index of a device there. */
int source_enter(const char *netns, const char *device);

/* Puts the sink on a device, then enters the source's namespace. `mac`: of the gateway, as text. */
struct traffic *source_open(const char *netns, const char *device, const char *sink_netns, const char *sink_device,
			    const char *mac);

/* A flood of random packets instead. */
struct traffic *source_flood(const char *netns, const char *device, const char *mac);

/* Counts and drops what is sent back for a flood, on its own device. */
void source_sink(const struct traffic *t);

/* What is sent of a family from now on, to a port of the server's. */
void source_frames(struct traffic *t, int family, bool syn, uint16_t port);

/* Sends so many packets of a family from this CPU. */
void source_send(const struct traffic *t, int family, uint32_t packets);

/*
 * The same; nanoseconds for each, of this thread and of ksoftirqd, which takes over part of the work where there is much of it.
 */
double source_timed(const struct traffic *t, int family, uint32_t packets);

#endif
