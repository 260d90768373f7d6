// The command line that all peers share.
#pragma once

#include "collective.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 4, EXIT_IO = 5 };

struct options {
    const char *program;
    size_t first_bytes, last_bytes; // of a rank's larger buffer
    int factor;
    int iterations; // 0: as many as the size needs
    int warmup;
    int ranks; // 0: not named
    bool measure[COLLECTIVES];
    bool out_of_place, in_place;
    bool check;
    int limit_s;
    const char *algorithm; // NULL: not named
    const char *json;      // NULL: no file
    const char *store, *interface; // only gloo's
};

// Reads the command line. Prints the help and ends, or ends with a sentence, where that is called for; only a rank that
// `speaks` prints. `own_help` stands between the shared options and the exit codes; `accepts_own` says whether the
// options that only gloo's peer has are options here.
struct options read_options(int count, char **words, const char *program, const char *own_help, bool accepts_own, bool speaks);

#ifdef __cplusplus
}
#endif
