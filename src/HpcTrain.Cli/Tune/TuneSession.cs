using System.Diagnostics;
using System.Globalization;
using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Runs;

namespace HpcTrain.Cli.Tune;

/// <summary>The tuning of one group of ranks, from a rank's side: all measure, rank 0 tells and writes.</summary>
internal sealed class TuneSession(MpiEnvironment mpi, TunePlan plan)
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(300);

    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly List<TuneResult> results = [];

    /// <summary>Measures and writes. A collective call.</summary>
    /// <exception cref="RunException">Rank 0 cannot write the file.</exception>
    public void Run()
    {
        var nodes = NodesOf(mpi.World);
        var library = mpi.LibraryVersion.Split('\n', ',')[0].Trim();
        var where = $"{mpi.World.Size} rank{(mpi.World.Size == 1 ? "" : "s")} on {nodes.Nodes} node{(nodes.Nodes == 1 ? "" : "s")}, {library}";
        Measure(nodes, where);

        // What is shared has been freed by all ranks together: rank 0 may fail now without leaving others behind in that.
        if (mpi.World.Rank == 0)
            Write(nodes, where);
        mpi.World.Barrier();
    }

    private static NodeMap NodesOf(Intracommunicator world)
    {
        using var node = world.SplitShared();
        return new(world.AllGather(node.AllGather(world.Rank)[0]));
    }

    private unsafe void Measure(NodeMap nodes, string where)
    {
        var world = mpi.World;

        // Without rules: what is measured against is what the library does by itself.
        using var communicator = new CollectiveCommunicator(world, new() { Rules = null });
        var cells = plan.Cells(world.Size);
        var longest = cells.Max(cell => cell.Bytes);
        using var source = communicator.Allocate<byte>(longest);
        using var destination = communicator.Allocate<byte>(longest);
        Say($"{where}: {cells.Count} calls, at most {plan.MaxTime.TotalSeconds:0.#} s");
        Settle(communicator, cells[0], source.Pointer, destination.Pointer);
        var contest = new TuneContest(world, communicator);
        var left = new List<TuneCell>();
        for (var index = 0; index < cells.Count; index++)
        {
            var rest = plan.MaxTime.TotalSeconds - world.AllReduce(watch.Elapsed.TotalSeconds, MpiOp.Max);
            if (rest <= 0)
            {
                left.Add(cells[index]);
                continue;
            }

            var budget = TimeSpan.FromSeconds(rest / (cells.Count - index));
            var candidates = plan.Candidates(cells[index], nodes, communicator);
            results.Add(new(cells[index], contest.Run(cells[index], candidates, source.Pointer, destination.Pointer, budget)));
            Tell(results[^1], index + 1, cells.Count);
        }

        if (left.Count > 0)
        {
            var names = string.Join(", ", left.Select(cell => $"{cell.Collective.Name()} of {ByteSize.Format(cell.Bytes)}"));
            Say($"The time is over; not measured, so without a rule: {names}. More time is given by --max-time.");
        }
    }

    /// <summary>Calls until the code is compiled for good.</summary>
    private unsafe void Settle(CollectiveCommunicator communicator, TuneCell cell, void* source, void* destination)
    {
        var call = cell.Call(source, cell.Collective == CollectiveKind.Broadcast ? source : destination);
        var start = Stopwatch.GetTimestamp();
        do
        {
            for (var calls = 0; calls < 50; calls++)
                communicator.Run(in call);
        }
        while (mpi.World.AllReduce(Stopwatch.GetElapsedTime(start).TotalSeconds, MpiOp.Min) < SettleTime.TotalSeconds);
    }

    private void Tell(TuneResult result, int done, int of)
    {
        var own = result.Times[0];
        var collective = result.Cell.Collective;
        var winner = RuleMaker.Winners([.. results.Where(each => each.Cell.Collective == collective)])[^1];
        var time = result.Times.First(times => times.Candidate == winner).Median;
        var than = winner == own.Candidate ? "as without rules"
            : string.Create(CultureInfo.InvariantCulture, $"instead of {own.Candidate}, {own.Median * 1e6:0.00} us");
        var progress = string.Create(CultureInfo.InvariantCulture, $"[{done,3} of {of}, {watch.Elapsed.TotalSeconds,4:0} s]");
        var size = ByteSize.Format(result.Cell.Bytes);
        Say(string.Create(CultureInfo.InvariantCulture, $"{progress} {collective.Name(),-14} {size,8}  {winner}, {time * 1e6:0.00} us, {than}"));
    }

    private void Write(NodeMap nodes, string where)
    {
        var world = mpi.World;
        var byCollective = results.GroupBy(result => result.Cell.Collective).Select(group => group.ToArray());
        var evidence =
            from result in results
            let cell = result.Cell
            from times in result.Times
            let way = times.Candidate
            select new TuningEvidence(
                cell.Collective, way.Algorithm, way.SegmentBytes, world.Size, nodes.Nodes, cell.Bytes, times.Median * 1e6, times.Seconds.Count);
        var about = string.Create(CultureInfo.InvariantCulture,
            $"hpctrain {ProductVersion.Text} tune, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC: {where}, the first of them {mpi.ProcessorName}, nodes {nodes}");
        var rules = new TuningRules(byCollective.SelectMany(each => RuleMaker.Rules(each, world.Size, nodes)), plan.Output, about, [.. evidence]);
        OutputFile.Write("the tuning rules", plan.Output, rules.ToJson());
        Say($"{(rules.Rules.Count == 1 ? "1 rule is" : $"{rules.Rules.Count} rules are")} in {plan.Output}; they are used where {TuningRules.Variable}={Path.GetFullPath(plan.Output)} is set on all ranks.");
    }

    private void Say(string line)
    {
        if (mpi.World.Rank == 0)
            Console.Out.WriteLine(line);
    }
}
