/* SPDX-License-Identifier: BSD-2-Clause */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 64
#define DEPTH_MAX 32

enum token { WORD, EQUALS, COMMA, OPEN, CLOSE, PAREN, UNPAREN, END };

struct scanner {
	struct tm_scan *scan;
	const char *file;
	struct tm_config_errors *errors;
	char *at, *end;
	unsigned line;
	bool bad, memory, odd;

	/* The token, and the words right before it. */
	char *start;
	unsigned start_line;
	struct {
		char *start;
		size_t len; /* 0: was no word */
		unsigned line;
	} before[2]; /* the last, and the one before that */

	unsigned open[DEPTH_MAX]; /* lines of the braces that are open */
	unsigned depth;
	unsigned paren; /* line, 0: none is open */
	unsigned list; /* line, 0: none is open */
};

static bool ends_word(char c)
{
	return c == '\0' || strchr(" #\"'\t\n\r={}()+,*", c);
}

static void fault(struct scanner *s, char c, const char *message, unsigned line)
{
	const char word[2] = { c };

	s->bad = true;
	tm_config_error(s->errors, s->file, line, c > ' ' ? word : NULL, "%s", message);
}

/* A file that has one has thousands, so it ends there. */
static void odd_byte(struct scanner *s)
{
	fault(s, '\0', "a control character; is this a text file? The rest of it was not read", s->line);
	s->end = s->at + 1;
	s->odd = true;
}

static void blank(char *from, const char *to)
{
	for (; from < to; from++)
		if (*from != '\n')
			*from = ' ';
}

static void skip_line_comment(struct scanner *s)
{
	char *from = s->at;

	while (s->at < s->end && *s->at != '\n')
		s->at++;
	blank(from, s->at);
}

static void skip_comment(struct scanner *s)
{
	unsigned line = s->line;
	char *from = s->at;

	for (s->at += 2; s->at < s->end && (s->at[0] != '*' || s->at + 1 == s->end || s->at[1] != '/'); s->at++)
		s->line += *s->at == '\n';
	if (s->at == s->end) {
		s->bad = true;
		tm_config_error(s->errors, s->file, line, "/*", "a comment that never ends; it needs a '*/'");
	} else {
		s->at += 2;
	}
	blank(from, s->at);
}

/* True where one was skipped. */
static bool skip_blank(struct scanner *s)
{
	char c = *s->at, next = s->at + 1 < s->end ? s->at[1] : '\0';

	if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
		s->line += c == '\n';
		s->at++;
	} else if (c == '#' || (c == '/' && next == '/')) {
		skip_line_comment(s);
	} else if (c == '/' && next == '*') {
		skip_comment(s);
	} else {
		return false;
	}
	return true;
}

static void take_string(struct scanner *s)
{
	char quote = *s->at++;

	for (; s->at < s->end && *s->at != '\n' && *s->at != quote; s->at++) {
		char c = *s->at, next = s->at + 1 < s->end ? s->at[1] : '\0';

		if (c == '\\' && next != '\n' && next != '\0') {
			if (next != '\\' && next != quote && (next != '$' || quote == '\''))
				fault(s, '\\', "a backslash in a string stands before a quote or a backslash only",
				      s->line);
			s->at++;
		} else if (c == '$' && next == '{' && quote == '"') {
			fault(s, '$', "environment variables are not looked at; a '$' itself is written \\$", s->line);
		} else if ((c >= 0 && c < ' ') || c == 0x7f) {
			odd_byte(s);
		}
	}
	if (s->at < s->end && *s->at == quote)
		s->at++;
	else if (!s->odd)
		fault(s, quote, "a string that does not end on its line; it needs another quote", s->line);
}

static void take_word(struct scanner *s)
{
	for (; s->at < s->end && !ends_word(*s->at); s->at++) {
		if ((*s->at > 0 && *s->at < ' ') || *s->at == 0x7f)
			odd_byte(s);
		else if (*s->at == '$' && s->at + 1 < s->end && s->at[1] == '{')
			fault(s, '$', "environment variables are not looked at", s->line);
	}
}

