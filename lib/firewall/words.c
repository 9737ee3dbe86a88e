/* SPDX-License-Identifier: BSD-2-Clause */
#include "words.h"

#include <stddef.h>
#include <string.h>

bool tm_next_word(const char **line, char word[TM_WORD])
{
	const char *p = *line;
	bool quoted = false;
	size_t n = 0;

	while (*p == ' ' || *p == '\t')
		p++;
	if (!*p || *p == '\n')
		return false;
	for (; *p && *p != '\n' && (quoted || (*p != ' ' && *p != '\t')); p++) {
		quoted ^= *p == '"';
		if (n < TM_WORD - 1)
			word[n++] = *p;
	}
	word[n] = 0;
	*line = p;
	return true;
}

const char *tm_next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}
