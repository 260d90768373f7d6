// One rank of the benchmark: joins the others through files in a folder, then measures.
#pragma once

#include "../common/options.h"

#include <string>

// Measures as one of the ranks that share the `store` folder; returns the exit code. `algorithm` empty: gloo's default.
int run_rank(const struct options &options, const std::string &store, int rank, int ranks);
