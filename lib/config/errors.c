/* SPDX-License-Identifier: BSD-2-Clause */
#include "errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_MAX 80

/* What a terminal or a JSON parser might choke on is not worth repeating. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static char *copy_word(const char *word)
{
	size_t len = strlen(word);
	char *copy = strndup(word, WORD_MAX);

	if (copy && len > WORD_MAX)
		strcpy(copy + WORD_MAX - 3, "...");
	if (copy)
		make_printable(copy);
	return copy;
}

static bool make_room(struct tm_config_errors *errors)
{
	size_t room = errors->room ? errors->room * 2 : 16;
	struct tm_config_error *list;

	if (errors->count < errors->room)
		return true;
	list = reallocarray(errors->list, room, sizeof(*list));
	if (!list)
		return false;
	errors->list = list;
	errors->room = room;
	return true;
}

static void free_one(struct tm_config_error *error)
{
	free(error->file);
	free(error->word);
	free(error->message);
}

void tm_config_error(struct tm_config_errors *errors, const char *file, unsigned line, const char *word,
		     const char *format, ...)
{
	struct tm_config_error error = { .line = line, .number = errors->count };
	char message[512];
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
	make_printable(message);
	error.file = strdup(file);
	error.word = word ? copy_word(word) : NULL;
	error.message = strdup(message);
	if (!error.file || !error.message || (word && !error.word) || !make_room(errors)) {
		errors->memory = true;
		free_one(&error);
		return;
	}
	errors->list[errors->count++] = error;
}

static int compare(const void *va, const void *vb)
{
	const struct tm_config_error *a = va, *b = vb;
	int order = strcmp(a->file, b->file);

	if (!order && a->line != b->line)
		order = a->line < b->line ? -1 : 1;
	if (!order)
		order = a->number < b->number ? -1 : 1;
	return order;
}

void tm_config_errors_sort(struct tm_config_errors *errors)
{
	if (errors->count)
		qsort(errors->list, errors->count, sizeof(*errors->list), compare);
}

int tm_config_error_text(char *text, size_t size, const struct tm_config_error *error)
{
	char line[16] = "";

	if (error->line)
		snprintf(line, sizeof(line), ":%u", error->line);
	if (error->word)
		return snprintf(text, size, "%s%s: '%s': %s", error->file, line, error->word, error->message);
	return snprintf(text, size, "%s%s: %s", error->file, line, error->message);
}

void tm_config_errors_free(struct tm_config_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++)
		free_one(&errors->list[i]);
	free(errors->list);
	*errors = (struct tm_config_errors){ 0 };
}
