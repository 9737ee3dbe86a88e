/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes windows of a capture, with what their packets grew by.
 */
#ifndef IO_WRITE_H
#define IO_WRITE_H

#include "capture.h"

/* 0 or -errno; -EIO where a write wrote nothing. */
int io_write_window(int fd, const struct io_window *w);

#endif
