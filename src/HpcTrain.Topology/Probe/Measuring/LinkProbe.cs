using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using HpcTrain.Mpi;

namespace HpcTrain.Topology;

/// <summary>Measures the links between the ranks of a job: runs the rounds of <see cref="ProbeRounds"/> one after the other, on all ranks together.</summary>
public sealed unsafe class LinkProbe : IDisposable
{
    // Idea. After each round all ranks gather what all have measured: that is the barrier between rounds, and since then all know the same, all plan the rest
    // alike, stop at the same round, and could infer the same links. A round's time is what is left divided by the rounds that are left; a round takes longer than
    // its streams, because those end one after the other. Where there is time, all rounds run three times, and medians count. The very first round runs once more, and
    // does not count: code is compiled and connections are made in it.
    private const double RoundsCost = 1.7;
    private const int Passes = 3;
    private const int PingShare = 8;
    private const int NameBytes = 256;
    private const int Fields = 2 + ProbeRounds.MostFanPeers;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(5), s_good = TimeSpan.FromMilliseconds(50), s_longest = TimeSpan.FromMilliseconds(400);

    private readonly Intracommunicator _world;
    private readonly ProbeOptions _options;
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private readonly BoundedWait _wait;
    private readonly PingPong _ping;
    private readonly StreamExchange _streams;
    private readonly double* _mine;
    private readonly double* _all;
    private TimeSpan _agreed;

    /// <summary>Makes ready; a collective call.</summary>
    /// <param name="mpi">The job: its world is probed.</param>
    /// <param name="options">How to measure; the same on all ranks.</param>
    public LinkProbe(MpiEnvironment mpi, ProbeOptions options)
    {
        (_world, _options) = (mpi.World.Duplicate(), options);
        _wait = new(options.StallTimeout, mpi.Crowded);
        _ping = new(_world, _wait, options.PingBytes);
        _streams = new(_world, _wait, options.MostBytes);
        _mine = (double*)NativeMemory.AllocZeroed(Fields * sizeof(double));
        _all = (double*)NativeMemory.AllocZeroed((nuint)(Fields * sizeof(double) * _world.Size));
    }

    /// <summary>Measures; a collective call.</summary>
    /// <param name="host">The name of this rank's node.</param>
    /// <param name="progress">Called after each round.</param>
    /// <returns>The same on all ranks.</returns>
    /// <exception cref="ProbeException">A rank or a link stands still.</exception>
    public ProbeMeasurements Run(string host, Action<ProbeProgress> progress)
    {
        _wait.ForAll(_world.ImmediateBarrier(), () => $"rank {_world.Rank} waited for the other ranks to begin");
        (ImmutableArray<int> nodeOf, ImmutableArray<string> hosts) = FindNodes(host);
        var done = new List<ProbeObservation>();
        IReadOnlyList<ProbeRound> sweep = ProbeRounds.Sweep(_world.Size), alone = ProbeRounds.Alone(_world.Size);
        int planned = sweep.Count + alone.Count + (2 * _world.Size);
        int all = planned * PassesOf(planned);
        Measure(sweep[0], TimeFor(all), 0);
        foreach (ProbeRound round in sweep)
        {
            done.Add(Measure(round, TimeFor(all - done.Count), done.Count));
            progress(new(done.Count, all, ProbePhase.Sweep));
        }

        Dictionary<ProbeStream, double> rates = done.SelectMany(each => each.Round.Streams.Zip(each.Rates)).ToDictionary(each => each.First, each => each.Second);
        ProbeRound[] pass = [.. sweep, .. Interleaved(alone, ProbeRounds.Fans(nodeOf, stream => rates[stream]))];
        all = pass.Length * PassesOf(pass.Length);
        while (done.Count < all)
        {
            TimeSpan time = TimeFor(all - done.Count);
            if (_agreed + (RoundsCost * time) > _options.Time)
                break;
            ProbeRound round = pass[done.Count % pass.Length];
            done.Add(Measure(round, time, done.Count));
            progress(new(done.Count, all, round.Phase));
        }

        return new(nodeOf, hosts, [.. done]);
    }

