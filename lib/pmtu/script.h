/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scripts of "tcpmss pmtu replay": one event a line, told to a path-MTU engine.
 *
 *	TIME start DST first-hop MTU [mss N] [tag T]
 *	TIME ptb DST MTU [len TL] [ihl N] [tag T]
 *	TIME tick
 *	TIME syn SRC DST mss N|none [tag T]
 *	TIME static DST MTU [tag T]
 *	TIME delete DST [tag T]
 *	TIME disable
 *	TIME enable
 *	TIME aging MINUTES
 *
 * TIME is in seconds, with decimals or without, and does not go back; from the third decimal on they mean nothing. '#' begins a
 * comment. A destination that no line has started has a first hop of 65535.
 */
#ifndef TM_PMTU_SCRIPT_H
#define TM_PMTU_SCRIPT_H

#include "pmtu.h"

enum { TM_SCRIPT_TAG = 32 }; /* bytes of a tag's name, NUL included */

enum tm_script_verb {
	TM_SCRIPT_NOTHING, /* an empty line, or a comment */
	TM_SCRIPT_START,
	TM_SCRIPT_PTB,
	TM_SCRIPT_TICK,
	TM_SCRIPT_SYN,
	TM_SCRIPT_STATIC,
	TM_SCRIPT_DELETE,
	TM_SCRIPT_DISABLE,
	TM_SCRIPT_ENABLE,
	TM_SCRIPT_AGING,
};

/* A line; what its verb does not have is 0. */
struct tm_script_line {
	uint64_t time_ms;
	enum tm_script_verb verb;
	bool ipv6;
	uint8_t dst[16], src[16];
	uint32_t mtu; /* first hop, PTB, static */
	uint32_t mss; /* start: 0 unless told */
	bool no_option; /* syn: mss none */
	uint16_t len;
	uint8_t ihl;
	uint32_t minutes;
	char tag[TM_SCRIPT_TAG];
};

/* Of text without its end of line. 0, or -EINVAL with *e filled: the word that is wrong in quotes, and what would be right. */
int tm_script_parse(const char *text, struct tm_script_line *line, struct tm_error *e);

/* What a script says of a line. */
struct tm_script_answer {
	enum { TM_SCRIPT_ENTRY, TM_SCRIPT_REFUSED, TM_SCRIPT_SYN_MSS } kind;
	uint64_t time_ms;
	const char *tag; /* "": none */
	struct tm_pmtu_entry entry; /* refused: path alone; SYN_MSS: path is that toward the destination */
	enum tm_pmtu_outcome outcome; /* refused */
	uint8_t source[16]; /* SYN_MSS */
	uint16_t mss; /* SYN_MSS: what the clamp would write */
	bool no_option; /* SYN_MSS: there is none and none is added */
};

struct tm_script;

/* An empty engine, with its own hash seed. NULL without memory. tm_script_free() frees; NULL is fine. */
struct tm_script *tm_script_new(const struct tm_pmtu_options *options, const uint8_t seed[16], size_t max_entries,
				void (*answer)(void *ctx, const struct tm_script_answer *answer), void *ctx);
void tm_script_free(struct tm_script *s);

/* Does what a line says, and answers. 0, or -EINVAL with *e as from tm_script_parse(): nothing was done; -ENOMEM. */
int tm_script_run(struct tm_script *s, const char *text, struct tm_error *e);

#endif
