using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>Programs of ranks that wait in vain. The first argument says how they talk: shared or messages; the second: blocking or async.</summary>
internal static unsafe class StallScenarios
{
    /// <summary>Three ranks; the last one leaves the others alone in the second collective.</summary>
    public static int OneNeverCalls(string[] args) => MpiProgram.Run(mpi =>
    {
        using var communicator = Make(mpi, args);
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(4096);
        communicator.Broadcast(buffer.Span[..10], root: 0);
        if (mpi.World.Rank == 2)
            Thread.Sleep(Timeout.Infinite);
        AllReduce(communicator, buffer, args);
        return 0;
    });

    /// <summary>All ranks reduce for ever; the third argument is a folder where each says that it has begun.</summary>
    public static int ReduceForEver(string[] args) => MpiProgram.Run(mpi =>
    {
        using var communicator = Make(mpi, args);
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(100_000);
        for (int round = 0; ; round++)
        {
            AllReduce(communicator, buffer, args);
            if (round == 10)
                File.WriteAllText(Path.Combine(args[2], $"{mpi.World.Rank}.ready"), "");
        }
    });

    /// <summary>The program itself catches the error, and frees everything while the last rank is away.</summary>
    public static int CatchAndLeave(string[] args) => MpiProgram.Run(mpi =>
    {
        try
        {
            OneLeavesAlone(mpi, args);
            return 0;
        }
        catch (ScheduleException error) when (error.IsStall)
        {
            Console.WriteLine("caught");
            Console.Out.Flush();
            mpi.Abort(error.ExitCode);
            return error.ExitCode;
        }
    });

    private static void OneLeavesAlone(MpiEnvironment mpi, string[] args)
    {
        using var communicator = Make(mpi, args);
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(4096);
        if (mpi.World.Rank == mpi.World.Size - 1)
            Thread.Sleep(Timeout.Infinite);
        AllReduce(communicator, buffer, args);
    }

    private static CollectiveCommunicator Make(MpiEnvironment mpi, string[] args) => new(mpi.World, new() { SharesMemory = args[0] == "shared" });

    private static void AllReduce(CollectiveCommunicator communicator, CollectiveBuffer<float> buffer, string[] args)
    {
        if (args[1] == "async")
            communicator.AllReduceAsync(buffer.Pointer, buffer.Count, ElementType.F32, ReduceOp.Sum).Wait();
        else
            communicator.AllReduce(buffer.Span);
    }
}
