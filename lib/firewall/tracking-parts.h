/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the readers of iptables-save and nft share (lib/firewall/tracking.h).
 */
#ifndef TM_FIREWALL_TRACKING_PARTS_H
#define TM_FIREWALL_TRACKING_PARTS_H

#include "tracking.h"

/* What has been seen of a rule. */
struct tm_tracking_seen {
	struct tm_tracking_rule rule;
	bool any_port, other; /* other: not for TCP, or for the loopback device */
	bool synproxy, off, invalid, drop;
};

/* "80", "80:90", "1000-2000"; anything else is any port. */
void tm_tracking_port(struct tm_tracking_seen *s, const char *text);

/* An address or a prefix that packets go to, or come from; anything else is a condition that is not known. */
void tm_tracking_address(struct tm_tracking_seen *s, const char *text, bool source);

/* The device that packets come in through; with quotes or without. */
void tm_tracking_device(struct tm_tracking_seen *s, const char *name);

void tm_tracking_keep(struct tm_firewall *w, struct tm_tracking_seen *s, enum tm_tracking_kind kind);

/* Keeps the rule as what it is; `early`: it sees packets that conntrack has looked at before we do. */
void tm_tracking_judge(struct tm_firewall *w, struct tm_tracking_seen *s, bool early);

#endif
