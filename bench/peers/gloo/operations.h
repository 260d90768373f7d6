// Gloo's collectives as jobs of the measurement.
#pragma once

#include "../common/peer.h"

#include <functional>
#include <gloo/context.h>
#include <memory>
#include <string>

// Whether gloo has such an algorithm of the collective.
bool has_algorithm(enum collective collective, const std::string &name);

// The names that may be asked for, for messages.
std::string algorithm_names();

// What runs the job any number of times, with all that can be made beforehand made: options and buffers are used again.
// Empty if gloo does not offer the job: a collective or an algorithm that works only with one buffer, or only with two.
std::function<void()> make_operation(const std::shared_ptr<gloo::Context> &context, const struct job &job);

// All algorithms of each collective, up to a null pointer; the first is gloo's default.
extern const char *const *const all_algorithms[COLLECTIVES];
