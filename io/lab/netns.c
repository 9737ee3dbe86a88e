/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "parts.h"
#include "io/net/netlink.h"

#define SELF "/proc/self/ns/net"

void io_netns_path(const char *lab, const char *host, char path[IO_NETNS_PATH])
{
	snprintf(path, IO_NETNS_PATH, IO_NETNS_DIR "/tm-%s-%s", lab, host);
}

static int denied(struct tm_error *e, const char *what)
{
	if (errno == EPERM || errno == EACCES)
		return tm_error_code(e, -EPERM, "%s: %s: a lab needs root (in a container: --privileged)", what,
				     strerror(errno));
	return tm_error_code(e, -errno, "%s: %s", what, strerror(errno));
}

int io_netns_prepare(struct tm_error *e)
{
	if (mkdir(IO_NETNS_DIR, 0755) && errno != EEXIST)
		return denied(e, "making " IO_NETNS_DIR);
	/* shared, so that a name which is taken away is gone in other mount namespaces, too */
	if (!mount("", IO_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	if (errno == EINVAL && !mount(IO_NETNS_DIR, IO_NETNS_DIR, "none", MS_BIND | MS_REC, NULL) &&
	    !mount("", IO_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL))
		return 0;
	return denied(e, "mounting " IO_NETNS_DIR);
}

int io_netns_make(const char *path, const char *record, struct tm_error *e)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0), err = 0;

	if (fd < 0)
		return errno == EEXIST ? -EEXIST : denied(e, path);
	close(fd);
	if (unshare(CLONE_NEWNET))
		err = denied(e, "making a network namespace");
	if (!err)
		err = io_lab_set_record(record, e);
	if (!err && mount(SELF, path, "none", MS_BIND, NULL))
		err = denied(e, path);
	if (!err) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		err = denied(e, path);
	}
	io_netns_remove(path);
	return err;
}

void io_netns_remove(const char *path)
{
	umount2(path, MNT_DETACH);
	unlink(path);
}

static int take_alias(const struct nlmsghdr *message, void *ctx)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == IFLA_IFALIAS)
			snprintf(ctx, TM_LAB_RECORD, "%.*s", (int)mnl_attr_get_payload_len(attr),
				 (const char *)mnl_attr_get_payload(attr));
	}
	return MNL_CB_OK;
}

static void read_record(char record[TM_LAB_RECORD])
{
	char buffer[IO_NETLINK_REQUEST] = { 0 };
	struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *info;

	request->nlmsg_type = RTM_GETLINK;
	info = mnl_nlmsg_put_extra_header(request, sizeof(*info));
	info->ifi_index = (int)if_nametoindex("lo");
	io_netlink_ask(request, take_alias, record);
}

bool io_netns_ours(const char *path, const char *lab, char record[TM_LAB_RECORD])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), home = open(SELF, O_RDONLY | O_CLOEXEC);
	bool empty = false, ours = false;
	struct statfs fs;
	struct stat s;

	record[0] = '\0';
	if (fd >= 0 && home >= 0 && !fstatfs(fd, &fs) && !fstat(fd, &s)) {
		if (fs.f_type != NSFS_MAGIC)
			empty = S_ISREG(s.st_mode) && !s.st_size;
		else if (!setns(fd, CLONE_NEWNET)) {
			read_record(record);
			ours = !setns(home, CLONE_NEWNET) && tm_lab_recorded(record, lab);
		}
	}
	if (fd >= 0)
		close(fd);
	if (home >= 0)
		close(home);
	return empty || ours;
}
