/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of daemon/channel*.c share.
 */
#ifndef DAEMON_CHANNEL_PARTS_H
#define DAEMON_CHANNEL_PARTS_H

#include "channel.h"

#define CHANNEL_MAGIC 0x746d6331 /* "tmc1" */

#endif
