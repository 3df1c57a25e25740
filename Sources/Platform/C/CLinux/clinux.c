#define _GNU_SOURCE
#include "clinux.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>

const short clinux_poll_peer_half_closed = POLLRDHUP;

int clinux_accept(int listener, void *address, unsigned *length) {
    return accept4(listener, address, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

void clinux_name_thread(const char *name) {
    (void)pthread_setname_np(pthread_self(), name);
}

int clinux_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

const unsigned clinux_readable = EPOLLIN;
const unsigned clinux_writable = EPOLLOUT;
const unsigned clinux_peer_closed = EPOLLRDHUP;
const unsigned clinux_failed = EPOLLERR;
const unsigned clinux_hung_up = EPOLLHUP;

int clinux_epoll(void) {
    return epoll_create1(EPOLL_CLOEXEC);
}

static int control(int epoll, int operation, int descriptor, unsigned events, unsigned long long token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int clinux_epoll_add(int epoll, int descriptor, unsigned events, unsigned long long token) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, events, token);
}

int clinux_epoll_change(int epoll, int descriptor, unsigned events, unsigned long long token) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, events, token);
}

int clinux_epoll_remove(int epoll, int descriptor) {
    return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

enum { events_max = 256 };

int clinux_epoll_wait(int epoll, unsigned *events, unsigned long long *tokens, int count, int milliseconds) {
    struct epoll_event ready[events_max];
    int found = epoll_wait(epoll, ready, count < events_max ? count : events_max, milliseconds);
    for (int i = 0; i < found; i++) {
        events[i] = ready[i].events;
        tokens[i] = ready[i].data.u64;
    }
    return found;
}

int clinux_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int clinux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

long clinux_send(int descriptor, const void *bytes, unsigned long count) {
    return send(descriptor, bytes, count, MSG_NOSIGNAL);
}