    /// <summary>Frees memory and the communicator; a collective call.</summary>
    public void Dispose()
    {
        _streams.Dispose();
        _ping.Dispose();
        NativeMemory.Free(_mine);
        NativeMemory.Free(_all);
        _world.Dispose();
    }

    /// <summary>Two lists in turns, in proportion to their lengths.</summary>
    private static IReadOnlyList<ProbeRound> Interleaved(IReadOnlyList<ProbeRound> one, IReadOnlyList<ProbeRound> other) =>
    [
        .. one.Select((round, index) => (Round: round, At: (index + 0.5) / one.Count))
            .Concat(other.Select((round, index) => (Round: round, At: (index + 0.5) / other.Count)))
            .OrderBy(each => each.At).Select(each => each.Round),
    ];

    private int PassesOf(int rounds) => _options.Time / (Passes * rounds * RoundsCost) >= s_good ? Passes : 1;

    // By the time that all agree on: ranks that reckoned with clocks of their own would stop at different rounds.
    private TimeSpan TimeFor(int rounds)
    {
        TimeSpan share = (_options.Time - _agreed) / (rounds * RoundsCost);
        return share < s_shortest ? s_shortest : share > s_longest ? s_longest : share;
    }

    private ProbeObservation Measure(ProbeRound round, TimeSpan time, int number)
    {
        int rank = _world.Rank;
        int[] peers = [.. round.Streams.Where(stream => stream.To == rank).Select(stream => stream.From)];
        _mine[1] = peers.Length > 0 && round.Phase != ProbePhase.Fan ? _ping.Run(peers[0], time / PingShare) : double.NaN;
        double[] rates = peers.Length > 0 ? _streams.Run(peers, time) : [];
        rates.CopyTo(new Span<double>(_mine + 2, ProbeRounds.MostFanPeers));
        _mine[0] = _elapsed.Elapsed.TotalSeconds;
        _wait.ForAll(
            _world.ImmediateAllGather(_mine, _all, Fields, MpiDatatype.Float64),
            () => $"rank {rank} waited for the other ranks at the end of round {number} ({round.Phase})");

        // A rank's rates stand in the order of the streams that it receives; of a pair the lower rank knows the latency.
        var next = new int[_world.Size];
        var found = ImmutableArray.CreateBuilder<double>(round.Streams.Length);
        var latencies = ImmutableArray.CreateBuilder<double>(round.Streams.Length);
        foreach (ProbeStream stream in round.Streams)
        {
            found.Add(_all[(stream.To * Fields) + 2 + next[stream.To]++]);
            latencies.Add(round.Phase == ProbePhase.Fan ? double.NaN : _all[(Math.Min(stream.From, stream.To) * Fields) + 1]);
        }

        for (int each = 0; each < _world.Size; each++)
            _agreed = TimeSpan.FromSeconds(Math.Max(_agreed.TotalSeconds, _all[each * Fields]));
        return new(round, found.MoveToImmutable(), latencies.MoveToImmutable());
    }

    /// <summary>Numbers the nodes in the order of their first ranks. Two nodes of one name, as containers have it, are told apart.</summary>
    private (ImmutableArray<int> NodeOf, ImmutableArray<string> Hosts) FindNodes(string host)
    {
        using Intracommunicator node = _world.SplitShared();
        int[] firsts = _world.AllGather(node.AllGather(_world.Rank)[0]);
        byte[] name = new byte[NameBytes], names = new byte[NameBytes * _world.Size];
        Encoding.UTF8.GetBytes(host).AsSpan()[..Math.Min(Encoding.UTF8.GetByteCount(host), NameBytes)].CopyTo(name);
        _world.AllGather<byte>(name, names);
        int[] distinct = [.. firsts.Distinct()];
        var hosts = new List<string>();
        foreach (int first in distinct)
        {
            string plain = Encoding.UTF8.GetString(names, first * NameBytes, NameBytes).TrimEnd('\0');
            hosts.Add(hosts.Contains(plain) ? $"{plain}#{hosts.Count}" : plain);
        }

        return ([.. firsts.Select(first => Array.IndexOf(distinct, first))], [.. hosts]);
    }
}
