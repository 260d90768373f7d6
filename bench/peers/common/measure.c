// A row's time: BATCHES batches of n iterations, back to back, each after a barrier. A batch counts as the mean of its
// slowest rank, the row as the median of its batches, so that one disturbance on a shared machine does not move it. n is
// chosen from growing trial batches so that all batches together take about ROW_S.

#include "peer.h"
#include "report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 5, MOST_ITERATIONS = 20000, PAGE = 4096 };
static const double ROW_S = 0.25, TRIAL_S = 0.005;

static char overdue[512];

static void end_overdue(int signal) {
    (void)signal;
    ssize_t ignored = write(STDERR_FILENO, overdue, strlen(overdue));
    (void)ignored;
    _exit(EXIT_WRONG);
}

void expect_within(int limit_s, const char *what) {
    alarm(0);
    snprintf(overdue, sizeof overdue, "%s: not done after %d s\n", what, limit_s);
    signal(SIGALRM, end_overdue);
    alarm((unsigned)limit_s);
}

static double now_s(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// Seconds per iteration of the slowest rank.
static double run_batch(const struct peer *peer, int iterations) {
    peer->barrier();
    double began = now_s();
    for (int i = 0; i < iterations; i++)
        peer->run();
    return peer->largest((now_s() - began) / iterations);
}

static int choose_iterations(const struct peer *peer) {
    int trial = 1;
    double seconds = run_batch(peer, trial);
    while (trial * seconds < TRIAL_S && trial < MOST_ITERATIONS) {
        trial *= 8;
        seconds = run_batch(peer, trial);
    }
    double fitting = ROW_S / BATCHES / seconds;
    return fitting < 1 ? 1 : fitting > MOST_ITERATIONS ? MOST_ITERATIONS : (int)fitting;
}

static int ascending(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

static void measure_row(const struct options *options, const struct peer *peer, const struct job *job, struct row *row) {
    row->wrong = -1;
    if (options->check) {
        fill_input(job);
        peer->run();
        row->wrong = (long)peer->total((double)count_wrong(job));
    }

    // Sums in place would grow without end: zeros stay zeros.
    memset(job->in, 0, job->elements * sizeof *job->in);
    memset(job->out, 0, job->elements * sizeof *job->out);
    for (int i = 0; i < options->warmup; i++)
        peer->run();
    int batches = options->iterations == 0 || options->iterations > BATCHES ? BATCHES : options->iterations;
    int iterations = options->iterations == 0 ? choose_iterations(peer) : (options->iterations + batches - 1) / batches;
    double seconds[BATCHES];
    for (int i = 0; i < batches; i++)
        seconds[i] = run_batch(peer, iterations);
    qsort(seconds, (size_t)batches, sizeof *seconds, ascending);
    row->seconds = (seconds[(batches - 1) / 2] + seconds[batches / 2]) / 2;
    row->iterations = batches * iterations;
}

// Rounds a size to whole blocks, at least one element each.
static void shape(struct job *job, size_t bytes) {
    size_t elements = bytes / sizeof(float), parts = collective_has_blocks(job->collective) ? (size_t)job->ranks : 1;
    job->block = elements / parts > 0 ? elements / parts : 1;
    job->elements = job->block * parts;
}

struct tally {
    int rows, failures; // failures: rows with wrong results
};

// The sizes of one collective, algorithm and placement.
static void measure_sizes(const struct options *options, const struct peer *peer, struct job *job, struct report *report,
    struct tally *tally) {
    size_t before = 0;
    for (size_t bytes = options->first_bytes; bytes <= options->last_bytes; bytes *= (size_t)options->factor) {
        shape(job, job->collective == BARRIER ? 0 : bytes);
        // Small sizes may round to the same.
        if (job->elements == before)
            continue;
        before = job->elements;
        char what[256];
        snprintf(what, sizeof what, "%s: rank %d of %d in %s (%s) of %zu bytes", options->program, job->rank, job->ranks,
            collective_name(job->collective), job->algorithm, job->elements * sizeof(float));
        expect_within(options->limit_s, what);
        if (!peer->prepare(job))
            return;
        struct row row = {.job = job, .bytes = job->collective == BARRIER ? 0 : job->elements * sizeof(float)};
        measure_row(options, peer, job, &row);
        peer->name_algorithm(job, row.algorithm, sizeof row.algorithm);
        peer->release();
        tally->rows++;
        tally->failures += row.wrong > 0;
        if (job->rank == ROOT)
            add_row(report, &row);
    }
}

static float *allocate(const struct options *options, const struct peer *peer) {
    void *memory = NULL;
    size_t bytes = options->last_bytes + (size_t)peer->ranks * sizeof(float);
    if (posix_memalign(&memory, PAGE, bytes) != 0) {
        fprintf(stderr, "%s: rank %d has no memory for a buffer of %zu bytes\n", options->program, peer->rank, bytes);
        exit(EXIT_ENVIRONMENT);
    }
    return memset(memory, 0, bytes);
}

int measure_all(const struct options *options, const struct peer *peer) {
    struct report *report = peer->rank == ROOT ? open_report(options, peer) : NULL;
    struct job job = {.rank = peer->rank, .ranks = peer->ranks, .in = allocate(options, peer), .out = allocate(options, peer)};
    struct tally tally = {0};
    for (int collective = 0; collective < COLLECTIVES; collective++) {
        if (!options->measure[collective])
            continue;
        job.collective = (enum collective)collective;
        for (const char *const *algorithm = peer->algorithms[collective]; *algorithm != NULL; algorithm++) {
            job.algorithm = *algorithm;
            for (int in_place = 0; in_place <= 1; in_place++) {
                job.in_place = in_place == 1;
                if (in_place ? options->in_place : options->out_of_place)
                    measure_sizes(options, peer, &job, report, &tally);
            }
        }
    }
    free(job.in);
    free(job.out);
    char what[256];
    snprintf(what, sizeof what, "%s: rank %d of %d in the barrier at the end", options->program, peer->rank, peer->ranks);
    expect_within(options->limit_s, what);
    peer->barrier();
    // A launcher may end the others when one fails: only the root, which has the rows, does.
    if (peer->rank != ROOT)
        return 0;
    close_report(report);
    if (tally.failures > 0)
        fprintf(stderr, "%s: %d of %d rows have wrong results\n", options->program, tally.failures, tally.rows);
    if (tally.rows == 0)
        fprintf(stderr, "%s: nothing to measure: %s offers none of this with --in-place %s\n", options->program, peer->library,
            options->in_place ? "yes" : "no");
    return tally.failures == 0 && tally.rows > 0 ? 0 : EXIT_WRONG;
}
