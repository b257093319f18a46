// delay MS QUEUE: holds each packet that a firewall rule put into netfilter queue QUEUE for MS milliseconds, then lets it
// go, in order. It stands in for netem where the kernel has none. Prints "ready", then runs until it gets a signal.
//
// Only packet ids come to user space, and large segments stay whole, so a core carries some hundred MB/s. Packets are
// looked for every two milliseconds only, and held as much less: waking for each took a third of a machine with two cores.
// Messages: linux/netfilter/nfnetlink_queue.h.
#define _GNU_SOURCE // ppoll
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// A power of two; the kernel is told to queue fewer.
#define PACKETS_MAX 32768
#define IDLE_NS 1000000000LL
#define TICK_NS 2000000LL

struct packet {
    uint32_t id;
    int64_t due;
};

struct message {
    union {
        struct nlmsghdr header;
        char bytes[256];
    };
};

static struct packet packets[PACKETS_MAX];
static uint32_t first, end; // of the packets held; they count on and on
static char received[1 << 18];
static int link_fd;
static uint16_t queue;

static void fail(const char *what) {
    fprintf(stderr, "delay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void begin(struct message *message, int type, int flags) {
    memset(message, 0, sizeof *message);
    message->header.nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg));
    message->header.nlmsg_type = (NFNL_SUBSYS_QUEUE << 8) | type;
    message->header.nlmsg_flags = NLM_F_REQUEST | flags;
    struct nfgenmsg *body = NLMSG_DATA(&message->header);
    body->nfgen_family = AF_UNSPEC;
    body->version = NFNETLINK_V0;
    body->res_id = htons(queue);
}

static void add(struct message *message, int type, const void *value, size_t length) {
    char *at = message->bytes + NLMSG_ALIGN(message->header.nlmsg_len);
    struct nlattr attribute = {.nla_len = NLA_HDRLEN + length, .nla_type = type};
    memcpy(at, &attribute, sizeof attribute);
    memcpy(at + NLA_HDRLEN, value, length);
    message->header.nlmsg_len = NLMSG_ALIGN(message->header.nlmsg_len) + NLA_ALIGN(attribute.nla_len);
}

static void transmit(struct message *message) {
    if (send(link_fd, message->bytes, message->header.nlmsg_len, 0) < 0) fail("send");
}

static void configure(struct message *message, const char *what) {
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;
    transmit(message);
    if (recv(link_fd, &answer, sizeof answer, 0) < 0) fail(what);
    errno = answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : 0;
    if (errno != 0) fail(what);
}

static void open_queue(void) {
    struct message message;
    int yes = 1, buffer = 8 << 20;
    link_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    if (link_fd < 0 || connect(link_fd, (struct sockaddr *)&kernel, sizeof kernel) != 0) fail("netlink");
    setsockopt(link_fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(link_fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof yes);

    struct nfqnl_msg_config_cmd bind = {.command = NFQNL_CFG_CMD_BIND};
    begin(&message, NFQNL_MSG_CONFIG, NLM_F_ACK);
    add(&message, NFQA_CFG_CMD, &bind, sizeof bind);
    configure(&message, "bind to the queue");

    struct nfqnl_msg_config_params params = {.copy_range = 0, .copy_mode = NFQNL_COPY_META};
    uint32_t length = htonl(PACKETS_MAX - 1), flags = htonl(NFQA_CFG_F_GSO | NFQA_CFG_F_FAIL_OPEN);
    begin(&message, NFQNL_MSG_CONFIG, NLM_F_ACK);
    add(&message, NFQA_CFG_PARAMS, &params, sizeof params);
    add(&message, NFQA_CFG_QUEUE_MAXLEN, &length, sizeof length);
    add(&message, NFQA_CFG_FLAGS, &flags, sizeof flags);
    add(&message, NFQA_CFG_MASK, &flags, sizeof flags);
    configure(&message, "set up the queue");
}

static void hold(const struct nlmsghdr *header, int64_t due) {
    const char *at = (const char *)NLMSG_DATA(header) + NLMSG_ALIGN(sizeof(struct nfgenmsg));
    const char *stop = (const char *)header + header->nlmsg_len;
    while (at + NLA_HDRLEN <= stop) {
        const struct nlattr *attribute = (const void *)at;
        if ((attribute->nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR) {
            const struct nfqnl_msg_packet_hdr *packet = (const void *)(at + NLA_HDRLEN);
            packets[end++ % PACKETS_MAX] = (struct packet){.id = ntohl(packet->packet_id), .due = due};
            return;
        }
        if (attribute->nla_len < NLA_HDRLEN) return;
        at += NLA_ALIGN(attribute->nla_len);
    }
}

static void read_all(int64_t delay) {
    ssize_t length;
    while ((length = recv(link_fd, received, sizeof received, MSG_DONTWAIT)) > 0) {
        int64_t due = now() + delay;
        int left = (int)length;
        for (struct nlmsghdr *header = (void *)received; NLMSG_OK(header, (unsigned)left); header = NLMSG_NEXT(header, left)) {
            if (header->nlmsg_type == ((NFNL_SUBSYS_QUEUE << 8) | NFQNL_MSG_PACKET)) hold(header, due);
        }
    }
}

// Ids grow, and one verdict lets go all up to its id.
static void release(int64_t time) {
    uint32_t id = 0;
    int any = 0;
    for (; first != end && packets[first % PACKETS_MAX].due <= time; first++, any = 1) id = packets[first % PACKETS_MAX].id;
    if (!any) return;
    struct nfqnl_msg_verdict_hdr verdict = {.verdict = htonl(NF_ACCEPT), .id = htonl(id)};
    struct message message;
    begin(&message, NFQNL_MSG_VERDICT_BATCH, 0);
    add(&message, NFQA_VERDICT_HDR, &verdict, sizeof verdict);
    transmit(&message);
}

int main(int count, char **arguments) {
    double ms = count == 3 ? atof(arguments[1]) : 0;
    if (ms <= 0 || ms > 10000) {
        fprintf(stderr, "usage: delay MS QUEUE, 0 < MS <= 10000\n");
        return 2;
    }
    queue = (uint16_t)atoi(arguments[2]);
    open_queue();
    puts("ready");
    fflush(stdout);
    int64_t delay = (int64_t)(ms * 1e6) - TICK_NS;
    for (;;) {
        struct timespec tick = {0, TICK_NS}, idle = {IDLE_NS / 1000000000LL, 0};
        struct pollfd poll = {.fd = link_fd, .events = POLLIN};
        if (first == end) ppoll(&poll, 1, &idle, NULL);
        nanosleep(&tick, NULL);
        read_all(delay > 0 ? delay : 0);
        release(now());
    }
}
