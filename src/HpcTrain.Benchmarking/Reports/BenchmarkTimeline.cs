using System.Globalization;
using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Timelines;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>
/// The timeline of a benchmark: each of our calls on each rank. Calls are noted while they are measured, which takes some stores and two readings of the clock, and written
/// at the end. The constructor and <see cref="Write"/> are collective calls.
/// </summary>
internal sealed class BenchmarkTimeline : IDisposable
{
    private const string What = "the timeline";
    private const int Tag = 0x7132;

    private readonly Intracommunicator _world;
    private readonly CollectiveCommunicator _communicator;
    private readonly Watchdog _watchdog;
    private readonly MemoryStream _memory = new();
    private readonly RankTimeline _timeline;
    private readonly CollectiveLog _log = new();

    public BenchmarkTimeline(Intracommunicator world, string host, CollectiveCommunicator communicator, Watchdog watchdog)
    {
        (_world, _communicator, _watchdog) = (world, communicator, watchdog);
        _timeline = new(_memory, world.Rank, host);
        Align();
        communicator.Observer = _log.Add;
    }

    /// <summary>A row begins, or its timing after its checks: it has calls in the timeline, however many were before.</summary>
    public void NextSeries() => _log.NextSeries();

    /// <summary>Writes the timelines of all ranks, merged, into one file on rank 0.</summary>
    /// <returns>On rank 0 why it could not be written, or null; what was left out, or null.</returns>
    public (string? Problem, string? Note) Write(string path)
    {
        _communicator.Observer = null;
        Align();
        _log.WriteTo(new CollectiveRows(_timeline));
        _timeline.Dispose();
        byte[] mine = _memory.ToArray();
        string? note = _log.LeftOut == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"the timeline has the first {CollectiveLog.MostAlike} calls of each row and algorithm before its timing and as many in it; {_log.LeftOut} further ones of rank {_world.Rank} are left out");
        _watchdog.ExpectRanks(What);
        try
        {
            if (_world.Rank == 0)
                return (Merge(path, mine), note);
            _world.Send(mine.Length, 0, Tag);
            _world.Send<byte>(mine, 0, Tag);
            return (null, note);
        }
        finally
        {
            _watchdog.Rest();
        }
    }

    public void Dispose()
    {
        _communicator.Observer = null;
        _timeline.Dispose();
    }

    private void Align()
    {
        _watchdog.ExpectRanks("the ranks' clocks");
        ClockAlignment.Run(_timeline, _world);
        _watchdog.Rest();
    }

    /// <summary>Merges the ranks' timelines, one in memory at a time.</summary>
    private string? Merge(string path, byte[] mine)
    {
        int next = 1;
        string? problem = null;
        try
        {
            var sources = Enumerable.Range(0, _world.Size).Select(rank =>
                new TimelineSource($"rank {rank}'s timeline", () => new MemoryStream(rank == 0 ? mine : Receive(next++))));
            OutputFile.Write(What, path, output => TimelineMerge.Write(output, sources));
        }
        catch (RunException error)
        {
            problem = error.Message;
        }

        // Whoever sends is waited for, also when nothing can be written.
        while (next < _world.Size)
            Receive(next++);
        return problem;
    }

    private byte[] Receive(int rank)
    {
        byte[] bytes = new byte[_world.Receive<int>(rank, Tag)];
        _world.Receive<byte>(bytes, rank, Tag);
        _watchdog.Moved();
        return bytes;
    }
}
