// Which algorithm a job really runs, as far as the library tells.
#pragma once

#include "../common/peer.h"

// "openmpi-ring" where Open MPI was told to use its ring and does; "openmpi-default" or "mpich-default" where the library
// decides by itself, which it does not report.
void name_mpi_algorithm(const struct job *job, char *name, size_t size);
