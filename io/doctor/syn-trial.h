/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways to get a trial SYN (lib/doctor/trial-syn.h) through a device's hooks, and to see what comes out. Nothing that is made
 * for this outlives the process: sockets, and programs that are on no device.
 */
#ifndef IO_SYN_TRIAL_H
#define IO_SYN_TRIAL_H

#include "lib/error.h"
#include "lib/doctor/trial-syn.h"

/* What came out. */
struct io_caught {
	struct tm_frame frame;
	bool partial; /* its checksum is still left to a device */
};

/*
 * A socket that sees the trial's SYN behind the hooks of a device: with `leaving` behind tc egress, as the driver gets
 * it; else behind XDP and tc ingress, as the protocols get it (so not on a port of a bridge or a bond, which take frames
 * before). The caller closes it. −errno with *e filled.
 */
int io_trial_tap(uint32_t ifindex, const struct tm_trial *t, bool leaving, struct tm_error *e);

/* Waits for the SYN. False: it did not come within `milliseconds`. */
bool io_trial_wait(int tap, int milliseconds, struct io_caught *caught);

/* Sends a frame out of a device. 0 or −errno with *e filled. */
int io_trial_send(uint32_t ifindex, const struct tm_trial *t, const struct tm_frame *frame, struct tm_error *e);

/*
 * Puts a frame before a device's ingress, as if it had come in there (but behind a driver's own XDP). 0 or −errno with
 * *e filled.
 */
int io_trial_put(uint32_t ifindex, const struct tm_trial *t, const struct tm_frame *frame, struct tm_error *e);

/*
 * Runs an attached program, found by its id, on a frame, as if that had come in on the device; *frame is then what the
 * program made of it and *verdict what it returned. 0 or −errno with *e filled. Needs CAP_SYS_ADMIN.
 */
int io_trial_run(uint32_t program, bool xdp, uint32_t ifindex, struct tm_frame *frame, uint32_t *verdict,
		 struct tm_error *e);

#endif
