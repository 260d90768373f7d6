// What a library brings so that it can be measured, and the measurement.
#pragma once

#include "options.h"

#ifdef __cplusplus
extern "C" {
#endif

struct peer {
    const char *library; // name and version
    int rank, ranks;
    const char *const *algorithms[COLLECTIVES]; // of each collective, up to NULL

    void (*barrier)(void);
    double (*largest)(double value); // over the ranks; every rank gets it
    double (*total)(double value);

    // Makes the job ready to run any number of times; false if the library does not offer it.
    bool (*prepare)(const struct job *job);
    void (*run)(void);
    void (*release)(void);

    // What ran, for the row: not always what the job asked for.
    void (*name_algorithm)(const struct job *job, char *name, size_t size);
};

// Measures all rows; returns the exit code. Every rank calls it.
int measure_all(const struct options *options, const struct peer *peer);

// From here on this process ends with a sentence that names `what`, unless the next call comes in time.
void expect_within(int limit_s, const char *what);

#ifdef __cplusplus
}
#endif
