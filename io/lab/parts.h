/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the lab share: namespaces, and what is put into them. All of these act on the network namespace that this
 * thread is in, but for those that take a name. Each returns 0 or −errno with *e filled, unless it says otherwise.
 */
#ifndef IO_LAB_PARTS_H
#define IO_LAB_PARTS_H

#include <stdint.h>

#include "lab.h"

struct nlmsghdr;

#define IO_NETNS_DIR "/run/netns"
#define IO_NETNS_PATH 96 /* bytes of a path there, NUL included */

/* ---- lab-netns.c */

/* /run/netns/tm-LAB-HOST */
void io_netns_path(const char *lab, const char *host, char path[IO_NETNS_PATH]);

/* Makes /run/netns as `ip netns` does, so that both find each other's. */
int io_netns_prepare(struct tm_error *e);

/*
 * Makes a namespace that bears the record from its first moment, enters it, and gives it its name. Returns a descriptor of
 * it. -EEXIST: the name is taken.
 */
int io_netns_make(const char *path, const char *record, struct tm_error *e);

/* Takes the name away; the namespace ends with the last process and socket in it. */
void io_netns_remove(const char *path);

/* Whether a lab of that name has left this file: its record in record[], "" for a name that stands for nothing any more. */
bool io_netns_ours(const char *path, const char *lab, char record[TM_LAB_RECORD]);

/* ---- lab-link.c */

#define IO_LAB_REQUEST 768 /* bytes that the largest message needs */

/* An empty message that is to be acknowledged. */
struct nlmsghdr *io_lab_request(char buffer[IO_LAB_REQUEST], uint16_t type, uint16_t flags);

/* Sends it; fails with `what` and `which` in front of the kernel's answer. */
int io_lab_ask(struct nlmsghdr *message, struct tm_error *e, const char *what, const char *which);

int io_lab_set_record(const char *record, struct tm_error *e); /* lo's alias; and lo up */
int io_lab_veth(const struct tm_lab_link *link, int number, int other_netns, struct tm_error *e);
int io_lab_set_up(const char *device, struct tm_error *e);
void io_lab_settle(const char *device); /* waits until all of the kernel knows of its carrier */
int io_lab_bridge(struct tm_error *e);
int io_lab_join_bridge(const char *device, struct tm_error *e);

/* ---- lab-route.c */

int io_lab_address(const char *device, unsigned char net, unsigned char last, struct tm_error *e);
int io_lab_route(const struct tm_lab_route *route, struct tm_error *e);
int io_lab_way(const struct tm_lab_way *way, struct tm_error *e);
int io_lab_proxy_routes(struct tm_error *e); /* mark 1: table 100, where everything is local */

/* ---- lab-settings.c */

/* Every sysctl that a host depends on, whatever the machine's defaults are. */
int io_lab_settings(const struct tm_lab_host *host, struct tm_error *e);

/* The choices of --offload and --gro, for the host's devices. */
int io_lab_offloads(const struct tm_lab *lab, const struct tm_lab_host *host, struct tm_error *e);

/* ---- lab-run.c */

/* Rules of nftables. */
int io_lab_nft(const char *rules, struct tm_error *e);

/* A command of this program; fails with what it says. */
int io_lab_tcpmss(const char *words, struct tm_error *e);

#endif
