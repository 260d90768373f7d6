using System.Text;

namespace HpcTrain.Mpi;

/// <summary>
/// MPI in this process: from <see cref="Initialize"/> to <see cref="Dispose"/>, once. Initialise before other native
/// libraries where possible, and from the thread that will call MPI.
/// </summary>
/// <example><code>
/// using var mpi = MpiEnvironment.Initialize();
/// double sum = mpi.World.AllReduce(1.0, MpiOp.Sum);
/// </code></example>
public sealed unsafe class MpiEnvironment : IDisposable
{
    private const int CrowdedFlag = 1;
    private const int NotMappedFlag = 2;
    private static readonly Lock Gate = new();
    private readonly Intracommunicator _control;
    private readonly TimeSpan _finalizeTimeout;
    private SegmentFile? _segment;
    private bool _disposed;

    private MpiEnvironment(MpiLibrary library, LaunchContext launch, ThreadLevel level, TimeSpan finalizeTimeout)
    {
        _finalizeTimeout = finalizeTimeout;
        Launch = launch;
        ThreadLevel = level;
        LibraryVersion = library.ReadVersion();
        LibraryPath = library.Path;
        Flavor = library.Flavor;
        Gpu = GpuQuery.Ask(library, LibraryVersion, LaunchContext.ProcessEnvironment(), isInitialized: true);
        World = new Intracommunicator(MpiCalls.Abi[MpiHandle.CommWorld], predefined: true);
        Self = new Intracommunicator(MpiCalls.Abi[MpiHandle.CommSelf], predefined: true);
        ProcessorName = ReadProcessorName();

        // The watchdog's own channel, made now: duplicating is collective, and at the end a rank may be missing.
        _control = World.Duplicate();
    }

    /// <summary>The environment of this process, from initialisation until disposal; null otherwise.</summary>
    public static MpiEnvironment? Current { get; private set; }

    /// <summary>Seconds since some moment in the past, the same moment for the whole life of this process.</summary>
    public static double Wtime
    {
        get
        {
            MpiGuard.RequireUsable("MPI_Wtime");
            return MpiCalls.Wtime();
        }
    }

    /// <summary>All ranks of the job.</summary>
    public Intracommunicator World { get; }

    /// <summary>This rank alone.</summary>
    public Intracommunicator Self { get; }

    /// <summary>What the library grants; never less than was asked for.</summary>
    public ThreadLevel ThreadLevel { get; }

    /// <summary>The library's ABI.</summary>
    public MpiFlavor Flavor { get; }

    /// <summary>The library's own description of itself.</summary>
    public string LibraryVersion { get; }

    /// <summary>The library's file.</summary>
    public string LibraryPath { get; }

    /// <summary>Whether the library takes addresses of device memory, as it says after initialisation.</summary>
    public MpiGpuSupport Gpu { get; }

    /// <summary>The name of the machine, as MPI says it.</summary>
    public string ProcessorName { get; }

    /// <summary>
    /// True if some node of the job has more ranks than cores (or <see cref="MpiVariables.Yield"/> says so): a loop that polls
    /// should then give up its core between polls (<see cref="Thread.Yield"/>), or it keeps from running the rank that it waits
    /// for. Blocking calls of this assembly do so by themselves. The same on every rank.
    /// </summary>
    public bool Crowded { get; private set; }

    /// <summary>What the launcher said about this process.</summary>
    public LaunchContext Launch { get; }

    internal static bool HasEnded { get; private set; }

    /// <summary>
    /// Loads the MPI library and initialises MPI. The library is: one that the process has loaded already; else
    /// <see cref="MpiOptions.LibraryPath"/>; else <see cref="MpiVariables.Library"/>; else the launcher's family; else any found.
    /// </summary>
    /// <param name="required">How threads will call MPI.</param>
    /// <param name="options">Choices that most programs leave alone.</param>
    /// <returns>The environment, to be disposed at the end of the program.</returns>
    /// <exception cref="MpiException">No library; one that does not match the launcher; not the thread level asked for; or
    /// MPI was initialised before in this process.</exception>
    public static MpiEnvironment Initialize(ThreadLevel required = ThreadLevel.Funneled, MpiOptions? options = null)
    {
        lock (Gate)
        {
            if (Current is not null || HasEnded)
            {
                throw new MpiException(
                    $"MPI was initialised a second time on rank {MpiGuard.Rank}, but a process can do it once: "
                    + (HasEnded ? "keep one MpiEnvironment for the whole program." : "use MpiEnvironment.Current."),
                    "MpiEnvironment.Initialize", MpiGuard.Rank);
            }

            var environment = LaunchContext.ProcessEnvironment();
            var launch = LaunchContext.Detect(environment);
            var timeout = options?.FinalizeTimeout ?? MpiVariables.ReadFinalizeTimeout(environment);
            var policy = MpiVariables.ReadYield(environment);
            var crowded = policy == CrowdPolicy.Always || (policy == CrowdPolicy.Auto && launch.LocalSize > NodeCores.Count);

            // Open MPI reads this once, when it loads.
            if (crowded)
                NativeProcess.SetVariableIfAbsent("OMPI_MCA_mpi_yield_when_idle", "1");
            var library = LibraryLoader.Load(environment, launch, options?.LibraryPath);
            library.Activate();
            var level = InitializeThreads(required, launch);
            MpiGuard.Rank = launch.Rank;
            MpiGuard.Size = launch.Size;
            MpiGuard.Usable = true;
            var created = new MpiEnvironment(library, launch, level, timeout);
            MpiGuard.Rank = created.World.Rank;
            MpiGuard.Size = created.World.Size;
            Current = created;
            created.RequireMatchingLauncher();
            var segment = SegmentFile.Find(launch);
            var flags = created._control.AllReduce((crowded ? CrowdedFlag : 0) | (segment is null ? NotMappedFlag : 0), MpiOp.BitwiseOr);
            created.Crowded = (flags & CrowdedFlag) != 0;
            if ((flags & NotMappedFlag) == 0)
            {
                created._segment = segment;
                segment!.Remove();
            }

            YieldingWait.Needed = created.Crowded && created.Flavor != MpiFlavor.OpenMpi;
            if (level < required)
            {
                created.Dispose();
                throw new MpiException(
                    $"{library.Path} grants thread level {level} where {required} is needed: use an MPI library built with thread "
                    + "support, or ask for less.", "MPI_Init_thread", launch.Rank);
            }

            return created;
        }
    }

