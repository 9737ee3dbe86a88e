/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libconfuse reads the blocks of a configuration as words; what these mean is decided in the other files.
 *
 * Each block is taken out of libconfuse's tree when it is complete: libconfuse looks through all blocks of a kind for
 * each new one's title, which takes minutes with 100 000 prefixes. Names it does not know would make it stop, so a file that has
 * some is read again with these names declared, and each place where one stands becomes an error.
 */
#include <confuse.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "parts.h"

#define INCLUDES_MAX 10 /* inside of each other */
#define FILES_MAX 1000

/* A file that is being read. */
struct frame {
	struct frame *above; /* that includes it */
	uint32_t file; /* index of its name */
	struct tm_scan scan;
	size_t block; /* how many outermost blocks are done */
	cfg_t *root;
	struct frame *done; /* list of those to be freed at the end: freeing one resets libconfuse's lexer */
};

/* libconfuse hands no context to its callbacks, and has one lexer for all of a process, too. */
static struct reader {
	struct tm_config *config;
	struct tm_config_errors *errors;
	struct tm_config_draft draft;
	struct frame *frame, *done;
	unsigned depth;
	bool may_include;
	bool declared; /* the names that nobody knows are */
	bool again; /* there are such names */
	bool twice; /* the setting that is being read was there before */
	bool stopped; /* libconfuse gave up */
	int error;
} * reader;

static const char *const setting_names[TM_SETTINGS + 1] = {
	"device",  "mode",	     "direction",     "mtu",	     "mss",	 "in",	       "out",	 "via",
	"queue",   "allow-increase", "add-missing",   "aging",	     "no-aging", "old-router", "raise",	 "symmetric",
	"entries", "state",	     "table",	      "lease",	     "listen",	 "remote",     "socket", "group",
	"servers", "ports",	     "server-device", "accelerator", "high",	 "low",	       "wscale", "mark",
};

#define BIT(setting) (1ull << TM_SET_##setting)

