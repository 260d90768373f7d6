// Where rows go: a table on standard output and, if asked for, a JSON file.
#pragma once

#include "peer.h"

struct row {
    const struct job *job;
    char algorithm[64];
    size_t bytes;
    int iterations;
    double seconds;
    long wrong; // over all ranks; -1: not checked
};

struct report;

// Prints the head. Ends the program with a sentence when the file cannot be written.
struct report *open_report(const struct options *options, const struct peer *peer);
void add_row(struct report *report, const struct row *row);
void close_report(struct report *report);
