// MPI's collectives as jobs of the measurement.
#pragma once

#include "../common/peer.h"

// False for what MPI does not offer: a broadcast with two buffers, a barrier with one.
bool prepare_operation(const struct job *job);

// Runs the prepared job once.
void run_operation(void);
