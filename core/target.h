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

/*
 * Words of a frame are loaded and stored in one instruction each: the kernel allows that at any address, while memcpy()
 * would go byte by byte, because the compiler knows nothing of the alignment.
 */
typedef __u16 __attribute__((may_alias)) pk_word16;
typedef __u32 __attribute__((may_alias)) pk_word32;
typedef __u64 __attribute__((may_alias)) pk_word64;

static __always_inline __u16 pk_get16(const void *p)
{
	return bpf_ntohs(*(const pk_word16 *)p);
}

static __always_inline __u32 pk_get32(const void *p)
{
	return bpf_ntohl(*(const pk_word32 *)p);
}

/* As it lies there. */
static __always_inline __u32 pk_raw32(const void *p)
{
	return *(const pk_word32 *)p;
}

static __always_inline __u64 pk_get64(const void *p)
{
	return bpf_be64_to_cpu(*(const pk_word64 *)p);
}

static __always_inline void pk_put16(void *p, __u16 v)
{
	*(pk_word16 *)p = bpf_htons(v);
}

static __always_inline void pk_put32(void *p, __u32 v)
{
	*(pk_word32 *)p = bpf_htonl(v);
}

static __always_inline void pk_put64(void *p, __u64 v)
{
	*(pk_word64 *)p = bpf_cpu_to_be64(v);
}

/* n is a constant. */
static __always_inline void pk_copy(void *to, const void *from, __u32 n)
{
	__u32 at = 0;

	for (; at + 8 <= n; at += 8)
		*(pk_word64 *)(to + at) = *(const pk_word64 *)(from + at);
	if (n & 4) {
		*(pk_word32 *)(to + at) = *(const pk_word32 *)(from + at);
		at += 4;
	}
	if (n & 2) {
		*(pk_word16 *)(to + at) = *(const pk_word16 *)(from + at);
		at += 2;
	}
	if (n & 1)
		*((__u8 *)to + at) = *((const __u8 *)from + at);
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
#include <endian.h>

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define PK_ANY_ZERO 0
#define PK_SEALED static inline __attribute__((unused))
#define PK_OPAQUE(x) \
	do {         \
	} while (0)
#define pk_copy memcpy

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

static __always_inline __u32 pk_raw32(const void *p)
{
	__u32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static __always_inline __u64 pk_get64(const void *p)
{
	__u64 v;

	memcpy(&v, p, sizeof(v));
	return be64toh(v);
}

static __always_inline void pk_put16(void *p, __u16 v)
{
	v = htons(v);
	memcpy(p, &v, sizeof(v));
}

static __always_inline void pk_put32(void *p, __u32 v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static __always_inline void pk_put64(void *p, __u64 v)
{
	v = htobe64(v);
	memcpy(p, &v, sizeof(v));
}

#define PK_LOOP(times, step, ctx)                                 \
	do {                                                      \
		for (__u32 i_ = 0; i_ < (__u32)(times); i_++)     \
			if (step(i_, ctx))                        \
				break;                            \
	} while (0)

#endif

/* PK_LOOP where once is the rule: no call then. */
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

#endif
