using System.Diagnostics;
using System.Text;
using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Benchmarking.Peers;
using HpcTrain.Benchmarking.Reports;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking;

/// <summary>A benchmark on one of its ranks: makes sure that it can be done, runs it, and reports. All its methods are collective calls.</summary>
internal sealed class BenchmarkSession
{
    private readonly MpiEnvironment _mpi;
    private readonly BenchmarkRequest _request;
    private readonly VendorLibrary _library;
    private readonly CommunicatorOptions _options;
    private readonly RunFacts _facts;
    private readonly NodeMap _nodes;
    private readonly TableReport _table;
    private readonly ReportFiles _files;
    private readonly GivenSchedule? _given;
    private readonly List<BenchmarkRow> _rows = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _wrongPeers = [];
    private readonly HashSet<string> _problems = [];
    private readonly Stopwatch _elapsed = Stopwatch.StartNew();
    private BenchmarkTimeline? _timeline;
    private string _explanation = "";
    private bool _isCutShort;

    /// <summary>Collects what the figures will be taken on, and refuses what cannot be done.</summary>
    /// <exception cref="BenchmarkException">The request cannot be met; the same on all ranks.</exception>
    public BenchmarkSession(MpiEnvironment mpi, BenchmarkRequest request, TextWriter output)
    {
        (_mpi, _request) = (mpi, request);
        _library = VendorLibrary.Of(mpi);
        _options = new() { SegmentsInFlight = request.SegmentsInFlight };
        if (request.StallTimeout is { } stall)
            _options = _options with { StallTimeout = stall };
        (_facts, _nodes) = RunFacts.Collect(mpi, request, _library, _options);
        _table = new(mpi.World.Rank == 0 ? output : TextWriter.Null, request.Overlap);
        _files = new(request);
        if (WorkloadPlan.Problem(request, mpi.World.Size) is { } problem)
            throw new BenchmarkException(problem);
        if (ToldByRankZero(() => ReportFiles.Problem(request)) is { } file)
            throw new BenchmarkException(file, ExitCodes.InputOutput);
        _given = request.ScheduleFile is { } schedule ? ReadByRankZero(schedule) : null;
    }

    private Intracommunicator World => _mpi.World;

    /// <summary>Measures everything.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="BenchmarkException">An algorithm cannot be used, there is too little memory, or a file was not written; the same on all ranks.</exception>
    public int Run()
    {
        AlgorithmSelection[] selections = [.. _request.Collectives.Select(Select)];
        var need = MemoryNeed.Of(_request.Collectives.SelectMany(collective => WorkloadPlan.Of(_request, collective, World.Size)), World.Rank);
        RequireMemory(need);
        _table.Facts(_facts);
        using var watchdog = new Watchdog(_options.StallTimeout, $"hpctrain bench: rank {World.Rank} on {_mpi.ProcessorName}", EndProcess);
        using var communicator = new CollectiveCommunicator(World, _options);
        using BenchmarkTimeline? timeline = _timeline = _request.TimelineFile == null ? null : new(World, _mpi.ProcessorName, communicator, watchdog);
        using OperandMemory ours = _request.Buffers == BufferKind.Communicator
            ? OperandMemory.OfCommunicator(communicator, need.Source, need.Destination)
            : OperandMemory.Ordinary(need.Source, need.Destination);
        using OperandMemory? peers = _request.ComparesWithVendor ? OperandMemory.Ordinary(need.Source, need.Destination) : null;
        var test = new WorkloadTest(_request, World, communicator, ours, peers, watchdog, _given) { Measuring = () => timeline?.NextSeries(), Telling = _table.Note };
        for (int i = 0; i < selections.Length && !_isCutShort; i++)
            Measure(_request.Collectives[i], selections[i], test);
        return Finish();
    }

    private AlgorithmSelection Select(CollectiveKind collective)
    {
        var selection = AlgorithmSelection.Of(_request, SpecOf(collective));
        return _given?.Schedule.Collective == collective ? selection with { Names = [.. selection.Names, _given.Name] } : selection;
    }

