namespace HpcTrain.Mpi.Tests;

/// <summary>
/// The ways that a call can take through the binding: the library's own blocking calls; nonblocking calls that yield between
/// tests, as on a crowded node; and messages described by derived types, as those beyond 2^31 elements are where the library
/// counts in 32 bits (here: those of more than three elements).
/// </summary>
internal static class Ways
{
    private static readonly (string Name, bool Yield, long Limit)[] All =
    [
        ("blocking", false, long.MaxValue),
        ("yielding", true, long.MaxValue),
        ("derived types", false, 3),
        ("derived types, yielding", true, 3),
    ];

    /// <summary>Runs a test body by each way; no rank starts on the next before all have ended the one before.</summary>
    public static void Each(Intracommunicator world, Action body) => Run(world, body, All);

    /// <summary>The same without derived types: the ways of messages that a 32-bit count can describe.</summary>
    public static void EachOrdinary(Intracommunicator world, Action body) =>
        Run(world, body, [.. All.Where(way => way.Limit == long.MaxValue)]);

    private static void Run(Intracommunicator world, Action body, (string Name, bool Yield, long Limit)[] ways)
    {
        var before = YieldingWait.Needed;
        var crowded = world.Size > NodeCores.Count && MpiEnvironment.Current!.Flavor == MpiFlavor.Mpich;
        foreach (var (name, yield, limit) in ways)
        {
            // MPICH's own blocking calls are never used there, and would take seconds.
            if (crowded && !yield)
                continue;
            try
            {
                (YieldingWait.Needed, CountedType.Limit) = (yield, Math.Min(limit, CountedType.NaturalLimit));
                body();
            }
            catch (AssertionException e)
            {
                throw new AssertionException($"by way of {name}: {e.Message}", e);
            }
            finally
            {
                (YieldingWait.Needed, CountedType.Limit) = (before, CountedType.NaturalLimit);
            }

            world.Barrier();
        }
    }
}