static enum token next_token(struct scanner *s)
{
	for (;;) {
		while (s->at < s->end && skip_blank(s))
			;
		s->start = s->at;
		s->start_line = s->line;
		if (s->at == s->end)
			return END;
		switch (*s->at) {
		case '"':
		case '\'':
			take_string(s);
			return WORD;
		case '=':
			s->at++;
			return EQUALS;
		case ',':
			s->at++;
			return COMMA;
		case '{':
			s->at++;
			return OPEN;
		case '}':
			s->at++;
			return CLOSE;
		case '(':
			s->at++;
			return PAREN;
		case ')':
			s->at++;
			return UNPAREN;
		case '+':
		case '*':
			fault(s, *s->at, "means nothing here; a word that has it needs quotes", s->line);
			break;
		case '\0':
			odd_byte(s);
			break;
		default:
			take_word(s);
			return WORD;
		}
		s->at++;
	}
}

/* A statement begins with that word. */
static void note_name(struct scanner *s, unsigned which, enum tm_statement kind)
{
	size_t len = s->before[which].len;
	struct tm_scan *scan = s->scan;
	const char *start = s->before[which].start;
	struct tm_scan_name *names;

	if (!len || len > NAME_MAX_LEN || *start == '"' || *start == '\'' || scan->name_count == TM_SCAN_NAMES)
		return;
	for (size_t i = 0; i < scan->name_count; i++)
		if (!strncmp(scan->names[i].name, start, len) && !scan->names[i].name[len] &&
		    scan->names[i].inside == (s->depth > 0))
			return;
	names = reallocarray(scan->names, scan->name_count + 1, sizeof(*names));
	if (names) {
		scan->names = names;
		names[scan->name_count] = (struct tm_scan_name){ strndup(start, len), kind, s->depth > 0 };
	}
	if (!names || !names[scan->name_count].name)
		s->memory = true;
	else
		scan->name_count++;
}

static void note_block(struct scanner *s, unsigned line)
{
	struct tm_scan *scan = s->scan;

	if (scan->block_count == scan->block_room) {
		size_t room = scan->block_room ? scan->block_room * 2 : 64;
		unsigned *lines = reallocarray(scan->block_lines, room, sizeof(*lines));

		if (!lines) {
			s->memory = true;
			return;
		}
		scan->block_lines = lines;
		scan->block_room = room;
	}
	scan->block_lines[scan->block_count++] = line;
}

static void open_brace(struct scanner *s)
{
	bool titled = s->before[1].len;

	note_name(s, titled, titled ? TM_TITLED_BLOCK : TM_BLOCK);
	if (!s->depth)
		note_block(s, s->before[titled].len ? s->before[titled].line : s->start_line);
	if (s->depth < DEPTH_MAX)
		s->open[s->depth++] = s->start_line;
	else
		fault(s, '{', "too many blocks inside of each other", s->start_line);
}

static bool behind_equals(const struct scanner *s)
{
	return s->before[0].start && !s->before[0].len && *s->before[0].start == '=';
}

static void missing_comma(struct scanner *s)
{
	char word[NAME_MAX_LEN + 1] = "";

	memcpy(word, s->start, s->at - s->start < NAME_MAX_LEN ? (size_t)(s->at - s->start) : NAME_MAX_LEN);
	s->bad = true;
	tm_config_error(s->errors, s->file, s->start_line, word, "a list needs a ',' in front of its next word");
}

