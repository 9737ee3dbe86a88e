/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A window and its inserts are one gathered write: nothing moves in memory.
 */
#include "write.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECES 512

static int write_pieces(int fd, struct iovec *v, int n)
{
	while (n > 0) {
		ssize_t done = v->iov_len ? writev(fd, v, n) : 0;

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		if (done == 0 && v->iov_len)
			return -EIO;
		while (n > 0 && (size_t)done >= v->iov_len) {
			done -= v->iov_len;
			v++;
			n--;
		}
		if (n > 0) {
			v->iov_base = (char *)v->iov_base + done;
			v->iov_len -= done;
		}
	}
	return 0;
}

static int write_fixup(int fd, const struct io_fixup *f)
{
	ssize_t n;

	do
		n = pwrite(fd, f->bytes, sizeof(f->bytes), f->at);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == sizeof(f->bytes) ? 0 : -EIO;
}

int io_write_window(int fd, const struct io_window *w)
{
	struct iovec v[PIECES];
	size_t at = 0, i = 0;
	int n, error;

	do {
		for (n = 0; i < w->n_inserts && n < PIECES - 1; i++) {
			v[n++] = (struct iovec){ w->data + at, w->inserts[i].at - at };
			v[n++] = (struct iovec){ w->inserts[i].bytes, IO_GROWTH };
			at = w->inserts[i].at;
		}
		if (i == w->n_inserts && n < PIECES) {
			v[n++] = (struct iovec){ w->data + at, w->len - at };
			at = w->len;
		}
		error = write_pieces(fd, v, n);
	} while (!error && (i < w->n_inserts || at < w->len));
	if (!error && w->fixup.set)
		error = write_fixup(fd, &w->fixup);
	return error;
}
