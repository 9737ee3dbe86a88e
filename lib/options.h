/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clamp options that every verb shares: --mss, --mtu, --prefix, --allow-increase, --add-missing, --config.
 */
#ifndef TM_OPTIONS_H
#define TM_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

#include "lib/error.h"
#include "lib/rules.h"

/* Values that getopt_long() returns for them; above any character. */
enum {
	TM_OPT_MSS = 0x100,
	TM_OPT_MTU,
	TM_OPT_PREFIX,
	TM_OPT_ALLOW_INCREASE,
	TM_OPT_ADD_MISSING,
	TM_OPT_CONFIG,
	TM_OPT_OTHER, /* a verb's own begin here */
};

/* For the verb's table of long options. */
#define TM_CLAMP_OPTIONS                                                                  \
	{ "mss", required_argument, NULL, TM_OPT_MSS },                                   \
	{ "mtu", required_argument, NULL, TM_OPT_MTU },                                   \
	{ "prefix", required_argument, NULL, TM_OPT_PREFIX },                             \
	{ "allow-increase", no_argument, NULL, TM_OPT_ALLOW_INCREASE },                   \
	{ "add-missing", no_argument, NULL, TM_OPT_ADD_MISSING },                        \
	{ "config", required_argument, NULL, TM_OPT_CONFIG }

struct tm_options {
	struct pk_hook hook;
	struct tm_ruleset set; /* prefixes; hook 0 is filled by tm_options_finish() */
	const char *config; /* name of a file that the caller reads and gives to tm_options_add_config(); not owned */
};

/*
 * Takes one option that getopt_long() returned. 0; -EINVAL with *e filled; -ENOMEM; 1 where it is none of these. The
 * options own what they gather: tm_options_free().
 */
int tm_options_take(struct tm_options *o, int opt, const char *value, struct tm_error *e);

/*
 * Adds what a configuration has for these options, as if it stood on the command line, too: all prefixes, and of the hook block
 * called `hook`, or else of the only one for `device`, the limits (the smaller MSS and MTU stay). Mode, direction and names in it do not matter.
 * `hook` and `device` NULL: prefixes only. 0, -ENOMEM, or -EINVAL with errors added: more than one block for the device.
 */
struct tm_config;
struct tm_config_errors;
int tm_options_add_config(struct tm_options *o, const struct tm_config *c, const char *hook, const char *device,
			  struct tm_config_errors *errors);

/* Checks the options against each other and copies the hook into the set. 0 or -EINVAL with *e filled. */
int tm_options_finish(struct tm_options *o, struct tm_error *e);

/* True where they name a limit of any kind. */
bool tm_options_limited(const struct tm_options *o);

void tm_options_free(struct tm_options *o);

/* An IPv4 or IPv6 address, optionally /LENGTH, of `len` bytes. NULL, or what is wrong with it ("is not ..."); no MTU is set. */
const char *tm_prefix_range(struct tm_prefix *p, const char *text, size_t len);

/* "PREFIX=MTU": an IPv4 or IPv6 address, optionally /LENGTH, then =MTU in bytes. 0 or -EINVAL with *e filled. */
int tm_prefix_parse(struct tm_prefix *p, const char *text, struct tm_error *e);

#endif
