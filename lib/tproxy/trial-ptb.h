/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet-too-big message (PTB) for a trial: as a router would send it to who holds one end of a connection that we have made
 * ourselves.
 *
 * Its hop limit is 1, so that it goes no further than this machine.
 */
#ifndef TM_TRIAL_PTB_H
#define TM_TRIAL_PTB_H

#include "lib/doctor/trial-syn.h"

struct tm_trial_ptb {
	enum pk_link link; /* PK_LINK_ETHERNET or PK_LINK_RAW */
	enum pk_family family;
	uint8_t to[6]; /* Ethernet: the device that it is for */
	uint8_t router[16], client[16], server[16]; /* network order; IPv4 in the first four bytes */
	uint16_t client_port, server_port; /* of what did not fit, from client to server */
	uint32_t sequence;
	uint16_t mtu;
};

void tm_trial_ptb_build(const struct tm_trial_ptb *t, struct tm_frame *frame);

#endif