/* NAME = { WORD, WORD }. False: the token belongs to none. A comma may stand behind the last word, too. */
static bool in_list(struct scanner *s, enum token token)
{
	bool behind_word = s->before[0].len;

	if (token == OPEN && behind_equals(s)) {
		s->list = s->start_line;
		return true;
	}
	if (!s->list) {
		if (token == COMMA)
			fault(s, ',', "means nothing here; a word that has it needs quotes, a list braces: { 80, 443 }",
			      s->start_line);
		return token == COMMA;
	}
	if (token == WORD && behind_word)
		missing_comma(s);
	else if (token == COMMA && !behind_word)
		fault(s, ',', "stands in a list without a word before it", s->start_line);
	else if (token == CLOSE && *s->before[0].start == '{')
		fault(s, '}', "a list without a word; it needs one at least", s->start_line);
	else if (token != WORD && token != COMMA && token != CLOSE && (token != END || !s->depth) && !s->odd)
		fault(s, '{', "a list that is never closed; a '}' is missing", s->list);
	if (token != WORD && token != COMMA)
		s->list = 0;
	return token == WORD || token == COMMA || token == CLOSE;
}

static void remember(struct scanner *s, enum token token)
{
	bool value = behind_equals(s);

	s->before[1] = s->before[0];
	s->before[0].start = s->start;
	/* The value of a setting is no word of the next statement. */
	s->before[0].len = token == WORD && !value ? (size_t)(s->at - s->start) : 0;
	s->before[0].line = s->start_line;
}

/* Calls exist of one kind only, so they are checked here. */
static void check_call(struct scanner *s, enum token token)
{
	bool include = s->before[0].len == 7 && !strncmp(s->before[0].start, "include", 7);

	if (token == PAREN && !include)
		fault(s, '(', "means nothing here; right would be include(\"FILE\")", s->start_line);
	else if (token == UNPAREN && (!s->paren || !s->before[0].len || s->before[1].len))
		fault(s, ')', "does not end an include(\"FILE\")", s->start_line);
	else if (s->paren && token != WORD && token != UNPAREN && !s->odd)
		fault(s, '(', "an include without its ')'; right would be include(\"FILE\")", s->paren);
	if (token == PAREN)
		s->paren = s->start_line;
	else if (token != WORD)
		s->paren = 0;
}

/* Neither a value nor a title. libconfuse would stop there without a word. */
static bool is_empty_name(const struct scanner *s)
{
	const char *last = s->before[0].start;
	bool behind_word = s->before[0].len, behind_sign = last && !behind_word && (*last == '=' || *last == '(');

	return s->at - s->start == 2 && (*s->start == '"' || *s->start == '\'') && !behind_word && !behind_sign;
}

static void take_token(struct scanner *s, enum token token)
{
	if (in_list(s, token)) {
		remember(s, token);
		return;
	}
	check_call(s, token);
	if (token == EQUALS)
		note_name(s, 0, TM_SETTING);
	else if (token == OPEN)
		open_brace(s);
	else if (token == CLOSE && s->depth)
		s->depth--;
	else if (token == CLOSE)
		fault(s, '}', "closes no block", s->start_line);
	else if (token == WORD && is_empty_name(s))
		fault(s, *s->start, "an empty word, where a statement begins; it needs a name", s->start_line);
	remember(s, token);
}

int tm_scan(struct tm_scan *scan, const char *file, char *text, size_t len, struct tm_config_errors *errors)
{
	struct scanner s = { .scan = scan, .file = file, .errors = errors, .at = text, .end = text + len, .line = 1 };
	enum token token;

	*scan = (struct tm_scan){ 0 };
	do {
		token = next_token(&s);
		take_token(&s, token);
	} while (token != END);
	if (s.depth && !s.odd)
		fault(&s, '{', "a block that is never closed; a '}' is missing", s.open[s.depth - 1]);
	return s.memory ? -ENOMEM : s.bad ? -EINVAL : 0;
}

void tm_scan_free(struct tm_scan *scan)
{
	for (size_t i = 0; i < scan->name_count; i++)
		free(scan->names[i].name);
	free(scan->names);
	free(scan->block_lines);
	*scan = (struct tm_scan){ 0 };
}
