// mpi-peer: the collectives of the MPI library that it was built for. Started by that library's mpirun; run.sh does it.

#include "../common/peer.h"
#include "algorithm.h"
#include "operations.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char program[] = "mpi-peer";
enum { FINALIZE_S = 15 };
static const char own_help[] =
    "\n"
    "It is one rank: its library's mpirun starts it, best by bench/peers/mpi/run.sh, which has options of its own.\n";

static void barrier(void) { MPI_Barrier(MPI_COMM_WORLD); }

static double combine(double value, MPI_Op op) {
    MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, op, MPI_COMM_WORLD);
    return value;
}
static double largest(double value) { return combine(value, MPI_MAX); }
static double total(double value) { return combine(value, MPI_SUM); }
static void release(void) {}

// "Open MPI 4.1.4" or "MPICH 4.0.2" of the long text that the library has for its version.
static void name_library(char *name, size_t size) {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length, numbers[3] = {0};
    MPI_Get_library_version(text, &length);
    if (sscanf(text, "Open MPI v%d.%d.%d", &numbers[0], &numbers[1], &numbers[2]) == 3)
        snprintf(name, size, "Open MPI %d.%d.%d", numbers[0], numbers[1], numbers[2]);
    else if (sscanf(text, "MPICH Version: %d.%d.%d", &numbers[0], &numbers[1], &numbers[2]) >= 2)
        snprintf(name, size, "MPICH %d.%d.%d", numbers[0], numbers[1], numbers[2]);
    else
        snprintf(name, size, "%.*s", (int)strcspn(text, ",\n\"\\"), text);
}

// Before MPI_Init only the launcher's variables tell the rank; without a launcher this is the only one.
static bool is_root(void) {
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    rank = rank != NULL ? rank : getenv("PMI_RANK");
    return rank == NULL || atoi(rank) == ROOT;
}

int main(int count, char **words) {
    struct options options = read_options(count, words, program, own_help, false, is_root());
    expect_within(options.limit_s, "mpi-peer: MPI_Init");
    MPI_Init(NULL, NULL);
    int rank, ranks;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    char library[128];
    name_library(library, sizeof library);
    if (options.ranks != 0 && options.ranks != ranks) {
        if (rank == ROOT)
            fprintf(stderr, "%s: %d ranks were asked for, but %s sees %d: start it with the mpirun of that library\n", program,
                options.ranks, library, ranks);
        exit(EXIT_ENVIRONMENT);
    }

    static const char *const only[] = {"default", NULL};
    struct peer peer = {.library = library, .rank = rank, .ranks = ranks, .barrier = barrier, .largest = largest, .total = total,
        .prepare = prepare_operation, .run = run_operation, .release = release, .name_algorithm = name_mpi_algorithm};
    for (int i = 0; i < COLLECTIVES; i++)
        peer.algorithms[i] = only;
    int code = measure_all(&options, &peer);
    // MPICH over several nodes hangs here now and then. The rows are written; only the launcher hears of a failure.
    char what[128];
    snprintf(what, sizeof what, "%s: the rows are complete, but rank %d of %d in MPI_Finalize", program, rank, ranks);
    expect_within(options.limit_s < FINALIZE_S ? options.limit_s : FINALIZE_S, what);
    MPI_Finalize();
    return code;
}