static const struct kind {
	const char *name, *title, *right;
	int (*take)(struct tm_config *c, const struct tm_config_draft *d, struct tm_config_errors *errors);
	uint64_t settings;
	uint64_t lists; /* those among them that may have several words */
} kinds[] = {
	{ "hook", "hook NAME", "device, mode, direction, mtu, mss, in, out, via, queue, allow-increase, add-missing",
	  tm_config_take_hook,
	  BIT(DEVICE) | BIT(MODE) | BIT(DIRECTION) | BIT(MTU) | BIT(MSS) | BIT(IN) | BIT(OUT) | BIT(VIA) | BIT(QUEUE) |
		  BIT(ALLOW_INCREASE) | BIT(ADD_MISSING) },
	{ "prefix", "prefix ADDRESS/LENGTH", "mtu", tm_config_take_prefix, BIT(MTU) },
	{ "path-mtu-discovery", NULL, "aging, no-aging, old-router, raise, symmetric, entries, state, table, lease",
	  tm_config_take_discovery,
	  BIT(AGING) | BIT(NO_AGING) | BIT(OLD_ROUTER) | BIT(RAISE) | BIT(SYMMETRIC) | BIT(ENTRIES) | BIT(STATE) |
		  BIT(TABLE) | BIT(LEASE) },
	{ "path", "path ADDRESS", "mtu, device", tm_config_take_path, BIT(MTU) | BIT(DEVICE) },
	{ "metrics", NULL, "listen, remote", tm_config_take_metrics, BIT(LISTEN) | BIT(REMOTE) },
	{ "control", NULL, "socket, group", tm_config_take_control, BIT(SOCKET) | BIT(GROUP) },
	{ "transparent-proxy", NULL, "mark, table, via", tm_config_take_tproxy, BIT(MARK) | BIT(TABLE) | BIT(VIA) },
	{ "protect", "protect NAME", "servers, ports, device, server-device, mode, accelerator, high, low, mss, wscale",
	  tm_config_take_protect,
	  BIT(SERVERS) | BIT(PORTS) | BIT(DEVICE) | BIT(SERVER_DEVICE) | BIT(MODE) | BIT(ACCELERATOR) | BIT(HIGH) |
		  BIT(LOW) | BIT(MSS) | BIT(WSCALE),
	  BIT(SERVERS) | BIT(PORTS) | BIT(DEVICE) | BIT(SERVER_DEVICE) },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

const char *tm_setting_name(enum tm_setting setting)
{
	return setting_names[setting];
}

static const struct kind *find_kind(const char *name)
{
	for (size_t k = 0; k < KINDS; k++)
		if (!strcmp(kinds[k].name, name))
			return &kinds[k];
	return NULL;
}

static const char *file_name(void)
{
	return reader->config->files[reader->frame->file];
}

static void empty_draft(void)
{
	for (int s = 0; s < TM_SETTINGS; s++) {
		struct tm_config_more *more = &reader->draft.more[s];

		free(reader->draft.words[s]);
		for (size_t i = 0; i < more->count; i++)
			free(more->words[i]);
		free(more->words);
		free(more->lines);
	}
	reader->draft = (struct tm_config_draft){ 0 };
}

static int add_word(struct tm_config_more *more, const char *value, unsigned line)
{
	if (more->count == more->room) {
		size_t room = more->room ? more->room * 2 : 16;
		char **words = reallocarray(more->words, room, sizeof(*words));
		unsigned *lines = words ? reallocarray(more->lines, room, sizeof(*lines)) : NULL;

		more->words = words ?: more->words;
		more->lines = lines ?: more->lines;
		if (!lines)
			return -ENOMEM;
		more->room = room;
	}
	more->lines[more->count] = line;
	more->words[more->count] = strdup(value);
	return more->words[more->count] ? (more->count++, 0) : -ENOMEM;
}

/* libconfuse makes its own list longer by one each time, which takes long where that means to copy it: it keeps two. */
static void forget_one(cfg_opt_t *opt)
{
	if (opt->nvalues < 3)
		return;
	free(opt->values[1]->string);
	free(opt->values[1]);
	opt->values[1] = opt->values[2];
	opt->nvalues = 2;
}

/* A word behind the first of a list. */
static int on_more(cfg_t *cfg, cfg_opt_t *opt, int s, const char *value)
{
	unsigned line = (unsigned)cfg->line, number = opt->nvalues;

	forget_one(opt);
	if (reader->twice)
		return 0;
	if (find_kind(cfg->name)->lists >> s & 1)
		return reader->error = add_word(&reader->draft.more[s], value, line);
	if (number == 2)
		tm_config_error(reader->errors, file_name(), line, value, "is one too many: '%s' has one word only",
				opt->name);
	return 0;
}

/* A setting's value, or each of a list. */
static int on_word(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct tm_config_draft *d = &reader->draft;
	int s = tm_word_index(setting_names, opt->name);

	*(const char **)result = "";
	if (s < 0)
		return 0;
	if (opt->nvalues > 1)
		return on_more(cfg, opt, s, value);
	reader->twice = d->words[s];
	if (d->words[s]) {
		tm_config_error(reader->errors, file_name(), (unsigned)cfg->line, opt->name,
				"is given twice in one block, first in line %u; keep one of them", d->lines[s]);
		return 0;
	}
	d->words[s] = strdup(value);
	d->lines[s] = (unsigned)cfg->line;
	if (!d->words[s])
		reader->error = -ENOMEM;
	return reader->error;
}

/* The end of a block. */
static int on_block(cfg_t *cfg, cfg_opt_t *opt)
{
	struct frame *f = reader->frame;
	struct tm_config_draft *d = &reader->draft;

	d->file = file_name();
	d->at.file = f->file;
	d->at.line = f->block < f->scan.block_count ? f->scan.block_lines[f->block] : (uint32_t)cfg->line;
	d->title = cfg_title(cfg_opt_getnsec(opt, 0));
	reader->error = find_kind(opt->name)->take(reader->config, d, reader->errors);
	f->block++;
	empty_draft();
	cfg_opt_rmnsec(opt, 0);
	return reader->error;
}

/* What is wrong with a name that is not known here. */
static void tell_unknown(const cfg_t *cfg, const char *name, unsigned line)
{
	const struct kind *here = find_kind(cfg->name), *as_block = find_kind(name);
	int s = tm_word_index(setting_names, name);

	for (size_t k = 0; k < KINDS && s >= 0; k++) {
		if (kinds[k].settings >> s & 1) {
			tm_config_error(reader->errors, file_name(), line, name,
					"does not belong here, but in a block: %s { %s = ... }",
					kinds[k].title ? kinds[k].title : kinds[k].name, name);
			return;
		}
	}
	if (here && (as_block || !strcmp(name, "include")))
		tm_config_error(reader->errors, file_name(), line, name,
				"does not belong into a block; it stands by itself");
	else if (here)
		tm_config_error(reader->errors, file_name(), line, name, "is not known; a block %s has: %s", here->name,
				here->right);
	else
		tm_config_error(
			reader->errors, file_name(), line, name,
			"is not known; a configuration has: hook, prefix, path, path-mtu-discovery, metrics, control, protect, transparent-proxy, include");
}

static int on_unknown_word(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	*(const char **)result = "";
	if (opt->nvalues <= 1)
		tell_unknown(cfg, opt->name, (unsigned)cfg->line);
	forget_one(opt);
	return 0;
}

static int on_unknown_block(cfg_t *cfg, cfg_opt_t *opt)
{
	struct frame *f = reader->frame;
	unsigned line = (unsigned)cfg->line;

	/* Of a block inside a block only its end is known. */
	if (!strcmp(cfg->name, "root")) {
		line = f->block < f->scan.block_count ? f->scan.block_lines[f->block] : line;
		f->block++;
	}
	tell_unknown(cfg, opt->name, line);
	cfg_opt_rmnsec(opt, 0);
	return 0;
}

static int on_unknown_call(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	tell_unknown(cfg, opt->name, (unsigned)cfg->line);
	return 0;
}

static int on_ignored_word(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	*(const char **)result = "";
	forget_one(opt);
	return 0;
}

static int read_text(const char *name, char *text, size_t len);

static int on_include(cfg_t *cfg, cfg_opt_t *opt, int argc, const char **argv)
{
	unsigned line = (unsigned)cfg->line;
	size_t len;
	char *path, *text;
	int err;

	if (!reader->may_include) {
		tm_config_error(reader->errors, file_name(), line, argv[0], "files cannot be included here");
		return 0;
	}
	if (reader->depth == INCLUDES_MAX) {
		tm_config_error(reader->errors, file_name(), line, argv[0],
				"files include each other more than %d deep; is it a circle?", INCLUDES_MAX);
		return 0;
	}
	if (reader->config->file_count == FILES_MAX) {
		tm_config_error(reader->errors, file_name(), line, argv[0], "more than %d files", FILES_MAX);
		return 0;
	}
	path = tm_config_beside(file_name(), argv[0]);
	err = path ? tm_config_load(path, &text, &len) : -ENOMEM;
	if (err == -ENOMEM) {
		reader->error = err;
	} else if (err) {
		tm_config_error(reader->errors, file_name(), line, argv[0], "cannot be read: %s",
				tm_config_load_error(err));
	} else {
		reader->depth++;
		/* What is wrong in there does not keep the rest of this file from being read. */
		if (read_text(path, text, len) == -ENOMEM)
			reader->error = -ENOMEM;
		reader->depth--;
		free(text);
	}
	free(path);
	return reader->error || reader->again;
}

/* libconfuse's own sentences, with what would be right. It has stopped. */
static void on_error(cfg_t *cfg, const char *format, va_list ap)
{
	char message[256], *word = NULL, *end;
	const struct kind *kind = NULL;

	vsnprintf(message, sizeof(message), format, ap);
	if (!reader->declared && !strncmp(message, "no such option", 14)) {
		reader->again = true;
		return;
	}
	reader->stopped = true;
	end = strrchr(message, '\'');
	if (end) {
		*end = '\0';
		word = strchr(message, '\'');
	}
	if (word) {
		word[-(word > message)] = '\0';
		word++;
		kind = find_kind(word);
	}
	if (kind && !strncmp(message, "missing", 7))
		tm_config_error(reader->errors, file_name(), (unsigned)cfg->line, word,
				"%s; right would be: %s { ... }. The rest of the file was not read", message,
				kind->title ? kind->title : kind->name);
	else if (word && !strncmp(message, "missing equal sign", 18))
		tm_config_error(reader->errors, file_name(), (unsigned)cfg->line, word,
				"needs a value; right would be: %s = VALUE. The rest of the file was not read", word);
	else
		tm_config_error(reader->errors, file_name(), (unsigned)cfg->line, word,
				"%s; right would be: NAME = VALUE, or a block. The rest of the file was not read",
				message);
}

static void declare_word(cfg_opt_t *opts, unsigned *count, const char *name, cfg_callback_t take)
{
	opts[(*count)++] =
		(cfg_opt_t){ .name = name, .type = CFGT_STR, .flags = CFGF_NODEFAULT | CFGF_LIST, .parsecb = take };
}

static void declare_block(cfg_opt_t *opts, unsigned *count, const char *name, bool title, cfg_opt_t *inside,
			  cfg_validate_callback_t take)
{
	opts[(*count)++] = (cfg_opt_t){ .name = name,
					.type = CFGT_SEC,
					.flags = CFGF_NODEFAULT | CFGF_MULTI | (title ? CFGF_TITLE : 0),
					.subopts = inside,
					.validcb = take };
}

static void declare_call(cfg_opt_t *opts, unsigned *count, cfg_func_t take)
{
	opts[(*count)++] = (cfg_opt_t){ .name = "include", .type = CFGT_FUNC, .func = take };
}

static bool declared(const cfg_opt_t *opts, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(opts[i].name, name))
			return true;
	return false;
}

