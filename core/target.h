/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What differs between the two compilers of the core: BPF and user space.
 * The only file of core/ that knows which of them runs it.
 */
#ifndef PK_TARGET_H
#define PK_TARGET_H

#ifdef __bpf__

#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define pk_memcpy __builtin_memcpy
#define pk_memset __builtin_memset

/* BPF has no notion of alignment traps where the kernel allows it; a plain load is one instruction. */
static __always_inline __u16 pk_get16(const void *p)
{
	return bpf_ntohs(*(const __u16 *)p);
}

static __always_inline __u32 pk_get32(const void *p)
{
	return bpf_ntohl(*(const __u32 *)p);
}

/* Keeps the compiler from proving things of x that the verifier then has to find out again. */
#define PK_OPAQUE(x) asm volatile("" : "+r"(x))

/* A function that is verified once, for any arguments, not once more for every state that reaches a call. */
#define PK_SEALED __attribute__((noinline))

/*
 * 0, but the verifier does not know it: what starts a loop as "any number" is in the same state at its second round, and one
 * round is all that is verified.
 */
static volatile __u32 pk_zero;
#define PK_ANY_ZERO pk_zero

/* A loop whose body is verified once; the body ends it early by returning 1. */
#define PK_LOOP(times, step, ctx) bpf_loop(times, step, ctx, 0)

#else

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <arpa/inet.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define PK_ANY_ZERO 0
#define PK_SEALED static inline __attribute__((unused))
#define PK_OPAQUE(x) \
	do {         \
	} while (0)
#define pk_memcpy memcpy
#define pk_memset memset

static __always_inline __u16 pk_get16(const void *p)
{
	__u16 v;

	memcpy(&v, p, sizeof(v));
	return ntohs(v);
}

static __always_inline __u32 pk_get32(const void *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

#define PK_LOOP(times, step, ctx)                                 \
	do {                                                      \
		for (__u32 i_ = 0; i_ < (__u32)(times); i_++)     \
			if (step(i_, ctx))                        \
				break;                            \
	} while (0)

#endif

/* The same where once is the rule: no call then. */
#define PK_LOOP_OFTEN_ONCE(times, step, ctx)            \
	do {                                            \
		if (likely((times) == 1))               \
			step(0, ctx);                   \
		else                                    \
			PK_LOOP(times, step, ctx);      \
	} while (0)

/* Functions of the core are small and called once or twice: one body for the compiler to see through. */
#define PK_INLINE static __always_inline __attribute__((unused))

#ifndef likely
#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif

static __always_inline __u64 pk_get64(const void *p)
{
	return (__u64)pk_get32(p) << 32 | pk_get32((const __u8 *)p + 4);
}

static __always_inline void pk_put16(void *p, __u16 v)
{
	__u8 *b = p;

	b[0] = v >> 8;
	b[1] = v & 0xff;
}

#endif
