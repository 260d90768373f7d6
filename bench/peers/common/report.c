#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct report {
    const struct options *options;
    FILE *json;
    int rows;
};

static _Noreturn void fail_write(const struct options *options) {
    fprintf(stderr, "%s: cannot write %s: %s\n", options->program, options->json, strerror(errno));
    exit(EXIT_IO);
}

static void read_processor(char *model, size_t size) {
    snprintf(model, size, "unknown processor");
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (file == NULL)
        return;
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && value != NULL) {
            snprintf(model, size, "%.*s", (int)strcspn(value + 2, "\n\"\\"), value + 2);
            break;
        }
    }
    fclose(file);
}

struct report *open_report(const struct options *options, const struct peer *peer) {
    struct report *report = calloc(1, sizeof *report);
    if (report == NULL)
        abort();
    report->options = options;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    char model[128], date[32], host[128] = "";
    time_t seconds = time(NULL);
    read_processor(model, sizeof model);
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    gethostname(host, sizeof host - 1);

    if (options->json != NULL) {
        report->json = fopen(options->json, "w");
        if (report->json == NULL)
            fail_write(options);
        fprintf(report->json,
            "{\n  \"program\": \"%s\", \"library\": \"%s\", \"date\": \"%s\",\n"
            "  \"host\": \"%s\", \"cpu\": \"%s\", \"processors\": %ld, \"ranks\": %d,\n  \"rows\": [",
            options->program, peer->library, date, host, model, processors, peer->ranks);
    }
    printf("# %s, %d ranks, %ld processors (%s)\n", peer->library, peer->ranks, processors, model);
    printf("# time: median over batches of the slowest rank's mean; algbw and busbw as in nccl-tests, GB/s = 1e9 bytes/s\n");
    printf("# %-14s %-28s %11s %9s %9s %12s %9s %9s %7s\n", "collective", "algorithm", "bytes", "in place", "count",
        "time (us)", "algbw", "busbw", "wrong");
    fflush(stdout);
    return report;
}

void add_row(struct report *report, const struct row *row) {
    const struct job *job = row->job;
    double algbw = (double)row->bytes / row->seconds * 1e-9, busbw = algbw * collective_bus_factor(job->collective, job->ranks);
    char wrong[24] = "-";
    if (row->wrong >= 0)
        snprintf(wrong, sizeof wrong, "%ld", row->wrong);
    printf("  %-14s %-28s %11zu %9s %9d %12.2f %9.3f %9.3f %7s\n", collective_name(job->collective), row->algorithm, row->bytes,
        job->in_place ? "yes" : "no", row->iterations, row->seconds * 1e6, algbw, busbw, wrong);
    fflush(stdout);
    if (report->json == NULL)
        return;
    fprintf(report->json,
        "%s\n    {\"collective\": \"%s\", \"ranks\": %d, \"bytes\": %zu, \"type\": \"f32\", \"op\": \"%s\", \"in_place\": %s, "
        "\"algorithm\": \"%s\", \"iterations\": %d, \"time_us\": %.3f, \"algbw_gbs\": %.6f, \"busbw_gbs\": %.6f, \"wrong\": %s}",
        report->rows++ == 0 ? "" : ",", collective_name(job->collective), job->ranks, row->bytes, collective_op(job->collective),
        job->in_place ? "true" : "false", row->algorithm, row->iterations, row->seconds * 1e6, algbw, busbw,
        row->wrong < 0 ? "null" : wrong);
}

void close_report(struct report *report) {
    if (report->json != NULL) {
        fprintf(report->json, "\n  ]\n}\n");
        bool failed = ferror(report->json) != 0;
        if (fclose(report->json) != 0 || failed)
            fail_write(report->options);
    }
    free(report);
}
