using HpcTrain.Benchmarking;
using HpcTrain.Cli.Topo;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Simulation;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Simulate;

/// <summary><c>hpctrain simulate</c>: how long schedules take on given links.</summary>
internal static class SimulateCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<SimulateOptions>(
                "hpctrain simulate",
                "Simulate collectives on the links of a topology, message by message: time, the busiest link, pictures and timelines. No MPI is needed.", args,
                "Examples:\n" +
                "  hpctrain simulate --topology fat-tree:k=16 --algorithm ring,halving-doubling\n" +
                "  hpctrain simulate --topology fat-tree:k=16 --ranks 64,256,1024 --algorithm ring,halving-doubling --latency-us 1 --chart scale.svg\n" +
                "  hpctrain simulate --topology dgx1v --algorithm ring -b 1M -e 1G -f 4 --csv ring.csv\n" +
                "  hpctrain simulate --topology dgx1v --allocation 0,1,4,5 --schedule plan.json --svg plan.svg --trace plan.trace.json") is not { } options)
            return ExitCodes.Ok;
        foreach (var (what, file) in new[] { ("the table", options.Csv), ("the rows", options.Json), ("the chart", options.Chart), ("the picture", options.Svg), ("the timeline", options.Trace) })
        {
            if (file is not null && OutputFile.Problem(what, file) is { } problem)
                throw new RunException(problem);
        }
        var whole = TopologySource.Load(options.Topology, options.Allocation);
        var rows = new List<SimulatedRow>();
        var record = options.Svg is null && options.Trace is null ? null : new LinkRecord();
        var runs = Runs(options, whole);
        if (record is not null && runs.Count != 1)
            throw new UsageException($"--svg and --trace show one run, and this would be {runs.Count}; name one algorithm, one size and one number of ranks");
        var machines = runs.ConvertAll(run => options.Machine(run.Bytes, run.Plan) with { Trace = record, Routes = run.Plan is null ? null : RoutesOf(run.Plan, run.Graph) });
        var width = runs.Max(run => run.Name.Length) + 2;
        Console.Out.Write($"# {options.Kind.Name()} on {whole.Name}, simulated; rates in GB/s\n{SimulationReport.TableHead(width)}");
        foreach (var (run, machine) in runs.Zip(machines))
        {
            var row = new SimulatedRow(run.Graph, run.Schedule, run.Name, run.Bytes, SpecOrUsage(() => LinkSimulator.Run(run.Graph, run.Schedule, machine)));
            rows.Add(row);
            Console.Out.Write(SimulationReport.TableLine(row, width));
            if (options.AsksModel)
                Console.Out.Write($"#   by messages of at most {ByteSize.Format(machine.SegmentBytes)}\n");
        }
        Write("the table", options.Csv, () => SimulationReport.Csv(rows));
        Write("the rows", options.Json, () => SimulationReport.Json(rows));
        Write("the chart", options.Chart, () => SimulationReport.Chart(rows));
        Write("the picture", options.Svg, () => LinkPicture.Draw(rows[0], record!));
        if (options.Trace is { } trace)
        {
            OutputFile.Write("the timeline", trace, stream => LinkTimeline.Write(stream, rows[0], record!));
            Console.Error.WriteLine($"hpctrain: wrote {trace}");
        }
        return ExitCodes.Ok;
    }

    private sealed record PlannedRun(LinkGraph Graph, Schedule Schedule, LinkPlan? Plan, string Name, long Bytes);

    private static List<PlannedRun> Runs(SimulateOptions options, LinkGraph whole)
    {
        var kind = options.Kind;
        if (options.Algorithms is null && options.Schedule is null)
            throw new UsageException("name what to simulate: --algorithm NAMES, or --schedule FILE");
        var runs = new List<PlannedRun>();
        foreach (var ranks in options.RankCounts(whole))
        {
            var graph = ranks == whole.Ranks ? whole : whole.Allocate([.. Enumerable.Range(0, ranks)]);
            foreach (var name in options.Algorithms?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            {
                var schedule = SpecOrUsage(() => AlgorithmCatalog.Create(name, new ScheduleSpec(kind, ranks)
                {
                    Root = kind.HasRoot() ? options.Root : 0,
                    Nodes = options.Nodes is null ? BoxesOf(graph) : NodeMap.Parse(options.Nodes, ranks),
                }));
                runs.AddRange(options.Sizes().Select(bytes => new PlannedRun(graph, schedule, null, name, bytes)));
            }
            if (options.Schedule is { } file)
            {
                var (schedule, plan) = FromFile(file, graph);
                if (schedule.Collective != kind)
                    throw new UsageException($"the schedule of {file} is for {schedule.Collective.Name()}; say so: --collective {schedule.Collective.Name()}");
                runs.AddRange(options.Sizes().Select(bytes => new PlannedRun(graph, schedule, plan, schedule.Algorithm, bytes)));
            }
        }
        return [.. runs.Select(run => run with { Bytes = Round(run.Bytes, kind, run.Schedule.Ranks) })];
    }

    /// <summary>Whole elements, in each block where ranks have blocks; at least one.</summary>
    private static long Round(long bytes, CollectiveKind kind, int ranks)
    {
        long unit = sizeof(float) * (kind.HasOwners() ? ranks : 1L);
        return Math.Max(1, bytes / unit) * unit;
    }

    private static (Schedule Schedule, LinkPlan? Plan) FromFile(string file, LinkGraph graph)
    {
        var schedule = ScheduleFile.Load(file);
        if (schedule.Ranks != graph.Ranks)
            throw new UsageException($"the schedule of {file} is for {schedule.Ranks} ranks, but these are {graph.Ranks}; name {schedule.Ranks} with --allocation or --ranks");
        if (!LinkPlanJson.IsPlan(File.ReadAllText(file)))
            return (schedule, null);
        var plan = LinkPlanJson.Load(file);
        plan.RequireTopology(graph);
        return (schedule, plan);
    }

    private static Routes RoutesOf(LinkPlan plan, LinkGraph graph)
    {
        var routes = new Routes(graph);
        foreach (var (from, to, channel, path) in new PlanRoutes(plan).All)
            routes.Add(from, to, channel, path);
        return routes;
    }

    private static NodeMap? BoxesOf(LinkGraph graph)
    {
        var boxes = graph.Nodes.Take(graph.Ranks).Select(node => node.Box).ToArray();
        return boxes.Distinct().Count() > 1 ? new NodeMap(boxes) : null;
    }

    private static T SpecOrUsage<T>(Func<T> action) => Schedules.SpecOptions.OrUsage(action);

    private static void Write(string what, string? file, Func<string> text)
    {
        if (file is null)
            return;
        OutputFile.Write(what, file, text());
        Console.Error.WriteLine($"hpctrain: wrote {file}");
    }
}
