/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of lib/config share.
 */
#ifndef TM_CONFIG_PARTS_H
#define TM_CONFIG_PARTS_H

#include "scan.h"
#include "config.h"

/* Settings of all blocks. The order is that of the tables in config-parse.c. */
enum tm_setting {
	TM_SET_DEVICE,
	TM_SET_MODE,
	TM_SET_DIRECTION,
	TM_SET_MTU,
	TM_SET_MSS,
	TM_SET_IN,
	TM_SET_OUT,
	TM_SET_VIA,
	TM_SET_QUEUE,
	TM_SET_ALLOW_INCREASE,
	TM_SET_ADD_MISSING,
	TM_SET_AGING,
	TM_SET_NO_AGING,
	TM_SET_OLD_ROUTER,
	TM_SET_RAISE,
	TM_SET_SYMMETRIC,
	TM_SET_ENTRIES,
	TM_SET_STATE,
	TM_SET_TABLE,
	TM_SET_LEASE,
	TM_SET_LISTEN,
	TM_SET_REMOTE,
	TM_SET_SOCKET,
	TM_SET_GROUP,
	TM_SET_SERVERS,
	TM_SET_PORTS,
	TM_SET_SERVER_DEVICE,
	TM_SET_ACCELERATOR,
	TM_SET_HIGH,
	TM_SET_LOW,
	TM_SET_WSCALE,
	TM_SET_MARK,
	TM_SETTINGS,
};

/* The second and further words of a list. */
struct tm_config_more {
	char **words;
	unsigned *lines;
	size_t count, room;
};

/* A block as words, before anybody has asked what they mean. */
struct tm_config_draft {
	const char *file; /* its name, as long as the configuration */
	struct tm_config_place at;
	const char *title; /* NULL: has none */
	char *words[TM_SETTINGS]; /* NULL: not given */
	unsigned lines[TM_SETTINGS];
	struct tm_config_more more[TM_SETTINGS];
};

/*
 * These take a finished block into the configuration, or add to the errors what is wrong with it. Only -ENOMEM is returned; what
 * is wrong shows in the number of errors.
 */
int tm_config_take_hook(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_prefix(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_discovery(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_path(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_metrics(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_control(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_tproxy(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
int tm_config_take_protect(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);

/* What only shows when all blocks are there: things given twice. 0 or -ENOMEM. */
int tm_config_check(const struct tm_config *c, struct tm_config_errors *errors);

/* The part of it for protect blocks. */
int tm_config_check_protects(const struct tm_config *c, struct tm_config_errors *errors);

/* Frees what a protect block owns. */
void tm_config_protect_free(struct tm_config_protect *p);

/* How many words a setting has, and each of them with its line. */
size_t tm_config_words(const struct tm_config_draft *d, enum tm_setting setting);
const char *tm_config_word(const struct tm_config_draft *d, enum tm_setting setting, size_t i, unsigned *line);

/* An error about a setting that was given. */
void tm_config_wrong(const struct tm_config_draft *d, enum tm_setting setting, struct tm_config_errors *errors,
		     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* False where the block is not the first of its kind (`other`: where the first is, line 0: nowhere), which is told. */
bool tm_config_first(const struct tm_config *c, const struct tm_config_draft *d, const struct tm_config_place *other,
		     const char *name, struct tm_config_errors *errors);

/* A setting that is on or off; *on stays as it is where it is not given. */
void tm_config_switch(const struct tm_config_draft *d, enum tm_setting setting, bool *on,
		      struct tm_config_errors *errors);

/* How the setting is spelled. */
const char *tm_setting_name(enum tm_setting setting);

/* Which of the words it is (the last one is NULL), or -1. */
int tm_word_index(const char *const *words, const char *word);

extern const char *const tm_mode_words[],
	*const tm_direction_words[], *const tm_old_router_words[], *const tm_raise_words[],
									   *const tm_protect_mode_words[],
										   *const tm_accelerator_words[];

#endif
