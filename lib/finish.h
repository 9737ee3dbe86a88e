/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finishes a TCP checksum that was left to a device, for whoever gets the frame without that device.
 */
#ifndef TM_FINISH_H
#define TM_FINISH_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/view.h"

#include "core/link.h"

/*
 * Writes the whole checksum (RFC 9293, 3.1) into a TCP segment, whatever its field held. False, and the frame as it
 * was, where it is no whole TCP segment: a fragment, another protocol, a length beyond `len`.
 */
bool tm_finish_checksum(enum pk_link link, uint8_t *buf, uint32_t len);

#endif