    /// <summary>What the table may say of an algorithm: auto shows what it chooses.</summary>
    private IEnumerable<string> LabelsOf(CollectiveKind collective, string name) =>
        name == AlgorithmCatalog.Auto ? AlgorithmCatalog.Candidates(SpecOf(collective)).Select(candidate => TableReport.NameOf(name, candidate.Name))
        : name == _given?.Name ? [TableReport.NameOf(name, _given.Schedule.Algorithm)]
        : [name];

    private ScheduleSpec SpecOf(CollectiveKind collective) => new(collective, World.Size) { Root = _request.Root ?? 0, Nodes = _nodes };

    private void RequireMemory(MemoryNeed need)
    {
        long[] needs = World.AllGather(need.Bytes > long.MaxValue / 2 ? long.MaxValue : _request.ComparesWithVendor ? 2 * need.Bytes : need.Bytes);
        long[] available = World.AllGather(AvailableMemory.Bytes());
        if (MemoryNeed.Problem(needs, available, _nodes, _facts.Nodes) is { } problem)
            throw new BenchmarkException(problem);
    }

    private void Measure(CollectiveKind collective, AlgorithmSelection selection, WorkloadTest test)
    {
        Workload[] all = [.. WorkloadPlan.Of(_request, collective, World.Size)];
        _table.Head(collective.Name(), all.Any(work => !work.InPlace), all.Any(work => work.InPlace), selection.Names.SelectMany(name => LabelsOf(collective, name)));
        foreach (string sentence in selection.LeftOut)
            Note($"left out: {sentence}");
        string[] algorithms = [.. selection.Names];
        foreach (IGrouping<Workload, Workload> group in all.GroupBy(work => work with { InPlace = false }))
        {
            if (algorithms.Length == 0)
                break;
            if (IsOutOfTime())
            {
                _isCutShort = true;
                Note($"left out: what comes after {_elapsed.Elapsed.TotalSeconds:0} s (--max-time)");
                return;
            }

            var rows = new List<BenchmarkRow>();
            foreach (Workload work in group)
                rows.AddRange(Measure(work, algorithms, test));
            algorithms = [.. algorithms.Where(name => rows.Any(row => row.RequestedAlgorithm == name))];
            foreach (IGrouping<string, BenchmarkRow> line in rows.GroupBy(row => row.RequestedAlgorithm))
                _table.Line(line.FirstOrDefault(row => !row.InPlace), line.FirstOrDefault(row => row.InPlace));
            _rows.AddRange(rows);
            if (World.Rank == 0 && _files.Renew(() => Report(isComplete: false)) is { } problem && _problems.Add(problem))
                _table.Note(problem);
        }

        if (algorithms.Length == 0)
        {
            string known = string.Join(", ", AlgorithmCatalog.Names(collective));
            Note($"{collective.Name()} was not measured: no algorithm that was asked for can do it here; it has {known}");
        }
    }

    private IEnumerable<BenchmarkRow> Measure(Workload work, string[] algorithms, WorkloadTest test)
    {
        _timeline?.NextSeries();
        IReadOnlyList<Outcome> outcomes = test.Run(work, algorithms, _request.ComparesWithVendor ? _library.Name : null, Note);
        Outcome? peer = outcomes.FirstOrDefault(outcome => outcome.Algorithm == null);
        string what = $"{work.Collective.Name()} of {work.TypeName} ({work.OpName})";
        if (peer is { Wrong: > 0 } && _wrongPeers.Add(what))
            Note($"{_library.Name} computes a wrong {what}: not compared");
        foreach (Outcome outcome in outcomes.Where(outcome => outcome.Algorithm != null))
        {
            if (outcome.Reason != null && outcome.Algorithm == AlgorithmCatalog.Auto)
                Explain($"auto, {work}: {outcome.Result.Algorithm} ({outcome.Result.Path}), because: {outcome.Reason}");
            yield return RowOf(work, outcome, peer);
        }
    }

    // In place the reason is mostly the one from before.
    private void Explain(string sentence)
    {
        if (_explanation != sentence)
            _table.Note(sentence);
        _explanation = sentence;
    }

