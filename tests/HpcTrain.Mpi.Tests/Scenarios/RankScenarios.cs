using System.Runtime.InteropServices;

namespace HpcTrain.Mpi.Tests;

/// <summary>Programs of ranks that go wrong on purpose, or that need the whole process for themselves.</summary>
internal static unsafe class RankScenarios
{
    public static int ReportWorld(string[] args) => MpiProgram.Run(mpi =>
    {
        Console.WriteLine($"{mpi.World.Rank} of {mpi.World.Size} {mpi.Flavor} {mpi.Launch.Launcher}");
        return 0;
    });

    /// <summary>Rank 1 fails while rank 0 waits for a message that will never come.</summary>
    public static int OneRankThrows(string[] args) => MpiProgram.Run(mpi =>
    {
        if (mpi.World.Rank == 1)
            throw new InvalidDataException("shard 7 is damaged");
        return mpi.World.Receive<int>(1, 0);
    });

    public static int OneRankAborts(string[] args) => MpiProgram.Run(mpi =>
    {
        if (mpi.World.Rank == 1)
            mpi.Abort(9);
        return mpi.World.Receive<int>(1, 0);
    });

    /// <summary>Every rank says that it is there, and waits for rank 1, which sleeps until it is killed.</summary>
    public static int WaitForTheKilled(string[] args) => MpiProgram.Run(mpi =>
    {
        File.WriteAllText(Path.Combine(args[0], $"{mpi.World.Rank}.ready"), "");
        if (mpi.World.Rank == 1)
            Thread.Sleep(Timeout.Infinite);
        return mpi.World.Receive<int>(1, 0);
    });

    /// <summary>Ranks that share memory wait to be killed.</summary>
    public static int HoldSharedMemory(string[] args) => MpiProgram.Run(mpi =>
    {
        using var window = SharedWindow.Allocate(mpi.World, 1 << 20);
        mpi.World.Barrier();
        File.WriteAllText(Path.Combine(args[0], $"{mpi.World.Rank}.ready"), "");
        return mpi.World.Receive<int>((mpi.World.Rank + 1) % mpi.World.Size, 0);
    });

    /// <summary>One rank comes to the end late, by so many milliseconds.</summary>
    public static int OneRankIsLate(string[] args) => MpiProgram.Run(mpi =>
    {
        if (mpi.World.Rank == int.Parse(args[0]))
            Thread.Sleep(int.Parse(args[1]));
        return 0;
    });

    /// <summary>MPI_Finalize first frees what is attached to the self communicator; on rank 1 that never ends.</summary>
    public static int FinalizeHangs(string[] args) => MpiProgram.Run(mpi =>
    {
        if (mpi.World.Rank != 1)
            return 0;
        var create = (delegate* unmanaged<delegate* unmanaged<nint, int, void*, void*, void*, int*, int>,
            delegate* unmanaged<nint, int, void*, void*, int>, int*, void*, int>)MpiLibrary.Active!.Export("MPI_Comm_create_keyval");
        var set = (delegate* unmanaged<nint, int, void*, int>)MpiLibrary.Active.Export("MPI_Comm_set_attr");
        int key;
        MpiGuard.Check(create(&CopyNothing, &SleepForEver, &key, null), "MPI_Comm_create_keyval");
        MpiGuard.Check(set(MpiCalls.Abi[MpiHandle.CommSelf], key, null), "MPI_Comm_set_attr");
        return 0;
    });

    /// <summary>Every kind of call after the end, and a second beginning.</summary>
    public static int UseAfterFinalize(string[] args)
    {
        var mpi = MpiEnvironment.Initialize();
        var world = mpi.World;
        var copy = world.Duplicate();
        var window = SharedWindow.Allocate(world, 64);
        var list = new RequestList(1);
        Request request = default;
        int value = 1;
        mpi.Dispose();
        mpi.Dispose();
        (string Name, Action Call)[] calls =
        [
            ("send", () => world.Send(1, 0, 0)),
            ("barrier", copy.Barrier),
            ("split", () => world.Split(0)),
            ("test", () => request.Test()),
            ("wait", () => request.Wait()),
            ("wait all", list.WaitAll),
            ("sync", window.Sync),
            ("time", () => _ = MpiEnvironment.Wtime),
            ("abort", () => mpi.Abort(1)),
            ("list", () => new RequestList(1).Dispose()),
            ("receive", () => world.Receive<int>(0, 0)),
            ("all-reduce", () => value = world.AllReduce(value, MpiOp.Sum)),
            ("again", () => MpiEnvironment.Initialize()),
        ];
        foreach (var (name, call) in calls)
        {
            try
            {
                call();
                Console.WriteLine($"{name}: nothing happened");
            }
            catch (MpiException e)
            {
                Console.WriteLine($"{name}: {e.Message}");
            }
        }

        // Disposing what MPI has freed already is no mistake.
        copy.Dispose();
        window.Dispose();
        list.Dispose();
        return MpiEnvironment.Current is null ? 0 : 1;
    }

    /// <summary>Another component brings its MPI first; it stays the process's MPI whatever the user names.</summary>
    public static int AnotherComponentLoadsFirst(string[] args)
    {
        NativeLibrary.Load(args[0]);
        return ReportWorld(args);
    }

    /// <summary>A report loads every library; that does not decide which one is initialised.</summary>
    public static int ProbeFirst(string[] args)
    {
        var probe = MpiProbe.Run();
        Console.WriteLine($"chosen {probe.Chosen?.Flavor} of {string.Join(',', probe.Libraries.Select(library => library.Flavor))}");
        return ReportWorld(args);
    }

    /// <summary>Two threads of each rank exchange messages at the same time, each on a communicator of its own.</summary>
    public static int ManyThreads(string[] args) => MpiProgram.Run(
        mpi =>
        {
            var peer = 1 - mpi.World.Rank;
            var communicators = new[] { mpi.World.Duplicate(), mpi.World.Duplicate() };
            var threads = communicators.Select((communicator, index) => new Thread(() =>
            {
                for (var i = 0; i < 500; i++)
                {
                    Span<int> incoming = [0];
                    communicator.SendReceive([(index * 1000) + i], peer, incoming, peer, tag: 0);
                    if (incoming[0] != (index * 1000) + i)
                        throw new InvalidDataException($"thread {index} got {incoming[0]} in round {i}");
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            foreach (var communicator in communicators)
                communicator.Dispose();
            Console.WriteLine($"level {mpi.ThreadLevel}");
            return 0;
        },
        ThreadLevel.Multiple);

    [UnmanagedCallersOnly]
    private static int CopyNothing(nint communicator, int key, void* state, void* from, void* to, int* copied)
    {
        *copied = 0;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int SleepForEver(nint communicator, int key, void* value, void* state)
    {
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}
