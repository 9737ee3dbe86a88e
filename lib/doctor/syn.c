/* SPDX-License-Identifier: BSD-2-Clause */
#include "syn.h"

#include <stdio.h>
#include <string.h>

#include "lib/finish.h"

/* What the SYN was: "out IPv4, checksum left to the device". */
static void describe(const struct tm_syn_facts *s, char *text, size_t size)
{
	snprintf(text, size, "%s %s%s", s->leaving ? "out" : "in", s->trial.family == PK_IPV4 ? "IPv4" : "IPv6",
		 s->trial.partial ? " with its checksum left to the device" : "");
}

/* What happened to it, for a sentence that begins with the SYN. */
static const char *way(enum tm_way w)
{
	switch (w) {
	case TM_SENT:
		return "sent, and seen behind the hook";
	case TM_PUT:
		return "put on the device's ingress, and seen behind the hook";
	case TM_FROM_PEER:
		return "sent by the peer, and seen behind the hook";
	case TM_CARRIED:
		return "put on the device's ingress, and seen leaving the other one";
	case TM_COUNTED:
		return "put on the device's ingress, which hands its frames to a bridge or bond";
	case TM_RUN:
		return "run in the attached program, not through the driver";
	}
	return "?";
}

static void lost(struct tm_findings *f, const struct tm_syn_facts *s, const char *what)
{
	if (s->way == TM_RUN) {
		tm_find(f, TM_FAULT, "syn", s->hook,
			"%s: the attached program does not let the SYN pass (it returned %u)", what, s->verdict);
		tm_advise(f, "another program on the same hook takes it: bpftool net show dev %s", s->device);
	} else if (s->counted) {
		tm_find(f, TM_FAULT, "syn", s->hook,
			"%s: the clamp saw the SYN, but it did not come out behind the hook", what);
		tm_advise(
			f,
			"something behind the clamp drops or redirects it: bpftool net show dev %s; tc filter show dev %s %s",
			s->device, s->device, s->leaving ? "egress" : "ingress");
	} else {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: the SYN never reached the clamp, nor came out behind it",
			what);
		tm_advise(
			f,
			"something in front of the clamp drops or redirects it: bpftool net show dev %s; tc filter show dev %s %s",
			s->device, s->device, s->leaving ? "egress" : "ingress");
	}
}

/*
 * Whether the TCP checksum is right. Where it is left to the device, as the kernel says, only the pseudo-header's sum is
 * there.
 */
static bool checksum_right(const struct tm_syn_facts *s)
{
	uint32_t at = tm_trial_l4(&s->trial) + PK_TCP_CHECKSUM;
	struct tm_frame whole = s->got;

	if (s->got_partial)
		return s->trial.partial && !memcmp(s->got.bytes + at, s->sent.bytes + at, 2);
	return tm_finish_checksum(s->trial.link, whole.bytes, whole.len) &&
	       !memcmp(whole.bytes + at, s->got.bytes + at, 2);
}

/* Whether all else is as the rules make it. */
static bool rest_right(const struct tm_syn_facts *s)
{
	uint32_t l4 = tm_trial_l4(&s->trial);
	struct tm_frame a = s->got, b = s->expected;

	if (a.len < b.len) /* more is padding */
		return false;
	memset(a.bytes + l4 + PK_TCP_CHECKSUM, 0, 2);
	memset(b.bytes + l4 + PK_TCP_CHECKSUM, 0, 2);
	if (s->by_route) { /* judged by itself */
		memset(a.bytes + l4 + PK_TCP_HEADER + 2, 0, 2);
		memset(b.bytes + l4 + PK_TCP_HEADER + 2, 0, 2);
	}
	return !memcmp(a.bytes, b.bytes, b.len);
}

