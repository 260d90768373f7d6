#include "rank.h"
#include "operations.h"

#include <chrono>
#include <cstdio>
#include <cstring>
#include <gloo/allreduce.h>
#include <gloo/barrier.h>
#include <gloo/config.h>
#include <gloo/math.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/file_store.h>
#include <gloo/transport/tcp/device.h>
#include <unistd.h>

namespace {

std::shared_ptr<gloo::Context> s_context;
std::function<void()> s_operation;
struct options s_options;
int s_rank;

// The measurement is C: an exception must not pass through it.
template <typename Body> void or_end(Body body) {
    try {
        body();
    } catch (const std::exception &error) {
        fprintf(stderr, "%s: rank %d: %s\n", s_options.program, s_rank, error.what());
        _exit(EXIT_WRONG);
    }
}

double combine(double value, void (*function)(void *, const void *, const void *, size_t)) {
    or_end([&] {
        gloo::AllreduceOptions options(s_context);
        options.setOutput(&value, 1);
        options.setReduceFunction(function);
        gloo::allreduce(options);
    });
    return value;
}

void wait_for_all() {
    or_end([] {
        gloo::BarrierOptions options(s_context);
        gloo::barrier(options);
    });
}

bool prepare(const struct job *job) {
    or_end([&] { s_operation = make_operation(s_context, *job); });
    return static_cast<bool>(s_operation);
}

void connect(const struct options &options, const std::string &store, int ranks) {
    gloo::transport::tcp::attr where("127.0.0.1");
    if (options.interface != nullptr) {
        where.hostname.clear();
        where.iface = options.interface;
    }
    auto device = gloo::transport::tcp::CreateDevice(where);
    auto context = std::make_shared<gloo::rendezvous::Context>(s_rank, ranks);
    // The bound on a row speaks first: it says which row.
    context->setTimeout(std::chrono::seconds(options.limit_s + 5));
    gloo::rendezvous::FileStore files(store);
    context->connectFullMesh(files, device);
    s_context = context;
}

} // namespace

int run_rank(const struct options &options, const std::string &store, int rank, int ranks) {
    s_options = options;
    s_rank = rank;
    const std::string joining = std::string(options.program) + ": rank " + std::to_string(rank) + " of " +
        std::to_string(ranks) + " connecting to the others through " + store;
    expect_within(options.limit_s, joining.c_str());
    or_end([&] { connect(options, store, ranks); });

    struct peer peer = {};
    const std::string library = "Gloo " + std::to_string(GLOO_VERSION_MAJOR) + "." + std::to_string(GLOO_VERSION_MINOR) + "." +
        std::to_string(GLOO_VERSION_PATCH);
    peer.library = library.c_str();
    peer.rank = rank;
    peer.ranks = ranks;
    const char *chosen[COLLECTIVES][2] = {};
    for (int collective = 0; collective < COLLECTIVES; collective++) {
        // Without a choice the default; a choice that a collective does not have leaves it out.
        if (options.algorithm == nullptr)
            chosen[collective][0] = *all_algorithms[collective];
        else if (has_algorithm(static_cast<enum collective>(collective), options.algorithm))
            chosen[collective][0] = options.algorithm;
        const bool all = options.algorithm != nullptr && std::strcmp(options.algorithm, "all") == 0;
        peer.algorithms[collective] = all ? all_algorithms[collective] : chosen[collective];
    }
    peer.barrier = wait_for_all;
    peer.largest = [](double value) { return combine(value, &gloo::max<double>); };
    peer.total = [](double value) { return combine(value, &gloo::sum<double>); };
    peer.prepare = prepare;
    peer.run = [] { or_end(s_operation); };
    peer.release = [] { s_operation = {}; };
    peer.name_algorithm = [](const struct job *job, char *name, size_t size) { snprintf(name, size, "gloo-%s", job->algorithm); };
    int code = measure_all(&options, &peer);
    s_context.reset();
    return code;
}
