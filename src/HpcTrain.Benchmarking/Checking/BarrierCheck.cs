using System.Diagnostics;
using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>
/// Finds ranks that leave a barrier too early. A barrier has no result, so its times are looked at: one rank comes late, and nobody may leave before it
/// has come. The clock is the kernel's monotonic one, which is the same for all processes of a machine and means nothing on another.
/// </summary>
internal sealed class BarrierCheck
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private static readonly TimeSpan s_late = TimeSpan.FromMilliseconds(1);

    private readonly Intracommunicator _world;
    private readonly Watchdog _watchdog;

    /// <summary>Learns whether the ranks have one clock. A collective call.</summary>
    /// <param name="world">The ranks.</param>
    /// <param name="watchdog">Bounds the waits.</param>
    /// <param name="kernel">The running kernel of this rank's machine, from <see cref="Kernel"/>.</param>
    public BarrierCheck(Intracommunicator world, Watchdog watchdog, Guid kernel)
    {
        (_world, _watchdog) = (world, watchdog);
        _watchdog.Expect("the ranks' machines");
        IsPossible = kernel != Guid.Empty && _world.AllGather(kernel).All(other => other == kernel);
        IsPossible = _world.AllReduce(IsPossible ? 1 : 0, MpiOp.Min) == 1;
        _watchdog.Rest();
    }

    /// <summary>Whether all ranks read one clock.</summary>
    public bool IsPossible { get; }

    /// <summary>What identifies this machine's running kernel: another one after each boot; empty where the kernel does not say.</summary>
    public static Guid Kernel()
    {
        try
        {
            return Guid.TryParse(File.ReadAllText(BootIdFile), out Guid id) ? id : Guid.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Guid.Empty;
        }
    }

    /// <summary>Calls a barrier several times, each time with another late rank. A collective call.</summary>
    /// <param name="what">What the barrier is called in messages.</param>
    /// <param name="barrier">The barrier.</param>
    /// <param name="calls">How often.</param>
    /// <param name="data">Decides who comes late first.</param>
    /// <returns>How many ranks left before the last one had entered, over all calls, the same on all ranks; null where no clock can tell.</returns>
    public long? CountEarly(string what, Action barrier, int calls, RandomBits data)
    {
        if (!IsPossible)
            return null;
        int first = (int)(data.StreamOf(0) % (ulong)_world.Size);
        long early = 0;
        for (int call = 0; call < calls; call++)
        {
            _watchdog.Expect($"the ranks to begin {what}");
            _world.Barrier();
            if (_world.Rank == (first + call) % _world.Size)
                Thread.Sleep(s_late);
            _watchdog.Expect(what);
            long entered = Stopwatch.GetTimestamp();
            barrier();
            long left = Stopwatch.GetTimestamp();
            _watchdog.Expect("the ranks' checks");
            long last = _world.AllGather(entered).Max();
            early += _world.AllGather(left).Count(time => time < last);
            _watchdog.Rest();
        }

        return early;
    }
}
