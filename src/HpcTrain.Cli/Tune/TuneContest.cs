using System.Diagnostics;
using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Collectives;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Tune;

/// <summary>What a candidate took.</summary>
/// <param name="Candidate">The way the call was done.</param>
/// <param name="Seconds">The slowest rank's time of a call, round by round.</param>
internal sealed record TuneTimes(TuneCandidate Candidate, IReadOnlyList<double> Seconds)
{
    public double Median { get; } = Seconds.Count == 0 ? double.PositiveInfinity : Statistics.Median(Seconds);
}

/// <summary>Measures the ways to do a call against each other.</summary>
internal sealed unsafe class TuneContest(Intracommunicator world, CollectiveCommunicator communicator)
{
    // Idea. Candidates take turns: a round is one batch of calls of each, and begins with another one each time, so that what disturbs the machine hits
    // all. Who is far behind after a few rounds drops out (but for the library's own choice, which comes first): most of the time then goes to those
    // that are near each other. Every decision is made from times that are the largest of all ranks', so that all ranks decide alike.
    private const int RoundsBeforeDrops = 3, MostRounds = 25;
    private const double FarBehind = 1.5, HopelesslyBehind = 5;
    private const double BatchSeconds = 2e-3;
    private const int MostCalls = 20_000;

    /// <summary>Measures; a collective call.</summary>
    /// <param name="cell">The call.</param>
    /// <param name="candidates">The ways to do it; first what happens when nothing is asked for.</param>
    /// <param name="source">Memory for the contribution.</param>
    /// <param name="destination">Memory for the result.</param>
    /// <param name="budget">No round begins after this time, but for the first.</param>
    public IReadOnlyList<TuneTimes> Run(TuneCell cell, IReadOnlyList<TuneCandidate> candidates, void* source, void* destination, TimeSpan budget)
    {
        var call = cell.Call(source, cell.Collective == CollectiveKind.Broadcast ? source : destination);
        CollectiveOptions[] options =
        [
            CollectiveOptions.Default,
            .. candidates.Skip(1).Select(candidate => new CollectiveOptions { Algorithm = candidate.Algorithm, SegmentBytes = candidate.SegmentBytes }),
        ];
        var seconds = candidates.Select(_ => new List<double>()).ToArray();
        var start = Stopwatch.GetTimestamp();
        var calls = new long[candidates.Count];
        var trial = new double[candidates.Count];
        for (var index = 0; index < candidates.Count; index++)
        {
            Time(in call, options[index], 1);
            trial[index] = Time(in call, options[index], 3);
        }

        world.AllReduce(trial.AsSpan(), MpiOp.Max);
        for (var index = 0; index < candidates.Count; index++)
            calls[index] = (long)Math.Clamp(Math.Ceiling(BatchSeconds / Math.Max(trial[index], 1e-9)), 1, MostCalls);
        var isIn = candidates.Select((_, index) => index == 0 || trial[index] <= HopelesslyBehind * trial.Min()).ToArray();
        for (var round = 0; round < MostRounds; round++)
        {
            // The last value is the time so far.
            var times = new double[candidates.Count + 1];
            for (var turn = 0; turn < candidates.Count; turn++)
            {
                var index = (turn + round) % candidates.Count;
                if (isIn[index])
                    times[index] = Time(in call, options[index], calls[index]);
            }

            times[^1] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            world.AllReduce(times.AsSpan(), MpiOp.Max);
            for (var index = 0; index < candidates.Count; index++)
            {
                if (isIn[index])
                    seconds[index].Add(times[index]);
            }

            if (round + 1 == RoundsBeforeDrops)
                Drop(isIn, seconds);
            if (times[^1] >= budget.TotalSeconds)
                break;
        }

        return [.. candidates.Select((candidate, index) => new TuneTimes(candidate, seconds[index])).Where(times => times.Seconds.Count > 0)];
    }

    private static void Drop(bool[] isIn, List<double>[] seconds)
    {
        var medians = seconds.Select(each => new TuneTimes(default, each).Median).ToArray();
        for (var index = 1; index < isIn.Length; index++)
            isIn[index] &= medians[index] <= FarBehind * medians.Min();
    }

    private double Time(in CollectiveCall call, CollectiveOptions options, long calls)
    {
        world.Barrier();
        var start = Stopwatch.GetTimestamp();
        for (long done = 0; done < calls; done++)
            communicator.Run(in call, options);
        return Stopwatch.GetElapsedTime(start).TotalSeconds / calls;
    }
}
