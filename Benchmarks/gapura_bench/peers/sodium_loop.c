/* libsodium's own loop: verifies one password on some threads for some seconds and prints verifications per second.
   Usage: sodium_loop HASH PASSWORD THREADS SECONDS */
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *hash, *password;
static double end;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void *verify(void *unused) {
    (void)unused;
    long count = 0;
    while (now() < end) {
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
    double start = now();
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
    printf("%.3f\n", (double)total / (now() - start));
    return 0;
}
