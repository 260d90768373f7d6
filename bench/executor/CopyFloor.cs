using System.Diagnostics;
using System.Runtime.InteropServices;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Bench.Executor;

/// <summary>
/// An allreduce of 64 MiB in place, in memory that all ranks see, beside the least time in which its bytes can move: each rank's buffer is read once and
/// written once, at the speed at which the same threads copy, both in turns in the same run.
/// </summary>
internal static unsafe class CopyFloor
{
    private const long Bytes = 64 << 20;
    private const int Rounds = 15;

    public static void Print()
    {
        Console.WriteLine("| ranks | copy GB/s, read and written | least ms | allreduce ms | share of the copy bandwidth |\n|---:|---:|---:|---:|---:|");
        foreach (int ranks in (int[])[2, 4])
            Print(ranks);
    }

    private static void Print(int ranks)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = true, SeesAllMemory = true });
        var copies = new double[ranks, Rounds];
        var reductions = new double[ranks, Rounds];
        using var together = new Barrier(ranks);
        Thread[] threads = [.. Enumerable.Range(0, ranks).Select(rank => new Thread(() => Measure(fabric[rank], together, copies, reductions)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        // The slowest rank's time of a round; the median round.
        double copy = Median(copies), reduction = Median(reductions);
        double moved = 2.0 * Bytes * ranks;
        Console.WriteLine($"| {ranks} | {moved / copy / 1e9:0.0} | {copy * 1e3:0.00} | {reduction * 1e3:0.00} | {100 * copy / reduction:0} % |");
    }

    private static void Measure(Transport transport, Barrier together, double[,] copies, double[,] reductions)
    {
        using var communicator = new CollectiveCommunicator(transport);
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(Bytes / sizeof(float));
        byte* other = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, 64);
        NativeMemory.Clear(other, (nuint)Bytes);
        for (int round = -2; round < Rounds; round++)
        {
            together.SignalAndWait();
            communicator.Barrier();
            long start = Stopwatch.GetTimestamp();
            HostKernels.Copy(other, buffer.Pointer, (nint)Bytes);
            double copied = Stopwatch.GetElapsedTime(start).TotalSeconds;
            together.SignalAndWait();
            communicator.Barrier();
            start = Stopwatch.GetTimestamp();
            communicator.AllReduce(buffer.Pointer, buffer.Count, ElementType.F32);
            if (round < 0)
                continue;
            reductions[transport.Rank, round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            copies[transport.Rank, round] = copied;
        }

        together.SignalAndWait();
        NativeMemory.AlignedFree(other);
    }

    private static double Median(double[,] seconds) =>
        Enumerable.Range(0, Rounds).Select(round => Enumerable.Range(0, seconds.GetLength(0)).Max(rank => seconds[rank, round])).Order().ElementAt(Rounds / 2);
}
