// Open MPI's `tuned` component can be told to use one algorithm (coll_tuned_use_dynamic_rules and, for an allreduce,
// coll_tuned_allreduce_algorithm). The library's own variables are asked, by MPI_T, so that the row does not depend on what
// a script meant to set. Some algorithms then hand over to another one, without a word, where they do not fit: the table
// below has those that the sources of Open MPI 4.1 name, in the order in which they can follow each other.

#include "algorithm.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

#ifdef OPEN_MPI

// The collectives' names in the variables.
static const char *const tuned_names[COLLECTIVES] = {"allreduce", "reduce_scatter_block", "allgather", "reduce", "bcast", "gather",
    "scatter", "alltoall", "barrier"};

// The value of one of the library's variables; -1 if it has none of that name. `label` becomes the name of the value.
static int read_variable(const char *name, char *label, int size) {
    int index, items, verbosity, binding, scope, count, value = 0; // a truth value fills only its first byte
    MPI_Datatype type;
    MPI_T_enum values;
    MPI_T_cvar_handle handle;
    if (MPI_T_cvar_get_index(name, &index) != MPI_SUCCESS ||
        MPI_T_cvar_get_info(index, NULL, NULL, &verbosity, &type, &values, NULL, NULL, &binding, &scope) != MPI_SUCCESS ||
        MPI_T_cvar_handle_alloc(index, NULL, &handle, &count) != MPI_SUCCESS)
        return -1;
    bool known = MPI_T_cvar_read(handle, &value) == MPI_SUCCESS;
    MPI_T_cvar_handle_free(&handle);
    if (!known)
        return -1;
    if (label == NULL || MPI_T_enum_get_info(values, &items, NULL, NULL) != MPI_SUCCESS)
        return value;
    for (int item = 0; item < items; item++) {
        int number, length = size;
        if (MPI_T_enum_get_item(values, item, &number, label, &length) == MPI_SUCCESS && number == value)
            return value;
    }
    snprintf(label, (size_t)size, "%d", value);
    return value;
}

static bool fewer_elements_than_ranks(const struct job *job) { return job->elements < (size_t)job->ranks; }
static bool fewer_elements_than_power(const struct job *job) {
    size_t power = 1;
    while (power * 2 <= (size_t)job->ranks)
        power *= 2;
    return power < 2 || job->elements < power;
}
static bool nothing_to_segment(const struct job *job) {
    int bytes = read_variable("coll_tuned_allreduce_algorithm_segmentsize", NULL, 0);
    size_t segment = bytes < (int)sizeof(float) ? job->elements : (size_t)bytes / sizeof(float);
    return job->elements < (size_t)job->ranks * segment;
}
static bool odd(const struct job *job) { return job->ranks % 2 != 0; }
static bool not_a_power(const struct job *job) { return (job->ranks & (job->ranks - 1)) != 0; }

static const struct {
    enum collective collective;
    const char *asked;
    bool (*hands_over)(const struct job *job);
    const char *runs;
} successors[] = {
    {ALLREDUCE, "segmented_ring", nothing_to_segment, "ring"},
    {ALLREDUCE, "ring", fewer_elements_than_ranks, "recursive_doubling"},
    {ALLREDUCE, "rabenseifner", fewer_elements_than_power, "basic_linear"},
    {ALLGATHER, "recursive_doubling", not_a_power, "bruck"},
    {ALLGATHER, "neighbor", odd, "ring"},
    {BROADCAST, "scatter_allgather", fewer_elements_than_ranks, "basic_linear"},
    {BROADCAST, "scatter_allgather_ring", fewer_elements_than_ranks, "basic_linear"},
    {REDUCE, "rabenseifner", fewer_elements_than_power, "linear"},
};

void name_mpi_algorithm(const struct job *job, char *name, size_t size) {
    char variable[96], algorithm[48] = "default";
    int level;
    MPI_T_init_thread(MPI_THREAD_SINGLE, &level);
    snprintf(variable, sizeof variable, "coll_tuned_%s_algorithm", tuned_names[job->collective]);
    if (read_variable("coll_tuned_use_dynamic_rules", NULL, 0) == 1 && read_variable(variable, algorithm, sizeof algorithm) <= 0)
        snprintf(algorithm, sizeof algorithm, "default");
    for (size_t i = 0; i < sizeof successors / sizeof *successors; i++)
        if (successors[i].collective == job->collective && strcmp(successors[i].asked, algorithm) == 0 && successors[i].hands_over(job))
            snprintf(algorithm, sizeof algorithm, "%s", successors[i].runs);
    MPI_T_finalize();
    for (char *c = algorithm; *c != '\0'; c++)
        *c = *c == '_' ? '-' : *c;
    snprintf(name, size, "openmpi-%s", algorithm);
}

#else

void name_mpi_algorithm(const struct job *job, char *name, size_t size) {
    (void)job;
    snprintf(name, size, "mpich-default");
}

#endif
