using System.Diagnostics;
using HpcTrain.Collectives;

namespace HpcTrain.Bench.Executor;

/// <summary>How long it takes to make a schedule for many ranks, and to prove it.</summary>
internal static class VerifierRows
{
    public static void Print()
    {
        Console.WriteLine("| schedule | ranks | instructions | seconds to make | seconds to verify |\n|---|---:|---:|---:|---:|");
        foreach (string algorithm in (string[])["ring", "halving-doubling"])
        {
            foreach (int ranks in (int[])[256, 1024])
            {
                long start = Stopwatch.GetTimestamp();
                Schedule schedule = AlgorithmCatalog.Create(algorithm, new(CollectiveKind.AllReduce, ranks));
                double made = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                long instructions = ScheduleVerifier.Verify(schedule).Instructions;
                Console.WriteLine($"| {algorithm} | {ranks} | {instructions} | {made:0.00} | {Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} |");
            }
        }
    }
}
