#include "operations.h"

#include <mpi.h>

static struct job job;

bool prepare_operation(const struct job *wanted) {
    job = *wanted;
    return job.collective == BROADCAST ? job.in_place : job.collective != BARRIER || !job.in_place;
}

void run_operation(void) {
    const int elements = (int)job.elements, block = (int)job.block;
    const void *input = job.in_place ? MPI_IN_PLACE : job.in;
    // Collectives with a root have an "in place" only there; elsewhere the one buffer is the only one that counts.
    const bool root = job.rank == ROOT;
    const void *rooted_input = job.in_place && !root ? job.out : input;
    switch (job.collective) {
    case ALLREDUCE: MPI_Allreduce(input, job.out, elements, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD); break;
    case REDUCE_SCATTER: MPI_Reduce_scatter_block(input, job.out, block, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD); break;
    case ALLGATHER: MPI_Allgather(input, block, MPI_FLOAT, job.out, block, MPI_FLOAT, MPI_COMM_WORLD); break;
    case REDUCE: MPI_Reduce(rooted_input, root ? job.out : NULL, elements, MPI_FLOAT, MPI_SUM, ROOT, MPI_COMM_WORLD); break;
    case BROADCAST: MPI_Bcast(job.out, elements, MPI_FLOAT, ROOT, MPI_COMM_WORLD); break;
    case GATHER:
        MPI_Gather(rooted_input, block, MPI_FLOAT, root ? job.out : NULL, block, MPI_FLOAT, ROOT, MPI_COMM_WORLD);
        break;
    case SCATTER: {
        const void *blocks = !root ? NULL : job.in_place ? job.out : job.in;
        MPI_Scatter(blocks, block, MPI_FLOAT, job.in_place && root ? MPI_IN_PLACE : job.out, block, MPI_FLOAT, ROOT, MPI_COMM_WORLD);
        break;
    }
    case ALLTOALL: MPI_Alltoall(input, block, MPI_FLOAT, job.out, block, MPI_FLOAT, MPI_COMM_WORLD); break;
    case BARRIER: MPI_Barrier(MPI_COMM_WORLD); break;
    default: break;
    }
}