/* Names of the file that do not belong here. `ignored`: what an unknown block has inside. */
static void declare_unknown(cfg_opt_t *opts, unsigned *count, const struct tm_scan *scan, bool inside,
			    cfg_opt_t *ignored)
{
	for (size_t i = 0; i < scan->name_count; i++) {
		const struct tm_scan_name *n = &scan->names[i];

		if (n->inside != inside || declared(opts, *count, n->name))
			continue;
		if (n->kind == TM_SETTING)
			declare_word(opts, count, n->name, on_unknown_word);
		else
			declare_block(opts, count, n->name, n->kind == TM_TITLED_BLOCK, ignored, on_unknown_block);
	}
}

#define ROOM (TM_SETTINGS + KINDS + TM_SCAN_NAMES + 2) /* the names, include, the end */

/* The grammar, and room for what is in the file. */
struct grammar {
	cfg_opt_t root[ROOM], blocks[KINDS][ROOM], ignored[ROOM];
};

static cfg_t *make_root(struct grammar *g, const struct tm_scan *scan)
{
	unsigned count = 0, root = 0;

	*g = (struct grammar){ 0 };
	for (size_t i = 0; i < scan->name_count && reader->declared; i++)
		if (scan->names[i].inside && !declared(g->ignored, count, scan->names[i].name))
			declare_word(g->ignored, &count, scan->names[i].name, on_ignored_word);
	for (size_t k = 0; k < KINDS; k++) {
		count = 0;
		for (int s = 0; s < TM_SETTINGS; s++)
			if (kinds[k].settings >> s & 1)
				declare_word(g->blocks[k], &count, setting_names[s], on_word);
		if (reader->declared) {
			declare_call(g->blocks[k], &count, on_unknown_call);
			declare_unknown(g->blocks[k], &count, scan, true, g->ignored);
		}
		declare_block(g->root, &root, kinds[k].name, kinds[k].title, g->blocks[k], on_block);
	}
	declare_call(g->root, &root, on_include);
	if (reader->declared)
		declare_unknown(g->root, &root, scan, false, g->ignored);
	return cfg_init(g->root, CFGF_NONE);
}

