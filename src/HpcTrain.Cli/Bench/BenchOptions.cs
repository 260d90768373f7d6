using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Bench;

/// <summary>The options of `hpctrain bench` as they are typed; <see cref="BenchRequestReader"/> understands them.</summary>
internal sealed class BenchOptions : CommandOptions
{
    [Value(0, MetaName = "COLLECTIVE", HelpText = "allreduce (the default), reduce-scatter, allgather, reduce, broadcast, gather, scatter, all-to-all, "
        + "barrier, several separated by commas, or all.")]
    public string Collective { get; set; } = "allreduce";

    [Option('b', "min-bytes", Default = "8", MetaValue = "SIZE", HelpText = "The first size: bytes of the whole data buffer, such as 8, 64K, 256M, 1G "
        + "(powers of 1024). Of n blocks it is the size of all n; sizes are rounded down to whole elements, of each rank where each has a block.")]
    public string MinBytes { get; set; } = "";

    [Option('e', "max-bytes", Default = "16M", MetaValue = "SIZE", HelpText = "The largest size.")]
    public string MaxBytes { get; set; } = "";

    [Option('f', "factor", MetaValue = "FACTOR", HelpText = "From one size to the next (2 unless there is a step).")]
    public double? Factor { get; set; }

    [Option('i', "step-bytes", MetaValue = "SIZE", HelpText = "From one size to the next, by adding.")]
    public string? StepBytes { get; set; }

    [Option('n', "iters", Default = "20", MetaValue = "COUNT|auto", HelpText = "Batches per row. A batch is one call, or as many calls as last a "
        + "millisecond. auto: until the medians are known to 5 % (95 % confidence), for at most --row-time.")]
    public string Iterations { get; set; } = "";

    [Option("row-time", Default = 10.0, MetaValue = "SECONDS", HelpText = "With --iters auto: no round of batches begins after this time.")]
    public double RowTime { get; set; }

    [Option('w', "warmup", Default = 5, MetaValue = "COUNT", HelpText = "Calls before the clock starts; fewer where they take longer than a "
        + "second together. 0 also leaves out the wait for compiled code to settle.")]
    public int Warmup { get; set; }

    [Option('c', "check", Default = 1, MetaValue = "0|1", HelpText = "Check all elements of the results on all ranks, before and after the timed calls.")]
    public int Check { get; set; }

    [Option('d', "type", Default = "f32", MetaValue = "TYPES", HelpText = "Element types, separated by commas: f32, f64, f16, bf16, i8, u8, i16, "
        + "u16, i32, u32, i64, u64, or as nccl-tests has them: float, double, half, bfloat16, int8, uint8, ...; or all.")]
    public string Types { get; set; } = "";

    [Option('o', "op", Default = "sum", MetaValue = "OPS", HelpText = "Operations of reductions, separated by commas: sum, prod, min, max, avg, "
        + "premulsum (floats; each rank has a factor), band, bor, bxor (integers); or all.")]
    public string Ops { get; set; } = "";

    [Option('r', "root", Default = "0", MetaValue = "RANK|all", HelpText = "The root of broadcast, reduce, gather and scatter.")]
    public string Root { get; set; } = "";

    [Option("in-place", Default = "both", MetaValue = "0|1|both", HelpText = "Contribution and result in two buffers, in one, or one after the other. "
        + "A broadcast has one buffer and a barrier none, whatever is asked for.")]
    public string InPlace { get; set; } = "";

    [Option('a', "algorithm", Default = "auto", MetaValue = "NAMES", HelpText = "Algorithms, separated by commas: auto (the library chooses), names, or all; "
        + "a wrong name lists those there are. none: only that of --schedule.")]
    public string Algorithms { get; set; } = "";

    [Option("schedule", MetaValue = "FILE", HelpText = "Measure the schedule of a file, too, JSON, MSCCL XML (see hpctrain schedules) or a plan (hpctrain topo plan), beside the algorithms. "
        + "It must be for a collective that is asked for, for that many ranks and that root, and is verified first.")]
    public string? Schedule { get; set; }

    [Option("topology", MetaValue = "TOPOLOGY", HelpText = "The links at hand, a file or a built-in: a plan of --schedule that was made for others is refused.")]
    public string? Topology { get; set; }

    [Option("allocation", MetaValue = "RANKS", HelpText = "The ranks of --topology that run, as 0,1,4,5 or 0-3,6.")]
    public string? Allocation { get; set; }

    [Option("segment", Default = "0", MetaValue = "SIZE|auto", HelpText =
        "The longest message; 0 for the default; auto: found for each row and algorithm by trying, from 4K on: doubled while that is faster, then shortened by steps.")]
    public string Segment { get; set; } = "";

    [Option("in-flight", MetaValue = "NUMBER", HelpText = "The messages that each channel keeps under way (default: 4, or 6 to a single peer on another node).")]
    public int? InFlight { get; set; }

    [Option("buffers", Default = "communicator", MetaValue = "communicator|ordinary", HelpText = "Our memory: allocated through the communicator, so that the "
        + "ranks of a node see each other's, or ordinary native memory. A peer's is always ordinary.")]
    public string Buffers { get; set; } = "";

    [Option("compare", Default = "vendor", MetaValue = "vendor|none", HelpText = "Measure the MPI library's own collective in the same rounds, in turns with ours. "
        + "Variables that force its algorithm (OMPI_MCA_coll_tuned_*, MPIR_CVAR_*_INTRA_ALGORITHM) are obeyed and named in the results.")]
    public string Compare { get; set; } = "";

    [Option("overlap", HelpText = "Measure how much of an asynchronous call disappears behind computation, as OSU's nonblocking benchmarks do.")]
    public bool Overlap { get; set; }

    [Option("explain", HelpText = "Say why auto chose what ran.")]
    public bool Explain { get; set; }

    [Option('J', "json", MetaValue = "FILE", HelpText = "Write the results as JSON.")]
    public string? Json { get; set; }

    [Option("csv", MetaValue = "FILE", HelpText = "Write the results as CSV.")]
    public string? Csv { get; set; }

    [Option("chart", MetaValue = "FILE", HelpText = "Draw time and bus bandwidth over size as SVG.")]
    public string? Chart { get; set; }

    [Option("timeline", MetaValue = "FILE", HelpText = "Write when each of our calls ran on each rank, with its algorithm, path and the reason of the choice, as a timeline "
        + "for https://ui.perfetto.dev or chrome://tracing. Takes two readings of the clock per call.")]
    public string? Timeline { get; set; }

    [Option("seed", Default = 1UL, MetaValue = "NUMBER", HelpText = "The seed of the data.")]
    public ulong Seed { get; set; }

    [Option("stall-timeout", MetaValue = "SECONDS", HelpText = "How long a call of ours may stand still, and one of the peer's may last, before the run "
        + "ends with a sentence that says who waits for what (HPCTRAIN_STALL_TIMEOUT, else 60).")]
    public double? StallTimeout { get; set; }

    [Option("max-time", MetaValue = "SECONDS", HelpText = "Begin no row after this time; what is left out is said.")]
    public double? MaxTime { get; set; }

    [Option("ranks", MetaValue = "COUNT", HelpText = "Without a launcher: start that many ranks on this machine (one for each core). Under one it must be its number.")]
    public int? Ranks { get; set; }

    [Option("mpi", MetaValue = "openmpi|mpich", HelpText = "Without a launcher: whose mpirun to start the ranks with (the first found).")]
    public string? Mpi { get; set; }

    [Option("inject-error", Hidden = true, HelpText = "Damage a result before it is checked.")]
    public bool InjectError { get; set; }
}
