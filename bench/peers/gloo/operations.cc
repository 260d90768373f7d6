#include "operations.h"

#include <algorithm>
#include <gloo/allgather.h>
#include <gloo/allreduce.h>
#include <gloo/allreduce_halving_doubling.h>
#include <gloo/allreduce_ring_chunked.h>
#include <gloo/alltoall.h>
#include <gloo/barrier.h>
#include <gloo/broadcast.h>
#include <gloo/gather.h>
#include <gloo/math.h>
#include <gloo/reduce.h>
#include <gloo/reduce_scatter.h>
#include <gloo/scatter.h>
#include <vector>

namespace {

using Context = std::shared_ptr<gloo::Context>;
using Operation = std::function<void()>;

// Each as gloo's sources describe it; where gloo has only one, its name here says what that one is.
const char *const allreduce_names[] = {"ring", "halving-doubling", "ring-chunked", "bcube", nullptr};
const char *const reduce_scatter_names[] = {"halving-doubling", nullptr};
const char *const ring_names[] = {"ring", nullptr};
const char *const tree_names[] = {"binomial-tree", nullptr};
const char *const linear_names[] = {"linear", nullptr};
const char *const barrier_names[] = {"dissemination", nullptr};

// Wraps a function of gloo and its options, which are made once.
template <typename Options> Operation repeat(void (*collective)(Options &), std::shared_ptr<Options> options) {
    return [collective, options] { collective(*options); };
}

Operation make_allreduce(const Context &context, const job &job) {
    const std::string algorithm = job.algorithm;
    if (algorithm == "ring" || algorithm == "bcube") {
        auto options = std::make_shared<gloo::AllreduceOptions>(context);
        options->setAlgorithm(algorithm == "ring" ? gloo::AllreduceOptions::Algorithm::RING : gloo::AllreduceOptions::Algorithm::BCUBE);
        options->setReduceFunction(static_cast<void (*)(void *, const void *, const void *, size_t)>(&gloo::sum<float>));
        if (!job.in_place)
            options->setInput(job.in, job.elements);
        options->setOutput(job.out, job.elements);
        return [options] { gloo::allreduce(*options); };
    }

    // The older classes have one buffer.
    if (!job.in_place)
        return {};
    const std::vector<float *> buffers = {job.out};
    const int count = static_cast<int>(job.elements);
    std::shared_ptr<gloo::Algorithm> older;
    if (algorithm == "halving-doubling")
        older = std::make_shared<gloo::AllreduceHalvingDoubling<float>>(context, buffers, count);
    else
        older = std::make_shared<gloo::AllreduceRingChunked<float>>(context, buffers, count);
    return [older] { older->run(); };
}

Operation make_reduce_scatter(const Context &context, const job &job) {
    if (!job.in_place)
        return {};
    const std::vector<int> blocks(static_cast<size_t>(job.ranks), static_cast<int>(job.block));
    auto older = std::make_shared<gloo::ReduceScatterHalvingDoubling<float>>(
        context, std::vector<float *>{job.out}, static_cast<int>(job.elements), blocks);
    return [older] { older->run(); };
}

Operation make_allgather(const Context &context, const job &job) {
    auto options = std::make_shared<gloo::AllgatherOptions>(context);
    if (!job.in_place)
        options->setInput(job.in, job.block);
    options->setOutput(job.out, job.elements);
    return repeat(&gloo::allgather, options);
}

Operation make_reduce(const Context &context, const job &job) {
    auto options = std::make_shared<gloo::ReduceOptions>(context);
    options->setRoot(ROOT);
    options->setReduceFunction(static_cast<void (*)(void *, const void *, const void *, size_t)>(&gloo::sum<float>));
    if (!job.in_place)
        options->setInput(job.in, job.elements);
    options->setOutput(job.out, job.elements);
    return repeat(&gloo::reduce, options);
}

Operation make_broadcast(const Context &context, const job &job) {
    auto options = std::make_shared<gloo::BroadcastOptions>(context);
    options->setRoot(ROOT);
    if (!job.in_place && job.rank == ROOT)
        options->setInput(job.in, job.elements);
    options->setOutput(job.out, job.elements);
    return repeat(&gloo::broadcast, options);
}

Operation make_gather(const Context &context, const job &job) {
    if (job.in_place)
        return {};
    auto options = std::make_shared<gloo::GatherOptions>(context);
    options->setRoot(ROOT);
    options->setInput(job.in, job.block);
    if (job.rank == ROOT)
        options->setOutput(job.out, job.elements);
    return repeat(&gloo::gather, options);
}

Operation make_scatter(const Context &context, const job &job) {
    if (job.in_place)
        return {};
    auto options = std::make_shared<gloo::ScatterOptions>(context);
    options->setRoot(ROOT);
    if (job.rank == ROOT) {
        std::vector<float *> blocks;
        for (int rank = 0; rank < job.ranks; rank++)
            blocks.push_back(job.in + static_cast<size_t>(rank) * job.block);
        options->setInputs(blocks, job.block);
    }
    options->setOutput(job.out, job.block);
    return repeat(&gloo::scatter, options);
}

Operation make_alltoall(const Context &context, const job &job) {
    if (job.in_place)
        return {};
    auto options = std::make_shared<gloo::AlltoallOptions>(context);
    options->setInput(job.in, job.elements);
    options->setOutput(job.out, job.elements);
    return repeat(&gloo::alltoall, options);
}

Operation make_barrier(const Context &context, const job &job) {
    if (job.in_place)
        return {};
    return repeat(&gloo::barrier, std::make_shared<gloo::BarrierOptions>(context));
}

} // namespace

const char *const *const all_algorithms[COLLECTIVES] = {allreduce_names, reduce_scatter_names, ring_names, ring_names, tree_names,
    linear_names, linear_names, linear_names, barrier_names};

bool has_algorithm(enum collective collective, const std::string &name) {
    for (const char *const *known = all_algorithms[collective]; *known != nullptr; known++)
        if (name == *known)
            return true;
    return false;
}

std::string algorithm_names() {
    std::string names;
    for (int collective = 0; collective < COLLECTIVES; collective++) {
        names += (collective == 0 ? "" : "; ") + std::string(collective_name(static_cast<enum collective>(collective))) + ":";
        for (const char *const *known = all_algorithms[collective]; *known != nullptr; known++)
            names += " " + std::string(*known);
    }
    return names;
}

std::function<void()> make_operation(const Context &context, const struct job &job) {
    switch (job.collective) {
    case ALLREDUCE: return make_allreduce(context, job);
    case REDUCE_SCATTER: return make_reduce_scatter(context, job);
    case ALLGATHER: return make_allgather(context, job);
    case REDUCE: return make_reduce(context, job);
    case BROADCAST: return make_broadcast(context, job);
    case GATHER: return make_gather(context, job);
    case SCATTER: return make_scatter(context, job);
    case ALLTOALL: return make_alltoall(context, job);
    case BARRIER: return make_barrier(context, job);
    default: return {};
    }
}
