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
