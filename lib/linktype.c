/* SPDX-License-Identifier: BSD-2-Clause */
#include "linktype.h"

enum pk_link tm_link_of(uint32_t linktype)
{
	switch (linktype) {
	case 0:
		return PK_LINK_NULL;
	case 1:
		return PK_LINK_ETHERNET;
	case 9:
	case 50:
		return PK_LINK_PPP;
	case 51:
		return PK_LINK_PPPOE;
	case 12: /* DLT_RAW of most systems, of OpenBSD, LINKTYPE_RAW, _IPV4, _IPV6 */
	case 14:
	case 101:
	case 228:
	case 229:
		return PK_LINK_RAW;
	case 108:
		return PK_LINK_LOOP;
	case 113:
		return PK_LINK_SLL;
	case 276:
		return PK_LINK_SLL2;
	}
	return PK_LINK_UNKNOWN;
}
