#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: %s [options]\n"
    "\n"
    "Measures collectives (f32, sum) on a growing buffer and prints a row per size: what nccl-tests measures, for a peer.\n"
    "\n"
    "  -b SIZE               the first size: bytes of a rank's larger buffer, such as 8, 64K, 16M (default 8)\n"
    "  -e SIZE               the last size, at most 1G (default 16M)\n"
    "  -f FACTOR             from one size to the next (default 4)\n"
    "  -n COUNT              iterations per row; default: as many as fill 0.25 s, at least 5\n"
    "  -w COUNT              iterations before them that are not timed (default 2)\n"
    "  -c 0|1                check the results, once per row (default 1)\n"
    "  --collective NAMES    allreduce (the default), reduce-scatter, allgather, reduce, broadcast, gather, scatter,\n"
    "                        alltoall, barrier, separated by commas; or all\n"
    "  --in-place WHICH      no: input and result in two buffers; yes: in one; both (the default): a row for each that the\n"
    "                        library offers\n"
    "  --ranks COUNT         the number of ranks (default 2; under a launcher it must be the launcher's)\n"
    "  --limit SECONDS       the bound on one row; a rank that is not done then says so, and the run ends (default 120)\n"
    "  --json FILE           write the rows there, too\n"
    "%s"
    "\n"
    "Exit codes: 0 done; 1 a result was wrong, or a rank failed or was not done in time; 2 wrong usage; 4 the library or the\n"
    "launcher does not do; 5 a file cannot be written\n";

static bool may_speak;

static _Noreturn void refuse(const struct options *options, const char *format, ...) {
    if (may_speak) {
        va_list arguments;
        va_start(arguments, format);
        fprintf(stderr, "%s: ", options->program);
        vfprintf(stderr, format, arguments);
        fprintf(stderr, "; see --help\n");
        va_end(arguments);
    }
    exit(EXIT_USAGE);
}

static size_t read_size(const struct options *options, const char *option, const char *word) {
    static const size_t largest = (size_t)1 << 30; // counts are ints in MPI and in some of gloo's algorithms
    char *end;
    errno = 0;
    unsigned long long value = strtoull(word, &end, 10);
    int shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' || *end == 'm' ? 20 : *end == 'G' || *end == 'g' ? 30 : 0;
    if (end == word || *word == '-' || errno != 0 || end[shift > 0] != '\0' || value > largest >> shift)
        refuse(options, "%s takes a number of bytes up to 1G, such as 8, 64K or 16M, not '%s'", option, word);
    return (size_t)value << shift;
}

static int read_count(const struct options *options, const char *option, const char *word, int least, int most) {
    char *end;
    errno = 0;
    long value = strtol(word, &end, 10);
    if (end == word || *end != '\0' || errno != 0 || value < least || value > most)
        refuse(options, "%s takes a number from %d to %d, not '%s'", option, least, most, word);
    return (int)value;
}

static void read_collectives(struct options *options, const char *word) {
    memset(options->measure, 0, sizeof options->measure);
    if (strcmp(word, "all") == 0) {
        for (int i = 0; i < COLLECTIVES; i++)
            options->measure[i] = true;
        return;
    }
    for (const char *name = word;; name++) {
        size_t length = strcspn(name, ",");
        enum collective collective = collective_from_name(name, length);
        if (collective == COLLECTIVES)
            refuse(options, "there is no collective '%.*s'", (int)length, name);
        options->measure[collective] = true;
        name += length;
        if (*name == '\0')
            return;
    }
}

static void read_in_place(struct options *options, const char *word) {
    bool both = strcmp(word, "both") == 0;
    options->out_of_place = both || strcmp(word, "no") == 0;
    options->in_place = both || strcmp(word, "yes") == 0;
    if (!options->out_of_place && !options->in_place)
        refuse(options, "--in-place takes no, yes or both, not '%s'", word);
}

// Told now, by one rank, rather than after a long run or by all.
static void check_writable(const struct options *options) {
    FILE *file = fopen(options->json, "a");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot write %s: %s\n", options->program, options->json, strerror(errno));
        exit(EXIT_IO);
    }
    fclose(file);
}

enum { COLLECTIVE = 256, IN_PLACE, RANKS, LIMIT, JSON, ALGORITHM, STORE, INTERFACE };
static const struct option names[] = {
    {"collective", required_argument, NULL, COLLECTIVE}, {"in-place", required_argument, NULL, IN_PLACE},
    {"ranks", required_argument, NULL, RANKS},           {"limit", required_argument, NULL, LIMIT},
    {"json", required_argument, NULL, JSON},             {"help", no_argument, NULL, 'h'},
    {"algorithm", required_argument, NULL, ALGORITHM},   {"store", required_argument, NULL, STORE},
    {"interface", required_argument, NULL, INTERFACE},   {NULL, 0, NULL, 0},
};

struct options read_options(int count, char **words, const char *program, const char *own_help, bool accepts_own, bool speaks) {
    struct options options = {.program = program, .first_bytes = 8, .last_bytes = (size_t)16 << 20, .factor = 4, .warmup = 2,
        .measure = {[ALLREDUCE] = true}, .out_of_place = true, .in_place = true, .check = true, .limit_s = 120};
    may_speak = speaks;
    for (int option; (option = getopt_long(count, words, ":b:e:f:n:w:c:h", names, NULL)) != -1;) {
        const char *name = words[optind - 1];
        if (option == '?' || (option >= ALGORITHM && !accepts_own))
            refuse(&options, "there is no option '%s'", option == '?' ? name : words[optind - 2]);
        switch (option) {
        case ':': refuse(&options, "%s needs a value", name);
        case 'h':
            if (speaks)
                printf(usage, program, own_help);
            exit(0);
        case 'b': options.first_bytes = read_size(&options, "-b", optarg); break;
        case 'e': options.last_bytes = read_size(&options, "-e", optarg); break;
        case 'f': options.factor = read_count(&options, "-f", optarg, 2, 1 << 20); break;
        case 'n': options.iterations = read_count(&options, "-n", optarg, 1, 1 << 30); break;
        case 'w': options.warmup = read_count(&options, "-w", optarg, 0, 1 << 30); break;
        case 'c': options.check = read_count(&options, "-c", optarg, 0, 1) == 1; break;
        case COLLECTIVE: read_collectives(&options, optarg); break;
        case IN_PLACE: read_in_place(&options, optarg); break;
        case RANKS: options.ranks = read_count(&options, "--ranks", optarg, 1, 1024); break;
        case LIMIT: options.limit_s = read_count(&options, "--limit", optarg, 1, 86400); break;
        case JSON: options.json = optarg; break;
        case ALGORITHM: options.algorithm = optarg; break;
        case STORE: options.store = optarg; break;
        case INTERFACE: options.interface = optarg; break;
        }
    }
    if (optind < count)
        refuse(&options, "there is no option '%s'", words[optind]);
    if (options.first_bytes < 4 || options.first_bytes > options.last_bytes)
        refuse(&options, "the first size (-b %zu) must be from 4 bytes to the last one (-e %zu)", options.first_bytes,
            options.last_bytes);
    if (options.json != NULL && speaks)
        check_writable(&options);
    return options;
}
