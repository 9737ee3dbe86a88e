/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What this thread may do.
 */
#ifndef IO_CAPABILITY_H
#define IO_CAPABILITY_H

#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether a capability (CAP_…) is effective; where the kernel does not tell, it may be. */
static inline bool io_may(int capability)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capget, &head, sets))
		return true;
	return sets[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

#endif
