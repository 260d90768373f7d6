// gloo-peer: collectives of gloo over TCP. Started by hand it forks its ranks, one process each, on this machine; started
// by mpirun with --store it is one of them.

#include "operations.h"
#include "rank.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

const char program[] = "gloo-peer";
const char own_help[] =
    "  --algorithm NAME|all  of allreduce: ring (gloo's default), halving-doubling, ring-chunked, bcube; all: a row for each\n"
    "                        (the second and third have one buffer: --in-place yes)\n"
    "  --interface NAME      the network interface; default: loopback\n"
    "  --store FOLDER        an empty folder through which ranks that a launcher started find each other\n"
    "\n"
    "Without a launcher it starts its ranks itself, on this machine: one process each, which is the thread that calls gloo\n"
    "and the one that gloo starts for its sockets.\n"
    "\n"
    "  gloo-peer --ranks 4 -b 8 -e 64M --json gloo.json\n"
    "  gloo-peer --ranks 4 --algorithm all --in-place yes -b 16M\n"
    "  mpirun -n 4 gloo-peer --store /shared/empty-folder --interface ib0\n";

// A number that a launcher put into the environment; -1 if none did.
int launcher_number(std::initializer_list<const char *> names) {
    for (const char *name : names)
        if (const char *value = std::getenv(name))
            return std::atoi(value);
    return -1;
}

[[noreturn]] void refuse(const std::string &sentence, int code) {
    fprintf(stderr, "%s: %s\n", program, sentence.c_str());
    std::exit(code);
}

void check(const struct options &options) {
    if (options.algorithm == nullptr || std::strcmp(options.algorithm, "all") == 0)
        return;
    for (int i = 0; i < COLLECTIVES; i++) {
        const auto collective = static_cast<enum collective>(i);
        if (options.measure[i] && !has_algorithm(collective, options.algorithm))
            refuse(std::string("gloo has no ") + options.algorithm + " for " + collective_name(collective) + "; it has " + algorithm_names(),
                EXIT_USAGE);
    }
}

// Starts the ranks and waits for them; the first that fails ends the others. Each rank bounds its own waits.
int run_all(const struct options &options, const std::string &store, const sigset_t &signals, const sigset_t &before) {
    std::vector<pid_t> ranks;
    const pid_t parent = getpid();
    for (int rank = 0; rank < options.ranks; rank++) {
        const pid_t child = fork();
        if (child == 0) {
            sigprocmask(SIG_SETMASK, &before, nullptr);
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            std::exit(getppid() == parent ? run_rank(options, store, rank, options.ranks) : EXIT_WRONG);
        }
        if (child < 0) {
            fprintf(stderr, "%s: rank %d does not start: %s\n", program, rank, std::strerror(errno));
            break;
        }
        ranks.push_back(child);
    }

    int code = ranks.size() == static_cast<size_t>(options.ranks) ? 0 : EXIT_ENVIRONMENT;
    const auto end_ranks = [&](int reason) {
        code = code == 0 ? reason : code;
        for (pid_t rank : ranks)
            kill(rank, SIGKILL);
    };
    if (code != 0)
        end_ranks(code);
    while (!ranks.empty()) {
        int status = 0;
        const pid_t ended = waitpid(-1, &status, WNOHANG);
        if (ended > 0) {
            ranks.erase(std::find(ranks.begin(), ranks.end(), ended));
            if (WIFSIGNALED(status) && code == 0)
                fprintf(stderr, "%s: a rank was ended by signal %d\n", program, WTERMSIG(status));
            if (status != 0)
                end_ranks(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_WRONG);
            continue;
        }
        siginfo_t signal;
        if (sigwaitinfo(&signals, &signal) > 0 && signal.si_signo != SIGCHLD)
            end_ranks(128 + signal.si_signo);
    }
    return code;
}

} // namespace

int main(int count, char **words) {
    const int rank = launcher_number({"OMPI_COMM_WORLD_RANK", "PMI_RANK"}), size = launcher_number({"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"});
    struct options options = read_options(count, words, program, own_help, true, rank <= 0);
    check(options);
    if (options.store != nullptr) {
        if (rank < 0 || size < 1)
            refuse("--store is for ranks that mpirun started, and this process is none", EXIT_USAGE);
        if (options.ranks != 0 && options.ranks != size)
            refuse("--ranks " + std::to_string(options.ranks) + " under a launcher that started " + std::to_string(size), EXIT_USAGE);
        return run_rank(options, options.store, rank, size);
    }
    if (size > 1)
        refuse("started by a launcher as one of " + std::to_string(size) + " ranks: name an empty shared folder with --store", EXIT_USAGE);
    if (options.ranks == 0)
        options.ranks = 2;

    // Signals that end the run, or tell of a rank that ended, are waited for, so that the folder never stays behind.
    sigset_t signals, before;
    sigemptyset(&signals);
    for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    sigprocmask(SIG_BLOCK, &signals, &before);
    std::string store = (std::filesystem::temp_directory_path() / "gloo-peer.XXXXXX").string();
    if (mkdtemp(store.data()) == nullptr)
        refuse("cannot make the folder " + store + ": " + std::strerror(errno), EXIT_IO);
    const int code = run_all(options, store, signals, before);
    std::filesystem::remove_all(store);
    return code;
}
