/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SipHash-1-3 (Aumasson, Bernstein) of whole 64-bit words: a hash whose collisions nobody can find without its key.
 */
#ifndef TM_SIPHASH_H
#define TM_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct tm_sipkey {
	uint64_t k0, k1;
};

static inline uint64_t tm_sip_rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void tm_sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = tm_sip_rotate(v[1], 13) ^ v[0];
	v[3] = tm_sip_rotate(v[3], 16) ^ v[2];
	v[0] = tm_sip_rotate(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = tm_sip_rotate(v[1], 17) ^ v[2];
	v[3] = tm_sip_rotate(v[3], 21) ^ v[0];
	v[2] = tm_sip_rotate(v[2], 32);
}

static inline uint64_t tm_siphash(const struct tm_sipkey *key, const uint64_t *words, size_t count)
{
	uint64_t v[4] = {
		key->k0 ^ 0x736f6d6570736575,
		key->k1 ^ 0x646f72616e646f6d,
		key->k0 ^ 0x6c7967656e657261,
		key->k1 ^ 0x7465646279746573,
	};

	for (size_t i = 0; i <= count; i++) {
		uint64_t word = i < count ? words[i] : (uint64_t)count * 8 << 56;

		v[3] ^= word;
		tm_sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		tm_sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
