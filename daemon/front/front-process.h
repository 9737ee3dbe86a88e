/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in the front process (front.h).
 */
#ifndef DAEMON_FRONT_PROCESS_H
#define DAEMON_FRONT_PROCESS_H

/*
 * Gives up all rights, and serves the listening sockets (-1: there is none) until the channel to the manager ends. An exit status.
 */
int front_process(int channel, int control, int metrics);

#endif