static int parse_text(struct frame *f, char *text, size_t len)
{
	struct grammar *g = malloc(sizeof(*g));
	FILE *stream = len ? fmemopen(text, len, "r") : NULL;

	f->root = g ? make_root(g, &f->scan) : NULL;
	free(g);
	if (f->root && stream) {
		cfg_set_error_function(f->root, on_error);
		f->root->filename = strdup(file_name());
	}
	if (!f->root || (len && !stream) || (stream && !f->root->filename))
		reader->error = -ENOMEM;
	else if (stream && cfg_parse_fp(f->root, stream) != CFG_SUCCESS && !reader->again && !reader->stopped &&
		 !reader->error)
		reader->error = -ENOMEM; /* it does not tell why, and nothing else is left */
	if (stream)
		fclose(stream);
	empty_draft();
	return reader->error ? reader->error : reader->again || reader->stopped ? -EINVAL : 0;
}

/* One file, which may be inside another. -EINVAL where reading cannot go on. */
static int read_text(const char *name, char *text, size_t len)
{
	struct frame *f = calloc(1, sizeof(*f));
	int err = f ? tm_config_add_file(reader->config, name) : -ENOMEM;

	if (err) {
		free(f);
		return err;
	}
	f->file = (uint32_t)reader->config->file_count - 1;
	f->above = reader->frame;
	f->done = reader->done;
	reader->done = f;
	reader->frame = f;
	err = tm_scan(&f->scan, file_name(), text, len, reader->errors);
	if (!err)
		err = parse_text(f, text, len);
	reader->frame = f->above;
	return err;
}

