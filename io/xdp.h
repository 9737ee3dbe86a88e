/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The XDP program on a device, beside others, through libxdp's dispatcher.
 */
#ifndef IO_XDP_H
#define IO_XDP_H

#include "bpf-program.h"

/*
 * Loads an opened program and attaches it. *id: the loaded program's. `bpffs`: where the BPF file system is mounted, for the
 * dispatcher's pins. 0 or −errno with *e filled: -EBUSY where a program that knows no dispatcher is on the device, -EOPNOTSUPP where the
 * driver has no native XDP.
 */
int io_xdp_attach(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e);

/*
 * Loads an opened program and attaches it in the place of the one with id *id, which becomes the new one's. At one moment where the program
 * is alone on the device; beside others both run until the old one is detached. 0 or −errno with *e filled.
 */
int io_xdp_replace(struct io_program *p, uint32_t ifindex, const char *bpffs, uint32_t *id, struct tm_error *e);

/* Detaches the program with that id. Nothing there is no error; else −errno with *e filled. */
int io_xdp_detach(uint32_t ifindex, enum io_mode mode, const char *bpffs, uint32_t id, struct tm_error *e);

bool io_xdp_alive(uint32_t ifindex, const char *bpffs, uint32_t id);

#endif
