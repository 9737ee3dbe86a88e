/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Path MTUs that were learned, as the packet path reads them: a flat table of 64-byte lines, two entries each, open addressing
 * with a bounded number of probes. One process writes it (lib/pmtu/learned.h) while BPF and user space read, all in shared memory.
 *
 * No reader takes a lock, and the writer may stop for ever between any two stores. An entry's value is one word: a slot's key
 * changes only while that word says "nothing here", and every key that a slot gets comes with a word that differs from the one
 * before. So a reader that finds the same word before and after it looked at the key has the value of that key.
 */
#ifndef PK_LEARNED_H
#define PK_LEARNED_H

#include "trie.h"

#define PK_LEARNED_LINE 2 /* entries */
#define PK_LEARNED_PROBES 64 /* entries that a lookup looks at, at most */

/* Times are in units of 2^30 ns, a little more than a second, of CLOCK_BOOTTIME: nanoseconds become these by a shift. */
#define PK_LEARNED_TICK 30

struct pk_learned {
	__u64 value; /* until << 32 | MTU << 16 | nodf << 15 | a number that changes with the key; 0: free, MTU 0: not in force */
	__u64 high, low; /* the address as pk_load_key() has it */
	__u64 where; /* pk_learned_where() */
};

#define PK_LEARNED_UNTIL(value) ((__u32)((value) >> 32))
#define PK_LEARNED_MTU(value) ((__u32)(value) >> 16)
#define PK_LEARNED_NODF (1u << 15)
#define PK_LEARNED_TURNS (PK_LEARNED_NODF - 1) /* mask of that number */

/* A path belongs to the device that it was learned on: the same address behind another device is another path. */
PK_INLINE __u64 pk_learned_where(__u8 family, __u32 tag)
{
	return (__u64)family << 32 | tag;
}

struct pk_learned_head {
	__u32 lines;
	__u32 count; /* entries; 0: nobody needs to look */
	__u32 nodf; /* entries whose destinations get no DF */
	__u32 lease; /* until then the table is in force: its writer puts it off as long as it lives */
	__u64 asleep; /* ns that CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC */
	__u64 seed[2]; /* of the hash, so that nobody outside can choose addresses that collide */
	__u32 symmetric; /* the destination's path counts, too */
	__u32 pad[5];
};

/* The head takes a line of its own; behind the last line are spare ones, so that no probe wraps round. */
#define PK_LEARNED_SPARE (PK_LEARNED_PROBES / PK_LEARNED_LINE)
#define PK_LEARNED_SIZE(lines)            \
	(sizeof(struct pk_learned_head) + \
	 ((__u64)(lines) + PK_LEARNED_SPARE) * PK_LEARNED_LINE * sizeof(struct pk_learned))

/* Where the table lies. In BPF `lines` is a constant of the loaded program. */
struct pk_learned_table {
	const struct pk_learned_head *head;
	__u64 lines;
};

#ifdef __bpf__
/* Loads that depend on the address of one before stay in order on every processor, which BPF has no cheaper way to ask for. */
#define PK_LEARNED_LOAD(word) (*(const volatile __u64 *)&(word))
#define PK_LEARNED_HEAD(word) (word)
#define PK_LEARNED_AFTER(p, word)                      \
	do {                                           \
		__u64 none_ = (word);                  \
		asm volatile("%0 &= 0" : "+r"(none_)); \
		(p) = (const void *)(p) + none_;       \
	} while (0)
#else
#define PK_LEARNED_LOAD(word) __atomic_load_n(&(word), __ATOMIC_ACQUIRE)
#define PK_LEARNED_HEAD(word) __atomic_load_n(&(word), __ATOMIC_RELAXED) /* each word of the head for itself */
#ifndef PK_LEARNED_AFTER /* the unit test lets the writer run here */
#define PK_LEARNED_AFTER(p, word) \
	do {                      \
	} while (0)
#endif
#endif

PK_INLINE __u64 pk_learned_hash(const struct pk_learned_head *head, const struct pk_key *key, __u64 where)
{
	__u64 h = (key->high ^ PK_LEARNED_HEAD(head->seed[0])) * 0x9e3779b97f4a7c15ull;

	h = (h ^ h >> 32 ^ key->low) * 0xd6e8feb86659fd93ull;
	h = (h ^ h >> 32 ^ where ^ PK_LEARNED_HEAD(head->seed[1])) * 0xd6e8feb86659fd93ull;
	return (h ^ h >> 32) & 0xffffffff;
}

/* The line where the search for a key begins. */
PK_INLINE __u64 pk_learned_home(const struct pk_learned_table *t, const struct pk_key *key, __u64 where)
{
	return pk_learned_hash(t->head, key, where) * t->lines >> 32;
}

/* The word of a key, whether it is still in force or not; 0: none. */
PK_INLINE __u64 pk_learned_find(const struct pk_learned_table *t, const struct pk_key *key, __u64 where)
{
	__u64 home = pk_learned_home(t, key, where);
	const struct pk_learned *first;

	PK_OPAQUE(home);
	if (home >= t->lines)
		return 0;
	first = (const struct pk_learned *)(t->head + 1) + home * PK_LEARNED_LINE;
	for (int i = 0; i < PK_LEARNED_PROBES; i++) {
		const struct pk_learned *e = first + i;
		__u64 value = PK_LEARNED_LOAD(e->value), differs;

		if (!value)
			return 0;
		PK_LEARNED_AFTER(e, value);
		differs = (PK_LEARNED_LOAD(e->high) ^ key->high) | (PK_LEARNED_LOAD(e->low) ^ key->low) |
			  (PK_LEARNED_LOAD(e->where) ^ where);
		if (differs)
			continue;
		PK_LEARNED_AFTER(e, differs);
		/* Else it is being changed: another look at the next packet is soon enough. */
		return PK_LEARNED_LOAD(e->value) == value && PK_LEARNED_MTU(value) ? value : 0;
	}
	return 0;
}

#define PK_LEARNED_BOTH 0x10000u /* beside an MTU */

/* Whether a word is in force; `now` in ns of CLOCK_MONOTONIC. */
PK_INLINE bool pk_learned_holds(const struct pk_learned_head *head, __u64 value, __u64 now)
{
	__u32 tick = (now + PK_LEARNED_HEAD(head->asleep)) >> PK_LEARNED_TICK;

	return PK_LEARNED_UNTIL(value) > tick && PK_LEARNED_HEAD(head->lease) > tick;
}

#endif
