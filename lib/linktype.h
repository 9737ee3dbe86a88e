/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The link types of captures (LINKTYPE_* of tcpdump.org) that the parser knows.
 */
#ifndef TM_LINKTYPE_H
#define TM_LINKTYPE_H

#include <stdint.h>

#include "lib/view.h"
#include "core/link.h"

/* PK_LINK_UNKNOWN for all others. */
enum pk_link tm_link_of(uint32_t linktype);

#endif
