// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * A source and sinks of packets, in XDP: the source makes the frames of a test run with live frames; one sink counts and drops
 * them, another what is sent back for them.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "tests/bench/traffic.h"

/* Set by user space; of IPv4 and of IPv6. */
struct traffic_template traffic_templates[2] = {};
__u32 traffic_device = 0;
__u32 traffic_under_way = 0; /* at most so many, 0: any number */
__u32 traffic_random = 0; /* a flood: no order in addresses, ports and numbers */
__u32 traffic_flows = 0; /* so many different connections, 0: any number */
__u16 traffic_expected[2][2] = {};

struct traffic_sunk traffic_sunk[2] = {};
struct traffic_answers traffic_answers[2] = {};
__u64 traffic_sent[2] = {};
__u32 traffic_count = 0;

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* Numbers of a segment that belongs to nobody: sequence, and what it acknowledges where it does. Their share of the checksum. */
static __always_inline __u32 write_numbers(__u8 *tcp)
{
	__u32 number = bpf_get_prandom_u32();
	__u32 sum = (number >> 16) + (number & 0xffff);

	*(__u32 *)(tcp + 4) = bpf_htonl(number);
	if (!(tcp[13] & 0x10))
		return sum;
	*(__u32 *)(tcp + 8) = bpf_htonl(number);
	return 2 * sum;
}

/*
 * Every frame is written anew: its page comes back as the last receiver left it. Source port and the end of the source
 * address change, so that the packets belong to different connections.
 */
static __always_inline void write_frame(__u8 *data, __u32 len, __u32 tcp_at, bool ipv4)
{
	const struct traffic_template *t = &traffic_templates[ipv4 ? 0 : 1];
	__u32 n = traffic_random ? bpf_get_prandom_u32() :
		  traffic_flows	 ? traffic_count++ % traffic_flows :
				   traffic_count++;
	__u16 port = 1024 + n % 64000, host = TRAFFIC_HOST + (traffic_random ? n >> 16 : n) % TRAFFIC_HOSTS;
	__u32 sum = t->tcp_sum + port + host;

	__builtin_memcpy(data, t->bytes, len);
	*(__u16 *)(data + (ipv4 ? 28 : 36)) = bpf_htons(host);
	*(__u16 *)(data + tcp_at) = bpf_htons(port);
	if (traffic_random)
		sum += write_numbers(data + tcp_at);
	*(__u16 *)(data + tcp_at + 16) = bpf_htons(~fold(sum));
	if (ipv4)
		*(__u16 *)(data + 24) = bpf_htons(~fold(t->ip_sum + host));
}

/* Several CPUs may be here at a time. */
static __always_inline void count(__u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

static __always_inline bool room(void)
{
	__u64 sent = traffic_sent[0] + traffic_sent[1];

	return !traffic_under_way || sent - traffic_sunk[0].packets - traffic_sunk[1].packets < traffic_under_way;
}

SEC("xdp")
int traffic_source(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;

	if (!room())
		return XDP_DROP;
	if (data + TRAFFIC_LEN6 <= data_end) {
		write_frame(data, TRAFFIC_LEN6, 54, false);
		count(&traffic_sent[1]);
	} else if (data + TRAFFIC_LEN4 <= data_end) {
		write_frame(data, TRAFFIC_LEN4, 34, true);
		count(&traffic_sent[0]);
	} else {
		return XDP_ABORTED;
	}
	return bpf_redirect(traffic_device, 0);
}

static __always_inline int sink(struct traffic_sunk *sunk, const __u16 expected[2], const __u8 *tcp)
{
	__u16 mss;

	if (tcp[13] & 2) {
		mss = tcp[22] << 8 | tcp[23]; /* its first option is the MSS */
		sunk->mss = mss;
		count(&sunk->syns);
		if (mss == expected[0])
			count(&sunk->expected[0]);
		else if (mss == expected[1])
			count(&sunk->expected[1]);
	}
	count(&sunk->packets);
	return XDP_DROP;
}

SEC("xdp")
int traffic_sink(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if ((void *)data + TRAFFIC_LEN4 > data_end)
		return XDP_PASS;
	if (*(__u16 *)(data + 12) == bpf_htons(0x0800) && data[23] == 6)
		return sink(&traffic_sunk[0], traffic_expected[0], data + 34);
	if ((void *)data + TRAFFIC_LEN6 <= data_end && *(__u16 *)(data + 12) == bpf_htons(0x86dd) && data[20] == 6)
		return sink(&traffic_sunk[1], traffic_expected[1], data + 54);
	return XDP_PASS;
}

/* Sent by the source, or sent to where it says it is. */
static __always_inline bool concerns_flood(const __u8 *src, const __u8 *dst)
{
	return (__u16)(bpf_ntohs(*(__u16 *)src) - TRAFFIC_HOST) < TRAFFIC_HOSTS ||
	       (__u16)(bpf_ntohs(*(__u16 *)dst) - TRAFFIC_HOST) < TRAFFIC_HOSTS;
}

static __always_inline int answer(struct traffic_answers *answers, __u8 flags)
{
	if (flags & 4)
		count(&answers->resets);
	else if ((flags & 0x12) == 0x12)
		count(&answers->syn_acks);
	else
		count(&answers->others);
	return XDP_DROP;
}

/* On the source's own device: takes what comes back for a flood, and nothing else. */
SEC("xdp")
int traffic_back(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;

	if ((void *)data + 54 > data_end)
		return XDP_PASS;
	if (*(__u16 *)(data + 12) == bpf_htons(0x0800) && data[14] == 0x45 && data[23] == 6 &&
	    concerns_flood(data + 28, data + 32))
		return answer(&traffic_answers[0], data[34 + 13]);
	if ((void *)data + 74 <= data_end && *(__u16 *)(data + 12) == bpf_htons(0x86dd) && data[20] == 6 &&
	    concerns_flood(data + 36, data + 52))
		return answer(&traffic_answers[1], data[54 + 13]);
	return XDP_PASS;
}

/* The least that can be done with a frame, and the least that sends it back. */
SEC("xdp")
int traffic_drop(struct xdp_md *ctx)
{
	return XDP_DROP;
}

static __always_inline bool turn(__u8 *data, const __u8 *data_end)
{
	__u8 mac[6];

	if (data + 12 > data_end)
		return false;
	__builtin_memcpy(mac, data, 6);
	__builtin_memcpy(data, data + 6, 6);
	__builtin_memcpy(data + 6, mac, 6);
	return true;
}

SEC("xdp")
int traffic_reflect(struct xdp_md *ctx)
{
	return turn((__u8 *)(long)ctx->data, (__u8 *)(long)ctx->data_end) ? XDP_TX : XDP_ABORTED;
}

SEC("tc")
int traffic_reflect_tc(struct __sk_buff *ctx)
{
	return turn((__u8 *)(long)ctx->data, (__u8 *)(long)ctx->data_end) ? bpf_redirect(ctx->ifindex, 0) : TC_ACT_SHOT;
}

/* What it costs to have any XDP program on an interface. */
SEC("xdp.frags")
int traffic_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char traffic_license[] SEC("license") = "Dual BSD/GPL";
