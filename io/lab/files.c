/* SPDX-License-Identifier: BSD-2-Clause */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/capability.h"

#define PREFIX "tm-"

/* ---- files */

/* "tm-NAME-HOST": the host; NULL where it is none of these. A lab's name has no '-'. */
static const char *split(const char *file, char name[TM_LAB_NAME])
{
	const char *dash;

	if (strncmp(file, PREFIX, strlen(PREFIX)))
		return NULL;
	file += strlen(PREFIX);
	dash = strchr(file, '-');
	if (!dash || dash - file >= TM_LAB_NAME)
		return NULL;
	snprintf(name, TM_LAB_NAME, "%.*s", (int)(dash - file), file);
	return dash + 1;
}

static int open_dir(DIR **dir, struct tm_error *e)
{
	*dir = NULL;
	if (!io_may(CAP_SYS_ADMIN))
		return tm_error_code(e, -EPERM, "looking into network namespaces needs CAP_SYS_ADMIN: run as root");
	*dir = opendir(IO_NETNS_DIR);
	if (*dir || errno == ENOENT)
		return 0;
	return tm_error_code(e, errno == EACCES ? -EPERM : -errno, IO_NETNS_DIR ": %s", strerror(errno));
}

static int add(struct io_lab_files *files, const char *name, const char *host, struct tm_error *e)
{
	struct io_lab_file *list = reallocarray(files->list, files->count + 1, sizeof(*list)), *f;
	struct stat s;

	if (!list)
		return tm_error_code(e, -ENOMEM, "out of memory");
	files->list = list;
	f = &list[files->count];
	io_netns_path(name, host, f->path);
	if (strlen(host) + strlen(name) > IO_NETNS_PATH - sizeof(IO_NETNS_DIR) - 8 ||
	    !io_netns_ours(f->path, name, f->record) || stat(f->path, &s))
		return 0;
	f->host_at = strlen(f->path) - strlen(host);
	f->dev = s.st_dev;
	f->ino = f->record[0] ? s.st_ino : 0;
	files->count++;
	return 0;
}

static int compare_hosts(const void *a, const void *b)
{
	return strcmp(io_lab_file_host(a), io_lab_file_host(b));
}

int io_lab_files(struct io_lab_files *files, const char *name, struct tm_error *e)
{
	char owner[TM_LAB_NAME];
	struct dirent *entry;
	DIR *dir;
	int err = open_dir(&dir, e);

	*files = (struct io_lab_files){ 0 };
	while (!err && dir && (entry = readdir(dir))) {
		const char *host = split(entry->d_name, owner);

		if (host && !strcmp(owner, name))
			err = add(files, name, host, e);
	}
	if (dir)
		closedir(dir);
	if (err)
		io_lab_files_free(files);
	if (!err && files->count)
		qsort(files->list, files->count, sizeof(*files->list), compare_hosts);
	return err;
}

void io_lab_files_free(struct io_lab_files *files)
{
	free(files->list);
	*files = (struct io_lab_files){ 0 };
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int io_lab_list(char (**names)[TM_LAB_NAME], struct tm_error *e)
{
	char name[TM_LAB_NAME], record[TM_LAB_RECORD], path[IO_NETNS_PATH];
	struct dirent *entry;
	size_t count = 0;
	DIR *dir;
	int err = open_dir(&dir, e);

	*names = NULL;
	while (!err && dir && (entry = readdir(dir))) {
		const char *host = split(entry->d_name, name);
		char(*more)[TM_LAB_NAME];

		if (!host || strlen(host) > TM_LAB_NAME)
			continue;
		io_netns_path(name, host, path);
		if ((count && lfind(name, *names, &count, TM_LAB_NAME, compare)) || !io_netns_ours(path, name, record))
			continue;
		more = reallocarray(*names, count + 1, sizeof(*more));
		if (!more) {
			err = tm_error_code(e, -ENOMEM, "out of memory");
			break;
		}
		*names = more;
		memcpy(more[count++], name, sizeof(name));
	}
	if (dir)
		closedir(dir);
	if (err) {
		free(*names);
		return err;
	}
	if (count)
		qsort(*names, count, sizeof(**names), compare);
	return (int)count;
}

static int no_lab(const char *name, struct tm_error *e)
{
	return tm_error_code(e, -ENOENT,
			     "there is no lab called '%s': 'tcpmss lab up' makes one, 'tcpmss lab status' lists them",
			     name);
}

int io_lab_find(const char *name, struct tm_lab *lab, bool *ready, struct tm_error *e)
{
	struct io_lab_files files;
	bool read = false, whole = false;
	struct tm_lab one;
	int err = io_lab_files(&files, name, e);

	if (err)
		return err;
	for (size_t i = 0; i < files.count; i++)
		if (tm_lab_read(&one, files.list[i].record, ready)) {
			*lab = one;
			read = true;
			whole |= *ready;
		}
	*ready = whole;
	if (!files.count)
		err = no_lab(name, e);
	else if (!read)
		err = tm_error_code(e, -EPROTO,
				    "lab '%s' is only a rest, or of another version: 'tcpmss lab down' takes it away",
				    name);
	io_lab_files_free(&files);
	return err;
}

/* There is none of that name: says which there are. */
static int no_host(const struct io_lab_files *files, const char *name, const char *host, struct tm_error *e)
{
	int length = snprintf(e->text, sizeof(e->text), "lab '%s' has no host '%.40s'", name, host);

	if (!files->count)
		return no_lab(name, e);
	for (size_t i = 0; i < files->count && length < (int)sizeof(e->text); i++)
		length += snprintf(e->text + length, sizeof(e->text) - (size_t)length, "%s %s", i ? "," : ":",
				   io_lab_file_host(&files->list[i]));
	return -ENOENT;
}

int io_lab_enter(const char *name, const char *host, struct tm_error *e)
{
	struct io_lab_files files;
	int netns = -1, err = io_lab_files(&files, name, e);
	size_t i = 0;

	if (err)
		return err;
	while (i < files.count && (strcmp(io_lab_file_host(&files.list[i]), host) || !files.list[i].ino))
		i++;
	if (i == files.count) {
		err = no_host(&files, name, host, e);
	} else {
		netns = open(files.list[i].path, O_RDONLY | O_CLOEXEC);
		if (netns < 0 || setns(netns, CLONE_NEWNET))
			err = tm_error_code(e, -errno, "entering %s: %s", files.list[i].path, strerror(errno));
	}
	if (netns >= 0)
		close(netns);
	io_lab_files_free(&files);
	return err;
}
