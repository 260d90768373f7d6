using System.Diagnostics;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>Where the ranks of a communicator meet when one of them has stalled, to find out together who is missing.</summary>
internal sealed class StallDesk(Transport transport, FlightRecorder recorder, TimeSpan timeout)
{
    // Idea. The rank whose time-out runs out first calls the others, by messages beside the collectives', which every rank that waits looks for now and
    // then. Those answer with what they and (through shared memory) their silent neighbours have recorded. The caller waits a bounded time for
    // answers, prints one table, and tells all ranks its verdict. Ranks that never wait never answer, and nobody waits for them.
    // Ranks often time out at the same moment: so each waits a little before it calls, the lower ones less, and a caller that is called by a lower rank
    // gives way. Whoever has answered waits for the verdict, bounded too, and fails without it. A rank that comes too late finds call and verdict.
    private const int CallMilliseconds = 2, MostCallMilliseconds = 200;
    private static readonly TimeSpan s_longestWindow = TimeSpan.FromSeconds(2), s_shortestWindow = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_verdictMargin = TimeSpan.FromSeconds(1);

    private readonly RankReport?[] _reports = new RankReport?[transport.Size];
    private readonly SortedSet<int> _callers = [];
    private readonly HashSet<int> _told = [];
    private string? _verdict;

    private enum Kind : byte
    {
        Call,
        Answer,
        Verdict,
    }

    private TimeSpan Window => TimeSpan.FromTicks(Math.Clamp(timeout.Ticks, s_shortestWindow.Ticks, s_longestWindow.Ticks));

    /// <summary>Whether another rank has found a stall, so that waiting is no longer of use.</summary>
    public bool IsCalled()
    {
        while (transport.TryReceiveAside(out int from, out byte[] message))
            Take(from, message);
        return _callers.Count > 0 || _verdict != null;
    }

    /// <summary>Finds out with the other ranks why this one has stalled. Bounded; once in the life of a communicator.</summary>
    /// <param name="own">This rank's error.</param>
    /// <returns>The error with the common verdict, where there is one.</returns>
    public ScheduleException Conclude(ScheduleException own)
    {
        RankRecord record = recorder.Own();
        LookAround();
        _reports[transport.Rank] = new(transport.Rank, Answers: true, HasRecord: true, record, Waits(recorder.FailureOf(record.Slot.Sequence)));
        Until(TimeSpan.FromMilliseconds(Math.Min(transport.Rank * CallMilliseconds, MostCallMilliseconds)), IsCalled);
        if (!IsCalled())
            Lead();
        if (_verdict == null)
            Follow();
        return _verdict == null ? own : new($"{own.Message} {_verdict}", own.Rank ?? transport.Rank, own.Lane, own.Instruction) { IsStall = true };
    }

    private void Lead()
    {
        Tell(Kind.Call, Everyone);
        Until(Window, () => IsCalled() && (_verdict != null || _callers.Min < transport.Rank) || _reports.All(report => report is { Answers: true }));
        if (_verdict != null || (_callers.Count > 0 && _callers.Min < transport.Rank))
            return;

        // Neighbours that have not answered may have moved since.
        LookAround();
        var table = new StallTable([.. _reports.Select((report, rank) => report ?? new(rank, false, false, default, transport.ProcessOf(rank)))]);
        _verdict = table.Verdict;
        Console.Error.Write(table.Text);
        Console.Error.Flush();
        var text = new MemoryStream();
        using (var writer = new BinaryWriter(text))
        {
            writer.Write((byte)Kind.Verdict);
            writer.Write(_verdict);
        }

        foreach (int rank in Everyone)
            transport.SendAside(rank, text.ToArray());
    }

    private void Follow() => Until(Window + s_verdictMargin, () =>
    {
        _ = IsCalled();
        Tell(Kind.Answer, _callers.Where(_told.Add));
        return _verdict != null;
    });

    private IEnumerable<int> Everyone => Enumerable.Range(0, transport.Size).Where(rank => rank != transport.Rank);

    private void Take(int from, byte[] message)
    {
        using var reader = new BinaryReader(new MemoryStream(message));
        var kind = (Kind)reader.ReadByte();
        if (kind == Kind.Verdict)
        {
            _verdict = reader.ReadString();
            return;
        }

        if (kind == Kind.Call)
            _callers.Add(from);
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            // What a rank says of itself counts more than what others have seen of it.
            RankReport report = RankReport.Read(reader);
            if (_reports[report.Rank] is not { Answers: true })
                _reports[report.Rank] = report;
        }
    }

    private void Tell(Kind kind, IEnumerable<int> ranks)
    {
        var text = new MemoryStream();
        using var writer = new BinaryWriter(text);
        writer.Write((byte)kind);
        RankReport[] known = [.. _reports.OfType<RankReport>()];
        writer.Write(known.Length);
        foreach (RankReport report in known)
            report.Write(writer);
        byte[] message = text.ToArray();
        foreach (int rank in ranks)
            transport.SendAside(rank, message);
    }

    /// <summary>Reads what the silent ranks of the node have recorded.</summary>
    private void LookAround()
    {
        if (!recorder.SeesNode)
            return;
        for (int i = 0; i < transport.NodeRanks.Count; i++)
        {
            int rank = transport.NodeRanks[i];
            if (_reports[rank] is not { Answers: true })
                _reports[rank] = new(rank, Answers: false, HasRecord: true, recorder.Of(i), transport.ProcessOf(rank));
        }
    }

    private static string Waits(IReadOnlyList<string> waits)
    {
        const int Shown = 2, Longest = 300;
        string text = string.Join("; ", waits.Take(Shown)) + (waits.Count > Shown ? $"; and {waits.Count - Shown} more" : "");
        return text.Length > Longest ? text[..Longest] + "..." : text;
    }

    private static void Until(TimeSpan limit, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(start) < limit)
            Thread.Sleep(1);
    }
}
