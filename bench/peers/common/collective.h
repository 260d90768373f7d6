// The collectives that are measured: their names, the data that goes in and what must come out.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum collective { ALLREDUCE, REDUCE_SCATTER, ALLGATHER, REDUCE, BROADCAST, GATHER, SCATTER, ALLTOALL, BARRIER, COLLECTIVES };

enum { ROOT = 0 };

// One operation to measure. Both buffers hold `elements` floats on every rank; a block is a rank's share of them.
// In place only `out` is used: it holds the input where the collective expects it.
struct job {
    enum collective collective;
    const char *algorithm;
    bool in_place;
    int rank, ranks;
    size_t elements, block;
    float *in, *out;
};

const char *collective_name(enum collective collective);

// COLLECTIVES when there is no such name.
enum collective collective_from_name(const char *name, size_t length);

// Whether every rank has a block of its own, so that the buffer is a multiple of the ranks.
bool collective_has_blocks(enum collective collective);

// What turns algbw into busbw, as nccl-tests defines it.
double collective_bus_factor(enum collective collective, int ranks);

// "sum" or "none".
const char *collective_op(enum collective collective);

// Puts this rank's contribution where the job expects it, and spoils the rest.
void fill_input(const struct job *job);

// The number of elements of this rank's result that are wrong after the job ran once on filled input.
size_t count_wrong(const struct job *job);

#ifdef __cplusplus
}
#endif