static void judge_bytes(struct tm_findings *f, const struct tm_syn_facts *s, const char *what)
{
	uint16_t mss = tm_trial_mss(&s->trial, &s->got);

	if (mss == TM_TRIAL_MSS && (s->expected_mss != mss || s->by_route)) {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: the SYN came out unclamped", what);
		tm_advise(f,
			  s->counted ? "tcpmss stats %s tells why: reasons" :
				       "the clamp did not see it: tcpmss detach %s, and attach again",
			  s->hook);
	} else if (s->by_route ? mss > s->expected_mss : mss != s->expected_mss) {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: MSS %u came out, where the rules say %u", what, mss,
			s->expected_mss);
		tm_advise(f,
			  "another clamp on the same device may have changed it: tcpmss show; bpftool net show dev %s",
			  s->device);
	} else if (!checksum_right(s)) {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: MSS %u came out, with a wrong TCP checksum", what, mss);
		tm_advise(f, "nobody will take such a SYN: ethtool -K %s tx off, if a driver leaves checksums undone",
			  s->device);
	} else if (!rest_right(s)) {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: MSS %u came out, but other bytes changed, too", what, mss);
		tm_advise(f, "another program on the device rewrites packets: bpftool net show dev %s", s->device);
	} else if (!s->counted && s->way != TM_RUN) {
		tm_find(f, TM_FAULT, "syn", s->hook, "%s: MSS %u came out, but the hook did not count it", what, mss);
		tm_advise(f, "another clamp did it: tcpmss show; bpftool net show dev %s", s->device);
	} else {
		tm_find(f, TM_OK, "syn", s->hook, "%s: MSS %u went in, %u came out%s, checksum right%s (%s)", what,
			TM_TRIAL_MSS, mss, s->by_route && mss < s->expected_mss ? " by its route" : "",
			s->counted ? ", counted" : "", way(s->way));
	}
}

void tm_judge_syn(struct tm_findings *f, const struct tm_syn_facts *s)
{
	char what[64];

	describe(s, what, sizeof(what));
	if (s->way == TM_COUNTED && s->counted) {
		tm_find(f, TM_OK, "syn", s->hook, "%s: the clamp counted it (%s)", what, way(s->way));
		return;
	}
	if (!s->seen || (s->way == TM_RUN && !s->passed))
		lost(f, s, what);
	else
		judge_bytes(f, s, what);
}

static void name_them(const struct tm_attached *list, size_t count, char *text, size_t size)
{
	size_t used = 0;

	*text = 0;
	for (size_t i = 0; i < count && used < size; i++) {
		if (list[i].id)
			used += snprintf(text + used, size - used, "%s%s program %u%s%s", i ? ", " : "", list[i].kind,
					 list[i].id, *list[i].name ? " " : "", list[i].name);
		else
			used += snprintf(text + used, size - used, "%s%s filter%s%s", i ? ", " : "", list[i].kind,
					 *list[i].name ? " " : "", list[i].name);
	}
}

void tm_judge_order(struct tm_findings *f, const char *hook, const char *direction, const struct tm_attached *list,
		    size_t count, bool lost_one)
{
	size_t before = 0;
	char names[200];

	while (before < count && !list[before].ours)
		before++;
	name_them(list, before, names, sizeof(names));
	if (before == count) {
		tm_find(f, TM_FAULT, "order", hook, "%s: the clamp is not among the programs on the device%s%s",
			direction, count ? ", which are: " : "", names);
		tm_advise(f, "attach it again");
	} else if (!before) {
		tm_find(f, TM_OK, "order", hook, "%s: the clamp is the first program on the device", direction);
	} else if (lost_one) {
		tm_find(f, TM_FAULT, "order", hook, "%s: before the clamp comes %s, and the SYN got no further",
			direction, names);
		tm_advise(
			f,
			"let it pass TCP SYNs on, or detach it; a hook that is attached anew after tcpmss comes behind it");
	} else {
		tm_find(f, TM_WARNING, "order", hook,
			"%s: before the clamp comes %s: what it drops or redirects is never clamped", direction, names);
	}
}
