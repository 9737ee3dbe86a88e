/* SPDX-License-Identifier: BSD-2-Clause */
#include "syn-trial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static uint16_t protocol_of(const struct tm_trial *t)
{
	return htons(t->family == PK_IPV4 ? PK_ETH_IPV4 : PK_ETH_IPV6);
}

static int refused(struct tm_error *e, int err, const char *what)
{
	if (err == -EPERM || err == -EACCES)
		return tm_error_code(e, -EPERM, "%s: not permitted: needs CAP_NET_RAW: run as root", what);
	return tm_error_code(e, err, "%s: %s", what, strerror(-err));
}

/* Only the SYN with that sequence number: a busy device would fill the socket else. */
static int filter(int fd, const struct tm_trial *t)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, tm_trial_l4(t) + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, t->sequence, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, TM_TRIAL_ROOM),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { sizeof(code) / sizeof(*code), code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/*
 * What leaves is shown to sockets for all protocols, behind tc. What comes in is shown to those before tc, and behind it
 * to sockets for its own protocol.
 */
int io_trial_tap(uint32_t ifindex, const struct tm_trial *t, bool leaving, struct tm_error *e)
{
	struct sockaddr_ll to = {
		.sll_family = AF_PACKET,
		.sll_protocol = leaving ? htons(0x0003) : protocol_of(t), /* ETH_P_ALL */
		.sll_ifindex = (int)ifindex,
	};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1, err = 0;

	if (fd < 0)
		return refused(e, -errno, "opening a packet socket");
	if (filter(fd, t) || setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err = refused(e, -errno, "listening on the device");
	if (err)
		close(fd);
	return err ? err : fd;
}

/* False: nothing that belongs here. */
static bool take(int tap, struct io_caught *caught)
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec bytes = { caught->frame.bytes, sizeof(caught->frame.bytes) };
	struct msghdr message = {
		.msg_iov = &bytes, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	ssize_t n = recvmsg(tap, &message, MSG_DONTWAIT);

	if (n < 0 || message.msg_flags & MSG_TRUNC)
		return false;
	caught->frame.len = n;
	caught->partial = false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		caught->partial = aux.tp_status & TP_STATUS_CSUMNOTREADY;
	}
	return true;
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

bool io_trial_wait(int tap, int milliseconds, struct io_caught *caught)
{
	int64_t end = now() + milliseconds, left;

	while ((left = end - now()) >= 0) {
		struct pollfd p = { .fd = tap, .events = POLLIN };

		if (poll(&p, 1, (int)left) > 0 && take(tap, caught))
			return true;
		if (p.revents & ~POLLIN) /* the device went down */
			return false;
	}
	return false;
}

int io_trial_send(uint32_t ifindex, const struct tm_trial *t, const struct tm_frame *frame, struct tm_error *e)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = protocol_of(t),
				  .sll_ifindex = (int)ifindex };
	struct virtio_net_hdr offload = {
		.flags = t->partial ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
		.csum_start = tm_trial_l4(t),
		.csum_offset = PK_TCP_CHECKSUM,
	};
	struct iovec parts[] = { { &offload, sizeof(offload) }, { (void *)frame->bytes, frame->len } };
	struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof(to), .msg_iov = parts, .msg_iovlen = 2 };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), one = 1, err = 0;

	if (fd < 0)
		return refused(e, -errno, "opening a packet socket");
	/* "No buffer space" is also what tc answers for what one of its programs drops: the tap will tell. */
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) ||
	    (sendmsg(fd, &message, 0) < 0 && errno != ENOBUFS))
		err = refused(e, -errno, "sending the SYN");
	close(fd);
	return err;
}
