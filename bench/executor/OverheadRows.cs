using System.Diagnostics;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Bench.Executor;

/// <summary>
/// What the executor and the in-process transport cost for an instruction. All ranks are driven by one thread in turn, so that no switch of threads is
/// in the figure, and every chunk has one element, so that copies and reductions cost next to nothing.
/// </summary>
internal static unsafe class OverheadRows
{
    private const int Batches = 40;
    private static readonly TimeSpan s_batchTime = TimeSpan.FromMilliseconds(20);

    public static void Print()
    {
        Console.WriteLine("| schedule | ranks | instructions | ns per instruction | bytes allocated per run |\n|---|---:|---:|---:|---:|");
        foreach (string algorithm in (string[])["ring", "halving-doubling", "recursive-doubling", "direct", "double-binary-tree"])
        {
            foreach (int ranks in (int[])[4, 8, 16])
                Print(AlgorithmCatalog.Create(algorithm, new(CollectiveKind.AllReduce, ranks)));
        }
    }

    private static void Print(Schedule schedule)
    {
        int ranks = schedule.Ranks;
        long instructions = ScheduleVerifier.Verify(schedule).Instructions;
        var fabric = new InProcessFabric(ranks);
        var executors = new ScheduleExecutor[ranks];
        var buffers = new float[ranks][];
        for (int rank = 0; rank < ranks; rank++)
        {
            executors[rank] = new(schedule, fabric[rank], schedule.Chunks.Length, ElementType.F32, segmentBytes: 1 << 20, segmentsInFlight: 4);
            buffers[rank] = GC.AllocateArray<float>(schedule.Chunks.Length, pinned: true);
        }

        // Zeros stay zeros, however often they are added up.
        var clock = Stopwatch.StartNew();
        long warm = 0;
        for (; clock.Elapsed < TimeSpan.FromMilliseconds(500); warm++)
            Run(executors, buffers);
        long runs = Math.Max(1, (long)(warm * (s_batchTime / clock.Elapsed)));
        double best = double.PositiveInfinity;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int batch = 0; batch < Batches; batch++)
        {
            long start = Stopwatch.GetTimestamp();
            for (long run = 0; run < runs; run++)
                Run(executors, buffers);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / runs);
        }

        long allocated = (GC.GetAllocatedBytesForCurrentThread() - before) / (Batches * runs);
        Console.WriteLine($"| {schedule.Algorithm} | {ranks} | {instructions} | {best / instructions:0} | {allocated} |");
        foreach (ScheduleExecutor executor in executors)
            executor.Dispose();
    }

    private static void Run(ScheduleExecutor[] executors, float[][] buffers)
    {
        for (int rank = 0; rank < executors.Length; rank++)
        {
            fixed (float* data = buffers[rank])
                executors[rank].Start(data, ReduceOp.Sum, 0);
        }

        for (bool isDone = false; !isDone;)
        {
            isDone = true;
            foreach (ScheduleExecutor executor in executors)
            {
                executor.Progress();
                isDone &= executor.IsDone;
            }
        }
    }
}
