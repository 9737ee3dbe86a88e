/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The XDP program on a device: beside others through libxdp's dispatcher, or alone by a link (io/net/link.h).
 *
 * The dispatcher needs CAP_SYS_ADMIN, as libxdp finds programs by their ids, and a kernel that extends programs.
 */
#ifndef IO_XDP_H
#define IO_XDP_H

#include "program.h"

/* Whether the dispatcher is permitted. */
bool io_xdp_may_dispatch(void);

/*
 * Attaches a loaded program by a link, and pins that at `path`. 0 or −errno with *e filled: -EBUSY where another XDP program is on the
 * device, -EOPNOTSUPP where the driver has no native XDP.
 */
int io_xdp_link_attach(int program, uint32_t ifindex, enum io_mode mode, const char *path, struct tm_error *e);

/*
 * Loads an opened program and attaches it through the dispatcher. *id: the loaded program's. `bpffs`: where the BPF file system is
 * mounted, for the dispatcher's pins. 0 or −errno with *e filled: -EBUSY where a program that knows no dispatcher is on the device,
 * -EOPNOTSUPP where the kernel does not run the dispatcher, or the driver has no native XDP.
 */
int io_xdp_attach(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e);

/*
 * The same in the place of the program with id *id, which becomes the new one's: both run until the old one is detached. 0 or −errno
 * with *e filled.
 */
int io_xdp_replace(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e);

/* Detaches the dispatcher's program with that id. Nothing there is no error; else −errno with *e filled. */
int io_xdp_detach(uint32_t ifindex, enum io_mode mode, const char *bpffs, uint32_t id, struct tm_error *e);

bool io_xdp_alive(uint32_t ifindex, const char *bpffs, uint32_t id);

#endif