static int read_all(struct reader *r, const char *name, const char *text, size_t len)
{
	char *copy = malloc(len + 1);
	int err = -ENOMEM;

	if (copy) {
		memcpy(copy, text, len);
		reader = r;
		err = read_text(name, copy, len);
		reader = NULL;
	}
	while (r->done) {
		struct frame *f = r->done;

		r->done = f->done;
		if (f->root)
			cfg_free(f->root);
		tm_scan_free(&f->scan);
		free(f);
	}
	free(copy);
	return err;
}

static int read_config(struct tm_config *c, const char *name, const char *text, size_t len, bool may_include,
		       struct tm_config_errors *errors)
{
	struct reader r = { .config = c, .errors = errors, .may_include = may_include };
	int err;

	*c = (struct tm_config){ 0 };
	err = read_all(&r, name, text, len);
	if (r.again) {
		r = (struct reader){ .config = c, .errors = errors, .may_include = may_include, .declared = true };
		tm_config_errors_free(errors);
		tm_config_free(c);
		err = read_all(&r, name, text, len);
	}
	if (!err || err == -EINVAL)
		err = tm_config_check(c, errors) ?: err;
	if (!err && errors->count)
		err = -EINVAL;
	if (errors->memory)
		err = -ENOMEM;
	tm_config_errors_sort(errors);
	if (err)
		tm_config_free(c);
	return err;
}

int tm_config_parse(struct tm_config *c, const char *name, const char *text, size_t len,
		    struct tm_config_errors *errors)
{
	return read_config(c, name, text, len, false, errors);
}

int tm_config_read(struct tm_config *c, const char *file, struct tm_config_errors *errors)
{
	size_t len;
	char *text;
	int err = tm_config_load(file, &text, &len);

	*c = (struct tm_config){ 0 };
	if (err == -ENOMEM)
		return err;
	if (err) {
		tm_config_error(errors, file, 0, NULL, "cannot be read: %s", tm_config_load_error(err));
		return -EINVAL;
	}
	err = read_config(c, file, text, len, true, errors);
	free(text);
	return err;
}
