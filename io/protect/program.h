/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client-side programs of protect (bpf/protect_tc.bpf.c, bpf/protect_xdp.bpf.c): opened, given their constants and maps. Not yet on
 * any device.
 */
#ifndef IO_PROTECT_PROGRAM_H
#define IO_PROTECT_PROGRAM_H

#include "io/bpf/program.h"
#include "io/hook/learn-maps.h"
#include "maps.h"

/*
 * Opens the program for tc, or with a mode of XDP for that. device: its place in tm_protect_state.devices; link: enum pk_link; learn: NULL,
 * or the learned paths, of the device with index `tag`. Loaded by io_program_load() or by libxdp. 0 or −errno with *e filled;
 * io_program_close() in either case.
 */
int io_protect_program_open(struct io_program *p, enum io_mode mode, const struct io_protect_maps *maps,
			    unsigned device, uint32_t link, const struct io_learn_maps *learn, uint32_t tag,
			    struct tm_error *e);

#endif