    /// <summary>Ends all ranks of the job at once, without finalising. Does not return.</summary>
    /// <param name="exitCode">The exit code of the job, 1 to 255.</param>
    public void Abort(int exitCode)
    {
        MpiGuard.RequireUsable("MPI_Abort");
        Console.Out.Flush();
        Console.Error.Flush();
        _ = MpiCalls.Abort(World.Handle, exitCode);
        NativeProcess.ExitNow(exitCode);
    }

    /// <summary>
    /// Waits for all ranks and finalises MPI, under a watchdog (<see cref="MpiVariables.FinalizeTimeout"/>): a rank that does not
    /// come to its end is reported, and the job ends with <see cref="MpiExitCodes.FinalizeTimeout"/>. Call it on every
    /// rank, from the thread that initialised MPI, after all requests are complete. A second call does nothing.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        using var watchdog = new FinalizeWatchdog(_control, ProcessorName, _finalizeTimeout);
        watchdog.AwaitAllRanks();
        End(watchdog);
    }

    private void End(FinalizeWatchdog? watchdog)
    {
        _disposed = true;
        Current = null;
        HasEnded = true;
        YieldingWait.Needed = false;
        MpiGuard.Usable = false;
        watchdog?.GuardFinalize();
        _segment?.Restore();
        var code = MpiCalls.FinalizeMpi();
        _segment?.Remove();
        if (code != 0)
        {
            throw new MpiException($"MPI_Finalize failed on rank {MpiGuard.Rank} of {MpiGuard.Size} with code {code}.",
                "MPI_Finalize", MpiGuard.Rank, code, 0);
        }
    }

    private static ThreadLevel InitializeThreads(ThreadLevel required, LaunchContext launch)
    {
        int flag;
        if (MpiCalls.Initialized(&flag) == 0 && flag != 0)
        {
            throw new MpiException(
                $"another component of this process has initialised MPI before HpcTrain on rank {launch.Rank}: initialise "
                + "MpiEnvironment first.", "MPI_Init_thread", launch.Rank);
        }

        int provided;
        var code = MpiCalls.InitThread(null, null, MpiCalls.Abi.Value(required), &provided);
        if (code != 0)
        {
            throw new MpiException($"MPI_Init_thread failed on rank {launch.Rank} of {launch.Size} with code {code}.",
                "MPI_Init_thread", launch.Rank, code, 0);
        }

        return MpiCalls.Abi.ToThreadLevel(provided);
    }

    /// <summary>
    /// A library that cannot talk to the launcher starts a world of one rank on every rank, and says nothing. Without this
    /// check N jobs would train beside each other and overwrite each other's files.
    /// </summary>
    private void RequireMatchingLauncher()
    {
        if (World.Size == Launch.Size || Launch.Launcher == Launcher.None)
            return;
        var (library, seen, rank) = (LibraryPath, World.Size, Launch.Rank);
        var advice = Launch.Launcher switch
        {
            Launcher.OpenMpi => "start the ranks with the mpirun of the same MPI as the library, or name Open MPI's library in "
                + MpiVariables.Library,
            Launcher.Hydra => "start the ranks with the mpirun of the same MPI as the library, or name MPICH's library in "
                + MpiVariables.Library,
            _ => "start them with srun --mpi=pmix for Open MPI or srun --mpi=pmi2 for MPICH, or name the matching library in "
                + MpiVariables.Library,
        };

        // Each rank is alone in its world, so there is nobody to wait for.
        End(watchdog: null);
        throw new MpiException(
            $"rank {rank}: {Launch.Launcher.DisplayName()} started {Launch.Size} ranks, but {library} ({Flavor.DisplayName()}) sees "
            + $"a world of {seen}: launcher and MPI library do not match; {advice}.", "MpiEnvironment.Initialize", rank);
    }

    private static string ReadProcessorName()
    {
        var buffer = stackalloc byte[MpiCalls.Abi.MaxProcessorName + 1];
        int length;
        MpiGuard.Check(MpiCalls.GetProcessorName(buffer, &length), "MPI_Get_processor_name");
        return Encoding.UTF8.GetString(buffer, length);
    }
}