    private BenchmarkRow RowOf(Workload work, Outcome outcome, Outcome? peer)
    {
        double seconds = outcome.Measurement.Seconds, algbw = work.Bytes / seconds / 1e9;
        return new()
        {
            Collective = work.Collective.Name(),
            Ranks = work.Ranks,
            Nodes = _nodes.Nodes,
            Bytes = work.Bytes,
            Count = work.Count,
            Type = work.TypeName,
            Op = work.OpName,
            Root = work.Collective.HasRoot() ? work.Root : null,
            InPlace = work.InPlace,
            RequestedAlgorithm = outcome.Algorithm!,
            Algorithm = outcome.Result.Algorithm,
            Path = outcome.Result.Path,
            SegmentBytes = outcome.Result.SegmentBytes,
            Buffers = _facts.Buffers,
            Iterations = outcome.Measurement.Iterations,
            TimeUs = seconds * 1e6,
            AlgbwGbs = algbw,
            BusbwGbs = algbw * work.BusFactor,
            P50Us = outcome.Measurement.P50 * 1e6,
            P99Us = outcome.Measurement.P99 * 1e6,
            Wrong = outcome.Wrong,
            Peer = peer == null ? null : _library.Name,
            PeerAlgorithm = peer == null ? null : _library.Algorithm(work),
            PeerTimeUs = peer?.Measurement.Seconds * 1e6,
            PeerP99Us = peer?.Measurement.P99 * 1e6,
            PeerWrong = peer?.Wrong,
            Ratio = peer is { Wrong: > 0 } ? null : peer?.Measurement.Seconds / seconds,
            OverallUs = outcome.Overlap?.Overall * 1e6,
            ComputeUs = outcome.Overlap?.Compute * 1e6,
            OverlapPercent = outcome.Overlap?.Percent,
            PeerOverlapPercent = peer?.Overlap?.Percent,
        };
    }

    private int Finish()
    {
        (string? lost, string? thinned) = _timeline?.Write(_request.TimelineFile!) ?? default;
        if (thinned != null)
            Note(thinned);
        JsonReport report = Report(isComplete: !_isCutShort);
        _table.Footer(report.Summary);
        string? problem = ToldByRankZero(() => _files.Write(report) ?? lost);
        int code = report.Summary.Wrong > 0 ? ExitCodes.WrongResult : problem != null ? ExitCodes.InputOutput : ExitCodes.Ok;
        return problem == null ? code : throw new BenchmarkException(problem, code);
    }

    private JsonReport Report(bool isComplete) => new(isComplete, _facts, _notes, _rows, ResultSummary.Of(_rows));

    private void Note(string sentence)
    {
        _notes.Add(sentence);
        _table.Note(sentence);
    }

    // Rank 0's clock counts, so that all ranks stop at the same row.
    private bool IsOutOfTime()
    {
        if (_request.MaxTime is not { } bound)
            return false;
        int isOver = _elapsed.Elapsed >= bound ? 1 : 0;
        World.Broadcast(ref isOver, 0);
        return isOver == 1;
    }

    // The file may be on rank 0's node only.
    private GivenSchedule ReadByRankZero(string path)
    {
        int code = ExitCodes.Ok;
        string text = ToldByRankZero(() =>
        {
            try
            {
                return GivenSchedule.Read(path, _request, World.Size).ToJson();
            }
            catch (BenchmarkException e)
            {
                code = e.ExitCode;
                return e.Message;
            }
        })!;
        World.Broadcast(ref code, 0);
        return code == ExitCodes.Ok ? new(GivenSchedule.NameOf(path), ScheduleJson.FromJson(text)) : throw new BenchmarkException(text, code);
    }

    /// <summary>What rank 0 finds, on all ranks.</summary>
    private string? ToldByRankZero(Func<string?> find)
    {
        byte[] text = World.Rank == 0 ? Encoding.UTF8.GetBytes(find() ?? "") : [];
        int length = text.Length;
        World.Broadcast(ref length, 0);
        if (World.Rank != 0)
            text = new byte[length];
        World.Broadcast<byte>(text, 0);
        return length == 0 ? null : Encoding.UTF8.GetString(text);
    }

    // Called by the watchdog's thread while this rank's other thread is inside MPI, which must not be called from here.
    private static void EndProcess(string sentence)
    {
        Console.Error.WriteLine(sentence);
        Environment.Exit(ExitCodes.Environment);
    }
}
