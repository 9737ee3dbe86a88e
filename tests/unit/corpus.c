/* SPDX-License-Identifier: BSD-2-Clause */
#include "corpus.h"

#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/report/stats.h"
#include "tests/bpf/hex.h"

static void __attribute__((noreturn, format(printf, 1, 2))) broken(const char *format, ...)
{
	va_list ap;

	fputs("corpus: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static enum pk_link link_find(const char *name)
{
	static const char *const names[] = {
		[PK_LINK_ETHERNET] = "ethernet", [PK_LINK_RAW] = "raw",	    [PK_LINK_NULL] = "null",
		[PK_LINK_LOOP] = "loop",	 [PK_LINK_SLL] = "sll",	    [PK_LINK_SLL2] = "sll2",
		[PK_LINK_PPP] = "ppp",		 [PK_LINK_PPPOE] = "pppoe",
	};

	for (unsigned i = PK_LINK_ETHERNET; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return i;
	return PK_LINK_UNKNOWN;
}

static void take_options(struct tm_options *o, const char *text)
{
	static const struct option long_options[] = { TM_CLAMP_OPTIONS, { 0 } };
	char *copy = strdup(text), *argv[512] = { (char *)"vector" }, *save = NULL;
	struct tm_error e = { "an option that is none" };
	int argc = 1, opt;

	for (char *word = strtok_r(copy, " ", &save); word && argc < 511; word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	optind = 0;
	while ((opt = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (tm_options_take(o, opt, optarg, &e))
			broken("%s: %s", text, e.text);
	if (tm_options_finish(o, &e))
		broken("%s: %s", text, e.text);
	free(copy);
}

static uint8_t *take_bytes(const char *text, uint32_t *len)
{
	uint8_t *bytes = malloc(CORPUS_ROOM);
	long n = hex_read(text, bytes, CORPUS_ROOM);

	if (n < 0)
		broken("no bytes in hex, or more than %d: %.80s", CORPUS_ROOM, text);
	*len = n;
	return bytes;
}

static void take(struct corpus_vector *v, const char *key, const char *text)
{
	if (!strcmp(key, "vector")) {
		v->name = strdup(text);
	} else if (!strcmp(key, "link")) {
		v->link = link_find(text);
	} else if (!strcmp(key, "options")) {
		take_options(&v->options, text);
	} else if (!strcmp(key, "reason")) {
		v->reason = tm_reason_find(text);
	} else if (!strcmp(key, "in")) {
		v->in = take_bytes(text, &v->in_len);
	} else if (!strcmp(key, "out") && !strcmp(text, "same")) {
		v->out = v->in;
		v->out_len = v->in_len;
	} else if (!strcmp(key, "out")) {
		v->out = take_bytes(text, &v->out_len);
	} else if (strcmp(key, "also")) {
		broken("unknown word '%s'", key);
	}
}

static void add(struct corpus *c, const struct corpus_vector *v)
{
	if (!v->in || !v->out || v->reason == PK_GO_ON)
		broken("%s is not complete", v->name);
	if (c->count == c->room) {
		c->room = c->room ? c->room * 2 : 1024;
		c->vectors = realloc(c->vectors, c->room * sizeof(*c->vectors));
	}
	c->vectors[c->count] = *v;
	if (tm_image_build(&c->vectors[c->count].image, &v->options.set))
		broken("%s: cannot compile its rules", v->name);
	c->count++;
}

/* A line that begins with a blank goes on with the one before; an empty line, and the end, ends a vector. */
static void read_file(struct corpus *c, const char *file)
{
	struct corpus_vector v = { .link = PK_LINK_ETHERNET };
	char *line = NULL, pending[3 * CORPUS_ROOM] = "", *text;
	FILE *f = fopen(file, "r");
	size_t room = 0;
	bool more = true;

	if (!f)
		broken("%s: %s", file, strerror(errno));
	while (more) {
		more = getline(&line, &room, f) > 0;
		if (more && *line == '#')
			continue;
		if (more)
			line[strcspn(line, "\n")] = '\0';
		if (more && strlen(line) + strlen(pending) + 1 > sizeof(pending))
			broken("%s: a line that is too long", file);
		if (more && (*line == ' ' || *line == '\t')) {
			strcat(pending, line);
			continue;
		}
		if (*pending) {
			text = strchr(pending, ' ');
			if (text)
				*text++ = '\0';
			take(&v, pending, text ? text : "");
		}
		strcpy(pending, more ? line : "");
		if (!*pending && v.name) {
			add(c, &v);
			v = (struct corpus_vector){ .link = PK_LINK_ETHERNET };
		}
	}
	free(line);
	fclose(f);
}

void corpus_read(struct corpus *c)
{
	const char *folder = getenv("TM_VECTORS");
	char pattern[4096];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "%s/*.txt", folder ? folder : TM_VECTORS_FOLDER);
	if (glob(pattern, 0, NULL, &files))
		broken("no files %s", pattern);
	for (size_t i = 0; i < files.gl_pathc; i++)
		read_file(c, files.gl_pathv[i]);
	globfree(&files);
}

void corpus_free(struct corpus *c)
{
	for (size_t i = 0; i < c->count; i++) {
		struct corpus_vector *v = &c->vectors[i];

		if (v->out != v->in)
			free(v->out);
		free(v->in);
		free(v->name);
		tm_image_free(&v->image);
		tm_options_free(&v->options);
	}
	free(c->vectors);
	*c = (struct corpus){ 0 };
}
