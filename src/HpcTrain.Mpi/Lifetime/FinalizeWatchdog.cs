using System.Diagnostics;
using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>
/// Sees to it that the end of a job is the end. Two things go wrong there. A rank never arrives, because it failed or still
/// waits for a message: so every rank tells rank 0 that it is here (rank 0 tells rank 1), and rank 0 lets all go on when
/// the last has come. Whoever is missing after the timeout is named; after ten timeouts the job is aborted. Ten, because a
/// rank may rightly have work left, such as a last checkpoint. Or MPI_Finalize itself hangs, which MPICH over UCX is known
/// for: then each rank that sits in it says so after one timeout, and leaves in its turn without running the library's exit
/// handlers.
/// </summary>
internal sealed unsafe class FinalizeWatchdog(Intracommunicator channel, string host, TimeSpan timeout) : IDisposable
{
    private const int PatienceForRanks = 10;
    private const int LastTurn = 10;
    private const int HereTag = 1;
    private const int GoTag = 2;
    private static readonly TimeSpan BetweenExits = TimeSpan.FromSeconds(0.5);
    private readonly int _rank = channel.Rank;
    private readonly int _size = channel.Size;
    private Timer? _timer;

    private bool Enabled => timeout > TimeSpan.Zero;

    /// <summary>Returns when all ranks have called it, or does not return.</summary>
    public void AwaitAllRanks()
    {
        if (!Enabled || _size == 1)
            return;
        try
        {
            if (_rank == 0)
                Lead();
            else
                Follow();
        }
        catch (MpiException e)
        {
            // A peer has gone or MPI is damaged: MPI_Finalize, under guard, is all that is left to try.
            Say($"could not meet the other ranks at the end of the job: {e.Message}");
        }
    }

    /// <summary>From now on, staying alive beyond the timeout ends the process.</summary>
    public void GuardFinalize()
    {
        if (Enabled)
            _timer = new Timer(_ => LeaveFinalize(), null, timeout, Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer?.Dispose();

    private void Lead()
    {
        channel.Send(null, 0, MpiDatatype.Byte, destination: 1, HereTag);
        using var arrivals = new RequestList(_size - 1);
        for (var peer = 1; peer < _size; peer++)
            arrivals.Add(channel.ImmediateReceive(null, 0, MpiDatatype.Byte, peer, HereTag));
        var missing = new SortedSet<int>(Enumerable.Range(1, _size - 1));
        Wait(
            () =>
            {
                foreach (var slot in arrivals.TestSome())
                    missing.Remove(slot + 1);
                return missing.Count == 0;
            },
            PatienceForRanks,
            () => missing.Count == 1 ? $"rank {missing.Min} has" : $"ranks {string.Join(", ", missing)} have");
        for (var peer = 1; peer < _size; peer++)
            channel.Send(null, 0, MpiDatatype.Byte, peer, GoTag);
    }

    private void Follow()
    {
        channel.Send(null, 0, MpiDatatype.Byte, destination: 0, HereTag);
        if (_rank == 1)
        {
            var here = channel.ImmediateReceive(null, 0, MpiDatatype.Byte, source: 0, HereTag);
            Wait(() => here.Test(), PatienceForRanks, () => "rank 0 has");
        }

        // Rank 0 aborts the job after its own patience; one more timeout covers a rank 0 that hangs or is gone.
        var go = channel.ImmediateReceive(null, 0, MpiDatatype.Byte, source: 0, GoTag);
        Wait(() => go.Test(), PatienceForRanks + 1, who: null);
    }

    /// <summary>Polls; names the missing once after one timeout; aborts the job after so many.</summary>
    private void Wait(Func<bool> done, int patience, Func<string>? who)
    {
        var clock = Stopwatch.StartNew();
        var told = false;
        while (!done())
        {
            if (!told && who is not null && clock.Elapsed > timeout)
            {
                told = true;
                Say($"{who()} not reached the end of the job {Seconds(timeout)} after {Me}; waiting for up to "
                    + $"{Seconds(timeout * patience)} in all ({MpiVariables.FinalizeTimeout})");
            }

            if (clock.Elapsed > timeout * patience)
            {
                Say($"{who?.Invoke() ?? "rank 0 has"} not reached the end of the job {Seconds(timeout * patience)} after {Me}; ending "
                    + $"the job with exit code {MpiExitCodes.FinalizeTimeout}");
                Console.Error.Flush();
                _ = MpiCalls.Abort(MpiCalls.Abi[MpiHandle.CommWorld], MpiExitCodes.FinalizeTimeout);
                NativeProcess.ExitNow(MpiExitCodes.FinalizeTimeout);
            }

            // Ranks usually arrive together, so the first milliseconds only yield.
            if (clock.ElapsedMilliseconds < 5)
                Thread.Yield();
            else
                Thread.Sleep(1);
        }
    }

    private void LeaveFinalize()
    {
        Say($"{Me} did not finish MPI_Finalize within {Seconds(timeout)} ({MpiVariables.FinalizeTimeout}); leaving with exit code "
            + $"{MpiExitCodes.FinalizeTimeout}. All ranks had finished their work");
        Console.Error.Flush();

        // One after the other: the mpirun of Open MPI 4.1 crashes or hangs now and then when ranks that have not finalised leave
        // at the same moment. It ends the others when the first has gone; a launcher that does not sees them go in turn.
        // Not even the first leaves at once: a launcher that then ends the others would do so before they have said their word.
        Thread.Sleep(BetweenExits * (1 + Math.Min(_rank, LastTurn)));
        NativeProcess.ExitNow(MpiExitCodes.FinalizeTimeout);
    }

    private string Me => $"rank {_rank} of {_size} on {host}";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";

    private static void Say(string sentence) => Console.Error.WriteLine($"hpctrain: {sentence}.");
}
