/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of `tcpmss doctor` share: each gathers facts and lets lib/doctor* judge them.
 */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include <jansson.h>

#include "io/net/firewall.h"
#include "io/hook/hook.h"
#include "lib/doctor/device.h"
#include "lib/doctor/syn.h"
#include "lib/doctor/doctor.h"

struct doctor {
	struct tm_findings f;
	struct tm_firewall firewall;
	bool firewall_read; /* all of it */
	bool probe; /* also ask routers, with packets of full size */
	bool denied; /* something could not be looked at for want of privilege */
	unsigned syns; /* that hooks counted */
	bool may_look; /* at programs of others (CAP_SYS_ADMIN) */
};

/* Privileges, kernel, queues: what no single hook is about. */
void doctor_machine(struct doctor *d);

/* tcpmssd, those of its hooks that are on no device, and its protect blocks, or those of that name. How many these are. */
unsigned doctor_daemon(struct doctor *d, const char *name);

/* Of the document of `protect show` the blocks, or those of that name or device. How many these are. */
unsigned doctor_protect(struct doctor *d, const json_t *document, const char *name);

/* Transparent sockets, where marked packets have a way to them. */
void doctor_tproxy(struct doctor *d);

/* One hook, with trial SYNs through it. */
void doctor_hook(struct doctor *d, struct io_hook *hook);

/* The trial SYNs of a hook, and the order of the programs beside it. `ends`: its device, and of a wire the other one. */
void doctor_trials(struct doctor *d, struct io_hook *hook, const struct tm_image *image,
		   const struct tm_device_facts ends[2]);

#endif
