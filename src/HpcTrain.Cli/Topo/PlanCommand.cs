using System.Diagnostics;
using System.Globalization;
using CommandLine;
using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo plan</c>.</summary>
internal static class PlanCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<PlanCommandOptions>(
                "hpctrain topo plan",
                "Plan a collective for given links: trees that share them, the optimum, and the cut that limits it. Rates are of the whole buffer (algbw), in GB/s.", args,
                "Examples:\n" +
                "  hpctrain topo plan dgx1v                                         an allreduce on all 8 GPUs\n" +
                "  hpctrain topo plan dgx1v --allocation 0,1,4,5 --json plan.json   on the four that a job got\n" +
                "  hpctrain topo plan dgx1v --svg plan.svg --msccl plan.xml         as a picture, and for GPUs\n" +
                "  hpctrain topo plan topo.xml --collective broadcast --root 2      on what NCCL found in a machine\n" +
                "  hpctrain topo plan dgx1v --max-trees 3                           what do fewer trees cost?\n" +
                "  hpctrain topo plan dgx1v --planner rings --json rings.json       NCCL's rings, to run beside a plan\n" +
                "  hpctrain topo plan topo.xml --links hybrid --bytes 1M --switch-us 50\n\n" +
                "--planner blink packs with multiplicative weights and an integer programme, to compare with the paper; that method is described\n" +
                "in US patent 11,868,880 B2. The exact planner takes neither step.") is not { } options)
            return ExitCodes.Ok;
        var wanted = options.Wanted();
        var graph = TopologySource.Load(options.Topology, options.Allocation);
        var started = Stopwatch.GetTimestamp();
        var plan = LinkPlanner.Plan(graph, wanted);
        Console.Out.Write(PlanReport.Of(plan, Stopwatch.GetElapsedTime(started)));
        Write("the plan", options.Json, () => LinkPlanJson.Write(plan));
        Write("the drawing", options.Svg, plan.ToSvg);
        var notes = new List<string>();
        Write("the algorithm file", options.Msccl, () => PlanSchedules.Create(plan).ToMsccl(notes));
        foreach (var note in notes)
            Console.Error.WriteLine($"hpctrain: note: {note}");
        return ExitCodes.Ok;
    }

    private static void Write(string what, string? file, Func<string> text)
    {
        if (file is null)
            return;
        OutputFile.Write(what, file, text());
        Console.Error.WriteLine($"hpctrain: wrote {file}");
    }

    private sealed class PlanCommandOptions : CommandOptions
    {
        [Value(0, Required = true, MetaName = "FILE|NAME", HelpText = "A topology file of any kind, or a built-in: dgx1v, dgx-a100:boxes=2.")]
        public string Topology { get; set; } = "";

        [Option("collective", Default = "allreduce", MetaValue = "NAME", HelpText = "allreduce, broadcast, allgather or reduce-scatter.")]
        public string Collective { get; set; } = "";

        [Option("root", MetaValue = "R", HelpText = "The rank that has the data of a broadcast; 0 if not given.")]
        public int? Root { get; set; }

        [Option("allocation", MetaValue = "RANKS", HelpText = "The ranks that the job got, 0,1,4,5 or 0-3,6; they are numbered from 0 in this order.")]
        public string? Allocation { get; set; }

        [Option("planner", Default = PlanPlanner.Exact, MetaValue = "exact|blink|rings", HelpText = "Who plans. rings: as NCCL 2.4.2 would, to compare with.")]
        public PlanPlanner Planner { get; set; }

        [Option("max-trees", MetaValue = "K", HelpText = "The most trees; the report says what the limit costs.")]
        public int? MostTrees { get; set; }

        [Option("links", Default = PlanLinks.Device, MetaValue = "device|all|hybrid", HelpText =
            "Where there is PCIe beside NVLink or xGMI: those between devices if they join all ranks; all as one; or each with its own part of the buffer.")]
        public PlanLinks Links { get; set; }

        [Option("bytes", MetaValue = "SIZE", HelpText = "The size of the buffer, for hybrid links that cost time to switch to.")]
        public string? Bytes { get; set; }

        [Option("switch-us", MetaValue = "US", HelpText = "What switching to PCIe costs in microseconds, for hybrid links; 0 if not given.")]
        public double? SwitchMicroseconds { get; set; }

        [Option("fallback", MetaValue = "GB/S", HelpText =
            "The bandwidth of NCCL's ring where links between devices have none; if not given, what PCIe of the file carries, or 10.")]
        public string? Fallback { get; set; }

        [Option("json", MetaValue = "FILE", HelpText = "Write the plan with its links, to be verified, simulated and run; a file that exists is replaced.")]
        public string? Json { get; set; }

        [Option("svg", MetaValue = "FILE", HelpText = "Draw the links with the trees along them, and the cut that limits the optimum.")]
        public string? Svg { get; set; }

        [Option("msccl", MetaValue = "FILE", HelpText = "Write the plan's schedule as an MSCCL algorithm file, for GPUs.")]
        public string? Msccl { get; set; }

        public PlanOptions Wanted()
        {
            if (!LinkPlanJson.TryParse(Collective, out var collective))
                throw new UsageException($"there is no plan for a collective '{Collective}'; there are {string.Join(", ", LinkPlanJson.Collectives)}");
            if (Root is not null && collective != PackedCollective.Broadcast)
                throw new UsageException($"--root is for a broadcast; trees of the {Collective} have the roots that the plan gives them");
            if (MostTrees < 1)
                throw new UsageException($"--max-trees must be at least 1, not {MostTrees}");
            if (Links != PlanLinks.Hybrid && (Bytes is not null || SwitchMicroseconds is not null))
                throw new UsageException("--bytes and --switch-us are for --links hybrid");
            long bytes = 0;
            if (Bytes is not null && !(ByteSize.TryParse(Bytes, out bytes) && bytes > 0))
                throw new UsageException($"--bytes must be a size above 0 such as 64K or 16M, not '{Bytes}'");
            if (SwitchMicroseconds is { } switching && !(switching >= 0 && double.IsFinite(switching)))
                throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--switch-us must be 0 or more, not {switching}"));
            return new()
            {
                Collective = collective,
                Root = Root ?? 0,
                Planner = Planner,
                MostTrees = MostTrees,
                Links = Links,
                Bytes = Bytes is null ? null : bytes,
                SwitchSeconds = (SwitchMicroseconds ?? 0) / 1e6,
                Fallback = Fallback is null ? null : Rational.TryParse(Fallback, out var rate) && rate.Sign > 0
                    ? rate : throw new UsageException($"--fallback must be a bandwidth in GB/s above 0, not '{Fallback}'"),
            };
        }
    }
}
