using HpcTrain.Benchmarking.Checking;
using HpcTrain.Benchmarking.Peers;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>What a workload gave for one contender.</summary>
/// <param name="Algorithm">The algorithm as asked for; null for the peer.</param>
/// <param name="Result">What ran; of no meaning for the peer.</param>
/// <param name="Reason">Why that ran; null where nobody asked.</param>
/// <param name="Wrong">Wrong elements on all ranks, of a barrier ranks that left too early; null when not checked.</param>
/// <param name="Measurement">Its times; in an overlap test the communication alone.</param>
/// <param name="Overlap">Its overlap, in an overlap test.</param>
internal sealed record Outcome(string? Algorithm, CollectiveResult Result, string? Reason, long? Wrong, Measurement Measurement, Overlap? Overlap);

/// <summary>Checks and measures one workload: our algorithms and the peer, in the same rounds.</summary>
internal sealed unsafe class WorkloadTest(
    BenchmarkRequest request, Intracommunicator world, CollectiveCommunicator communicator, OperandMemory ours, OperandMemory? peers, Watchdog watchdog, GivenSchedule? given)
{
    // A result may be right once and wrong when calls follow each other without a pause: where the contribution stays, several are checked at once.
    private const int CheckedCalls = 3;

    private readonly BatchClock _clock = new(world, watchdog);
    private readonly Contest _contest = new(new BatchClock(world, watchdog), SamplingOf(request));
    private readonly OverlapTest _overlap = new(new BatchClock(world, watchdog), SamplingOf(request));
    private readonly SegmentTrials _segments = new(new BatchClock(world, watchdog));
    private readonly BarrierCheck _barriers = new(world, watchdog, BarrierCheck.Kernel());
    private readonly Dictionary<string, CollectiveOptions> _options = [];
    private ulong _round;

    /// <summary>Is called when a workload's first check is done and its timing begins.</summary>
    public Action? Measuring { get; init; }

    /// <summary>Gets a sentence about what was found out before a workload's timing begins.</summary>
    public Action<string>? Telling { get; init; }

    /// <summary>Runs the test. A collective call.</summary>
    /// <param name="work">What.</param>
    /// <param name="algorithms">The algorithms; one that cannot do it is left out.</param>
    /// <param name="peerName">What the peer is called; null for none.</param>
    /// <param name="say">Gets a sentence about each algorithm that cannot do it.</param>
    /// <returns>Outcomes of the algorithms, then the peer's, if there is one.</returns>
    public IReadOnlyList<Outcome> Run(Workload work, IReadOnlyList<string> algorithms, string? peerName, Action<string> say)
    {
        OperandLayout layout = OperandLayout.Of(work, world.Rank, asMpi: false);
        ResultCheck check = new(work, world.Rank), peerCheck = new(work, world.Rank, wraps: false);
        void* source = ours.At(layout.Source), destination = ours.At(layout.Destination);
        var contenders = new List<Contender>();
        var names = new List<string?>();
        var wrong = new List<long?>();
        foreach (string algorithm in algorithms)
        {
            var contender = new CollectiveContender(communicator, CallOf(work, world.Rank, source, destination), OptionsFor(algorithm), $"{algorithm} {work}");
            try
            {
                wrong.Add(Check(contender, work, check, source, destination));
            }
            catch (ScheduleException e) when (e is { Rank: null, InnerException: null }) // refused before anything was sent, on all ranks alike
            {
                say($"left out: {e.Message}");
                continue;
            }

            if (request.FindsSegments && contender.Latest.SegmentBytes > 0 && work.Bytes > SegmentTrials.LeastBytes)
                contender = WithBestSegments(contender, work, algorithm, source, destination);
            contenders.Add(contender);
            names.Add(algorithm);
        }

        if (contenders.Count == 0)
            return [];
        VendorCall? peer = null;
        void* peerSource = null, peerDestination = null;
        if (peers != null && peerName != null && VendorCall.WhyNot(work) == null)
        {
            OperandLayout mpi = OperandLayout.Of(work, world.Rank, asMpi: true);
            peerSource = peers.At(mpi.Source);
            peerDestination = peers.At(mpi.Destination);
            peer = new VendorCall(world, work, peerSource, peerDestination, $"{peerName}'s {work}");
            wrong.Add(Check(peer, work, peerCheck, peerSource, peerDestination));
            contenders.Add(peer);
            names.Add(null);
        }

        if (!request.Overlap)
        {
            for (int i = 0; i < contenders.Count; i++)
                _contest.Settle($"{work.Collective} {names[i]}", contenders[i]);
        }

        Measuring?.Invoke();
        check.Steady(source);
        if (peer != null)
            peerCheck.Steady(peerSource);
        Overlap[]? overlaps = request.Overlap ? _overlap.Run(contenders) : null;
        Measurement[] measurements = overlaps == null
            ? _contest.Run(contenders)
            : [.. overlaps.Select(overlap => new Measurement(overlap.Communication, P50: null, P99: null, _overlap.Rounds))];

        // Once more, after code was compiled anew and memory has been used in every way.
        for (int i = 0; i < contenders.Count && request.Checks; i++)
        {
            if (contenders[i] is CollectiveContender contender)
                wrong[i] += Check(contender, work, check, source, destination);
        }

        return
        [
            .. contenders.Select((contender, i) => new Outcome(
                names[i], (contender as CollectiveContender)?.Latest ?? default, request.Explains ? (contender as CollectiveContender)?.Reason : null,
                wrong[i], measurements[i], overlaps?[i])),
        ];
    }

    private static Sampling SamplingOf(BenchmarkRequest request) => new(request.Iterations, request.Warmup, request.RowTime);

    private static CollectiveCall CallOf(Workload work, int rank, void* source, void* destination) => work.Collective == CollectiveKind.Barrier
        ? CollectiveCall.Barrier()
        : new()
        {
            Collective = work.Collective,
            Source = source,
            Destination = destination,
            Count = work.BlockCount,
            Type = work.Type,
            Op = work.Op,
            Root = work.Root,
            Factor = work.Op == ReduceOp.PreMulSum ? Workload.FactorOf(rank) : 1,
        };

    /// <summary>The contender with the longest message that is best for it.</summary>
    private CollectiveContender WithBestSegments(CollectiveContender contender, Workload work, string algorithm, void* source, void* destination)
    {
        CollectiveOptions options = OptionsFor(algorithm);
        CollectiveContender Make(long segment) => new(communicator, CallOf(work, world.Rank, source, destination), options with { SegmentBytes = segment }, contender.Label);
        (long best, int tries) = _segments.Find(work.Bytes, work.Type.SizeInBytes(), Make);
        Telling?.Invoke($"{algorithm}, {work}: fastest by messages of at most {ByteSize.Format(best)}, of {tries} lengths tried");
        CollectiveContender found = Make(best);
        found.Run(); // what ran is known of it, as of one that was not looked for
        return found;
    }

    // The same object for the same options: the communicator knows a repeated call by it.
    private CollectiveOptions OptionsFor(string algorithm)
    {
        if (!_options.TryGetValue(algorithm, out CollectiveOptions? options))
        {
            options = algorithm == given?.Name ? new() { Schedule = given.Schedule } : new() { Algorithm = algorithm };
            _options.Add(algorithm, options = options with { SegmentBytes = request.SegmentBytes });
        }

        return options;
    }

    /// <summary>Calls on new data and counts what is wrong, over all ranks; null after calls only, when nothing is or can be checked.</summary>
    private long? Check(Contender contender, Workload work, ResultCheck check, void* source, void* destination)
    {
        var data = new RandomBits(request.Seed, _round++);
        check.Fill(source, destination, data);
        _clock.Time(contender, work.InPlace ? 1 : CheckedCalls);
        if (!request.Checks)
            return null;
        bool isDamaged = request.InjectsError && contender is CollectiveContender;
        if (work.Collective == CollectiveKind.Barrier)
            return _barriers.CountEarly(contender.Label, isDamaged ? () => { } : contender.Run, CheckedCalls, data);
        if (isDamaged && work.ResultCount(world.Rank) > 0)
            Damage((byte*)destination, work);
        CollectiveResult result = (contender as CollectiveContender)?.Latest ?? new CollectiveResult("", work.Type, 0, 0, "");
        long wrong = check.CountWrong(destination, result.PartialType);
        watchdog.ExpectRanks("the ranks' checks");
        wrong = world.AllReduce(wrong, MpiOp.Sum);
        watchdog.Rest();
        return wrong;
    }

    /// <summary>Changes the highest bits but one of the first element.</summary>
    private static void Damage(byte* result, Workload work) => result[(work.Bytes / work.Count) - 1] ^= 0x40;
}
