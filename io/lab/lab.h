/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Labs: the networks of lib/lab/lab.h in network namespaces called tm-LAB-HOST, where `ip netns` finds them, too. Each namespace
 * carries its record (as alias of lo), so that there is no other state: what is there can always be told, and taken down,
 * also after a crash.
 */
#ifndef IO_LAB_H
#define IO_LAB_H

#include <sys/types.h>

#include "lib/lab/lab.h"

/*
 * Makes the network and starts what belongs to it. When something fails or *stop gets true, all is taken down again. 0;
 * -EEXIST: there is one of that name; -EINTR: *stop; other −errno; *e filled.
 */
int io_lab_up(const struct tm_lab *lab, const volatile bool *stop, struct tm_error *e);

/*
 * Ends all processes in the lab's namespaces, unpins what is pinned for them, and removes them; also the rest of one that is
 * not whole. *found: whether there was anything. 0 or −errno with *e filled.
 */
int io_lab_down(const char *name, bool *found, struct tm_error *e);

/* Names of all labs that are there, sorted; in an array that the caller frees. Their number or −errno with *e filled. */
int io_lab_list(char (**names)[TM_LAB_NAME], struct tm_error *e);

/* 0, *ready: whether it is whole. -ENOENT: no lab of that name. -EPROTO: of another version. *e filled. */
int io_lab_find(const char *name, struct tm_lab *lab, bool *ready, struct tm_error *e);

/* Enters the network namespace of a host, also one that a test has added. 0 or −errno with *e filled. */
int io_lab_enter(const char *name, const char *host, struct tm_error *e);

/* A process that lives in a host of the lab. Returns false to stop. */
typedef bool (*io_lab_process)(void *ctx, const char *host, pid_t pid, const char *command);

/* Calls `take` for each process in the lab's namespaces. */
void io_lab_processes(const char *name, io_lab_process take, void *ctx);

#endif
