/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening skeletons of bpftool as struct io_program. All have their constants as tm_config.
 */
#ifndef IO_SKELETON_H
#define IO_SKELETON_H

#include "program.h"

/* Behind the skeleton's header. */
#define IO_SKELETON(name)                          \
	static void destroy_##name(void *skeleton) \
	{                                          \
		name##__destroy(skeleton);         \
	}

/* Leaves p->skeleton NULL where it fails, and errno set. */
#define IO_OPEN_SKELETON(p, name)                               \
	do {                                                    \
		struct name *s = name##__open();                \
                                                                \
		(p)->skeleton = s;                              \
		if (!s)                                         \
			break;                                  \
		(p)->object = s->obj;                           \
		(p)->constants = (void *)&s->rodata->tm_config; \
		(p)->destroy = destroy_##name;                  \
	} while (0)

#endif
