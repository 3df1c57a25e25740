#pragma once

/* What the Glibc module of Swift lacks. No system header is included here: Swift would then take this module for
 * the one that defines its types. */

/* poll(2): the peer sends no more, but may still read. */
extern const short clinux_poll_peer_half_closed;

/* accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK. `address` is a sockaddr of `*length` bytes.
 * Returns the descriptor, or -1 with errno. */
int clinux_accept(int listener, void *address, unsigned *length);

/* Names the calling thread: at most 15 bytes. */
void clinux_name_thread(const char *name);

/* prctl(2) with PR_SET_DUMPABLE 0: no core file, and /proc/<pid>/environ and mem are for root only.
 * Returns 0, or -1 with errno. */
int clinux_forbid_dumps(void);

/* epoll(7), level-triggered. What to wait for, and what came. */
extern const unsigned clinux_readable;
extern const unsigned clinux_writable;
/* The peer sends no more. */
extern const unsigned clinux_peer_closed;
/* Both come unasked: the connection failed, or is over in both directions. */
extern const unsigned clinux_failed;
extern const unsigned clinux_hung_up;

/* Returns the descriptor, or -1 with errno. */
int clinux_epoll(void);

/* Each returns 0, or -1 with errno. `token` comes back with the events of this descriptor. */
int clinux_epoll_add(int epoll, int descriptor, unsigned events, unsigned long long token);
int clinux_epoll_change(int epoll, int descriptor, unsigned events, unsigned long long token);
int clinux_epoll_remove(int epoll, int descriptor);

/* Waits for at most `count` (256 or fewer) descriptors, for `milliseconds` or, if that is negative, without end.
 * Returns how many of both arrays were filled, or -1 with errno. */
int clinux_epoll_wait(int epoll, unsigned *events, unsigned long long *tokens, int count, int milliseconds);

/* eventfd(2), close-on-exec and non-blocking. Returns the descriptor, or -1 with errno. */
int clinux_eventfd(void);

/* socket(2) for a stream, close-on-exec and non-blocking. Returns the descriptor, or -1 with errno. */
int clinux_stream_socket(int family);

/* send(2) without SIGPIPE. */
long clinux_send(int descriptor, const void *bytes, unsigned long count);
