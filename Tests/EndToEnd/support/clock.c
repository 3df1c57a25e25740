// Loaded before a program (LD_PRELOAD), it moves the time of day by CLOCK_OFFSET seconds. Durations stay as they are,
// and so do deadlines, which are given by that time and are moved back for the kernel.
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t offset(void) {
    static _Atomic long cached;
    static _Atomic int is_known;
    if (!is_known) {
        const char *text = getenv("CLOCK_OFFSET");
        cached = text ? atol(text) : 0;
        is_known = 1;
    }
    return cached;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += offset();
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec precise;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *copy) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (copy) *copy = now.tv_sec;
    return now.tv_sec;
}

static struct timespec moved_back(const struct timespec *deadline) {
    return (struct timespec){deadline->tv_sec - offset(), deadline->tv_nsec};
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict lock, const struct timespec *restrict deadline
) {
    struct timespec moved = moved_back(deadline);
    return pthread_cond_clockwait(condition, lock, CLOCK_REALTIME, &moved);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
    struct timespec moved = moved_back(deadline);
    return sem_clockwait(semaphore, CLOCK_REALTIME, &moved);
}
