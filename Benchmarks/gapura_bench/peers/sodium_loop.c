/* libsodium's own loop: verifies one password on some threads for some seconds. Prints verifications per second and
   how many milliseconds of processor time each took.
   Usage: sodium_loop HASH PASSWORD THREADS SECONDS */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *hash, *password;
static double end;

static double read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *verify(void *unused) {
    (void)unused;
    long count = 0;
    while (read_clock(CLOCK_MONOTONIC) < end) {
        if (crypto_pwhash_str_verify(hash, password, strlen(password)) != 0) return (void *)-1L;
        count++;
    }
    return (void *)count;
}

int main(int argc, char **argv) {
    if (argc != 5 || sodium_init() < 0) return 2;
    hash = argv[1];
    password = argv[2];
    int threads = atoi(argv[3]);
    if (threads < 1 || threads > 256) return 2;
    double start = read_clock(CLOCK_MONOTONIC);
    end = start + atof(argv[4]);
    pthread_t thread[256];
    for (int i = 0; i < threads; i++)
        if (pthread_create(&thread[i], NULL, verify, NULL) != 0) return 1;
    long total = 0;
    for (int i = 0; i < threads; i++) {
        void *count;
        pthread_join(thread[i], &count);
        if ((long)count < 0) return 1;
        total += (long)count;
    }
    if (total == 0) return 1;
    double seconds = read_clock(CLOCK_MONOTONIC) - start;
    printf("%.3f %.4f\n", (double)total / seconds, read_clock(CLOCK_PROCESS_CPUTIME_ID) * 1000 / (double)total);
    return 0;
}
