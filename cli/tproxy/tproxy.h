/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of `tcpmss tproxy` share.
 */
#ifndef CLI_TPROXY_H
#define CLI_TPROXY_H

#include "lib/doctor/doctor.h"
#include "lib/policy.h"

/* What trials have found. */
struct tproxy_trials {
	struct tm_findings f; /* one for each: named after the family, with the device for a hook */
	struct tm_policy policy; /* filled by the caller */
	unsigned tried; /* families of devices */
};

/* Tries it on these devices, or with `count` 0 on all that have an address. 0 or −errno with *e filled. */
int tproxy_try(struct tproxy_trials *t, const char *const *devices, size_t count, struct tm_error *e);

void tproxy_trials_free(struct tproxy_trials *t);

/* The verb check. An exit status. */
int tproxy_check(const char *const *devices, size_t count, bool json);

#endif
