#include "collective.h"

#include <string.h>

static const struct {
    const char *name;
    bool blocks, reduces;
} kinds[COLLECTIVES] = {
    [ALLREDUCE] = {"allreduce", false, true}, [REDUCE_SCATTER] = {"reduce-scatter", true, true},
    [ALLGATHER] = {"allgather", true, false}, [REDUCE] = {"reduce", false, true},
    [BROADCAST] = {"broadcast", false, false}, [GATHER] = {"gather", true, false},
    [SCATTER] = {"scatter", true, false},     [ALLTOALL] = {"alltoall", true, false},
    [BARRIER] = {"barrier", false, false},
};

const char *collective_name(enum collective collective) { return kinds[collective].name; }

enum collective collective_from_name(const char *name, size_t length) {
    int found = 0;
    while (found < COLLECTIVES && !(strlen(kinds[found].name) == length && memcmp(kinds[found].name, name, length) == 0))
        found++;
    return (enum collective)found;
}

bool collective_has_blocks(enum collective collective) { return kinds[collective].blocks; }

const char *collective_op(enum collective collective) { return kinds[collective].reduces ? "sum" : "none"; }

double collective_bus_factor(enum collective collective, int ranks) {
    double others = (double)(ranks - 1) / ranks;
    switch (collective) {
    case ALLREDUCE: return 2 * others;
    case REDUCE:
    case BROADCAST: return 1;
    case BARRIER: return 0;
    default: return others;
    }
}

// Rank r's contribution is the sequence (i + STRIDE r) mod PERIOD: small whole numbers, whose sums floats hold exactly.
// An alltoall's blocks, and a scatter's, are parts of one sequence, so that a block in the wrong place shows.
enum { PERIOD = 31, STRIDE = 5 };
static const float spoiled = -1;

static float contribution(int rank, size_t index) { return (float)((index + (size_t)(STRIDE * rank)) % PERIOD); }

static void write_contribution(float *to, int rank, size_t first, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = contribution(rank, first + i);
}

static void spoil(float *to, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = spoiled;
}

void fill_input(const struct job *job) {
    size_t own = (size_t)job->rank * job->block;
    float *input = job->in_place ? job->out : job->in;
    spoil(job->in, job->elements);
    spoil(job->out, job->elements);
    switch (job->collective) {
    case ALLREDUCE:
    case REDUCE:
    case REDUCE_SCATTER:
    case ALLTOALL: write_contribution(input, job->rank, 0, job->elements); break;
    case BROADCAST:
    case SCATTER:
        if (job->rank == ROOT)
            write_contribution(input, ROOT, 0, job->elements);
        break;
    case ALLGATHER: write_contribution(job->in_place ? input + own : input, job->rank, 0, job->block); break;
    case GATHER: // only the root has a buffer in which its block has a place
        write_contribution(job->in_place && job->rank == ROOT ? input + own : input, job->rank, 0, job->block);
        break;
    default: break;
    }
}

static size_t differ_from_sum(const struct job *job, size_t first, size_t count) {
    float sums[PERIOD] = {0};
    for (size_t i = 0; i < PERIOD; i++)
        for (int rank = 0; rank < job->ranks; rank++)
            sums[i] += contribution(rank, i);
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += job->out[i] != sums[(first + i) % PERIOD];
    return wrong;
}

static size_t differ_from(const float *result, int rank, size_t first, size_t count) {
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++)
        wrong += result[i] != contribution(rank, first + i);
    return wrong;
}

size_t count_wrong(const struct job *job) {
    size_t own = (size_t)job->rank * job->block, wrong = 0;
    switch (job->collective) {
    case ALLREDUCE: return differ_from_sum(job, 0, job->elements);
    case REDUCE: return job->rank == ROOT ? differ_from_sum(job, 0, job->elements) : 0;
    case REDUCE_SCATTER: return differ_from_sum(job, own, job->block);
    case BROADCAST: return differ_from(job->out, ROOT, 0, job->elements);
    case SCATTER: // in place the root's block stays where it is
        return differ_from(job->in_place && job->rank == ROOT ? job->out + own : job->out, ROOT, own, job->block);
    case GATHER:
    case ALLGATHER:
        if (job->collective == GATHER && job->rank != ROOT)
            return 0;
        for (int rank = 0; rank < job->ranks; rank++)
            wrong += differ_from(job->out + (size_t)rank * job->block, rank, 0, job->block);
        return wrong;
    case ALLTOALL:
        for (int rank = 0; rank < job->ranks; rank++)
            wrong += differ_from(job->out + (size_t)rank * job->block, rank, own, job->block);
        return wrong;
    default: return 0;
    }
}
