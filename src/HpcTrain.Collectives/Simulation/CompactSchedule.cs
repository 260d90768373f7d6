using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Simulation;

/// <summary>The two queues that messages from a rank to another on one channel connect, and the links between them.</summary>
internal struct Flow
{
    public int SendQueue;
    public int ReceiveQueue;
    public Way Way;

    /// <summary>How many segments the sender has ready.</summary>
    public long Sends;

    /// <summary>How many segments the receiver has room for.</summary>
    public long Receives;
}

/// <summary>The links that messages pass one after the other, as a part of <see cref="CompactSchedule.Links"/>.</summary>
/// <param name="First">Where they begin.</param>
/// <param name="End">Where they end.</param>
internal readonly record struct Way(int First, int End);

/// <summary>All ranks' programs in runs of equal steps, their queues numbered through, and who sends to whom.</summary>
internal sealed class CompactSchedule
{
    private readonly Schedule _schedule;
    private readonly List<int> _dependents = [];

    /// <summary>Compacts the programs of all ranks, on all cores, and finds the ways of their messages.</summary>
    /// <exception cref="ScheduleException">A send has no receive, or the other way round, or the two name other chunks.</exception>
    /// <exception cref="Topology.TopologyException">A message has no way.</exception>
    public CompactSchedule(Schedule schedule, ChunkPartition partition, Routes routes)
    {
        _schedule = schedule;
        var ranks = new CompactRank[schedule.Ranks];
        try
        {
            Parallel.For(
                0, schedule.Ranks, () => new RankCompactor(schedule, partition),
                (rank, _, compactor) =>
                {
                    ranks[rank] = compactor.Compact(rank);
                    return compactor;
                },
                _ => { });
        }
        catch (AggregateException errors) when (errors.InnerExceptions[0] is ScheduleException first)
        {
            throw new ScheduleException(first.Message, first);
        }

        Queues = new QueueState[ranks.Sum(rank => rank.Queues.Length)];
        Runs = new StepRun[ranks.Sum(rank => rank.Runs.Length)];
        Awaited = new AwaitedStep[ranks.Sum(rank => rank.Awaited.Length)];
        int queues = 0, runs = 0, waits = 0;
        for (int rank = 0; rank < ranks.Length; rank++)
        {
            Place(rank, ranks[rank], queues, runs, waits);
            (queues, runs, waits) = (queues + ranks[rank].Queues.Length, runs + ranks[rank].Runs.Length, waits + ranks[rank].Awaited.Length);
            ranks[rank] = null!;
        }

        Dependents = [.. _dependents];
        _dependents = [];
        Connect(routes);
    }

    public QueueState[] Queues { get; }

    public StepRun[] Runs { get; }

    /// <summary>What steps of runs wait for; queues are numbered as in <see cref="Queues"/>.</summary>
    public AwaitedStep[] Awaited { get; }

    /// <summary>For each queue, the leaders of those that wait for steps of it.</summary>
    public int[] Dependents { get; }

    public Flow[] Flows { get; private set; } = [];

    /// <summary>For each flow, the way of its acknowledgements; empty before <see cref="FindWaysBack"/>.</summary>
    public Way[] WaysBack { get; private set; } = [];

    /// <summary>The links of all ways, as positions in the graph's.</summary>
    public int[] Links { get; private set; } = [];

    /// <summary>Finds the ways of acknowledgements, from the receiver of each flow to its sender.</summary>
    /// <exception cref="Topology.TopologyException">An acknowledgement has no way.</exception>
    public void FindWaysBack(Routes routes)
    {
        // In the order of senders: each one's routes are asked for in a row.
        int[] flows = [.. Enumerable.Range(0, Flows.Length)];
        Array.Sort(Array.ConvertAll(Flows, flow => Queues[flow.SendQueue].Rank), flows);
        var links = new List<int>(Links);
        WaysBack = new Way[Flows.Length];
        foreach (int f in flows)
        {
            ref QueueState send = ref Queues[Flows[f].SendQueue];
            WaysBack[f] = Add(links, routes.Find(send.Peer, send.Rank, send.Channel));
        }

        Links = [.. links];
    }

    public ScheduleException FaultAt(int q, int position, string what) => Fault.At(_schedule, Queues[q].Rank, IdAt(q, position), what);

    public string Describe(int q, int position)
    {
        InstructionId id = IdAt(q, position);
        return $"rank {Queues[q].Rank}, lane {id.Lane}, instruction {id.Instruction} ({_schedule.Program(Queues[q].Rank)[id]})";
    }

    private InstructionId IdAt(int q, int position)
    {
        int run = Queues[q].FirstRun;
        while (Runs[run].End <= position)
            run++;
        return new(Queues[q].Lane, Runs[run].InstructionAt(position));
    }

    private void Place(int rank, CompactRank compact, int firstQueue, int firstRun, int firstWait)
    {
        var leaders = new Dictionary<int, int>();
        for (int q = 0; q < compact.Queues.Length; q++)
        {
            CompactQueue queue = compact.Queues[q];
            ref QueueState state = ref Queues[firstQueue + q];
            state = new()
            {
                Kind = queue.Kind,
                Rank = rank,
                Lane = queue.Lane,
                Peer = queue.Peer,
                Channel = queue.Channel,
                FirstRun = firstRun + queue.FirstRun,
                RunEnd = firstRun + queue.RunEnd,
                Leader = firstQueue + q,
                Head = QueueState.None,
                NextSibling = QueueState.None,
                Flow = QueueState.None,
            };
            if (queue.Kind == QueueKind.Send && !leaders.TryAdd(queue.Lane, state.Leader))
                state.Leader = leaders[queue.Lane];
        }

        for (int r = 0; r < compact.Runs.Length; r++)
            Runs[firstRun + r] = compact.Runs[r] with { FirstAwaited = compact.Runs[r].FirstAwaited + firstWait, AwaitedEnd = compact.Runs[r].AwaitedEnd + firstWait };
        for (int w = 0; w < compact.Awaited.Length; w++)
            Awaited[firstWait + w] = compact.Awaited[w] with { Queue = compact.Awaited[w].Queue + firstQueue };

        List<long> pairs = DependentPairs(firstQueue, compact.Queues.Length);
        for (int q = firstQueue, p = 0; q < firstQueue + compact.Queues.Length; q++)
        {
            Queues[q].FirstDependent = _dependents.Count;
            for (; p < pairs.Count && pairs[p] >> 32 == q; p++)
            {
                if (p == 0 || pairs[p] != pairs[p - 1])
                    _dependents.Add((int)pairs[p]);
            }

            Queues[q].DependentEnd = _dependents.Count;
        }
    }

    private List<long> DependentPairs(int firstQueue, int count)
    {
        var pairs = new List<long>();
        for (int q = firstQueue; q < firstQueue + count; q++)
        {
            for (int r = Queues[q].FirstRun; r < Queues[q].RunEnd; r++)
            {
                foreach (AwaitedStep awaited in Awaited.AsSpan(Runs[r].FirstAwaited..Runs[r].AwaitedEnd))
                {
                    if (Queues[awaited.Queue].Leader != Queues[q].Leader)
                        pairs.Add(((long)awaited.Queue << 32) | (uint)Queues[q].Leader);
                }
            }
        }

        pairs.Sort();
        return pairs;
    }

    private void Connect(Routes routes)
    {
        // Both kinds of queues in the order of receiver, sender, channel: partners meet, and each receiver's routes are asked for in a row.
        (long[] sendKeys, int[] sends) = Sorted(QueueKind.Send);
        (long[] receiveKeys, int[] receives) = Sorted(QueueKind.Receive);
        for (int i = 0; i < Math.Max(sends.Length, receives.Length); i++)
        {
            long send = i < sends.Length ? sendKeys[i] : long.MaxValue, receive = i < receives.Length ? receiveKeys[i] : long.MaxValue;
            if (send != receive)
                throw send < receive ? WithoutPartner(sends[i], 0) : WithoutPartner(receives[i], 0);
        }

        Flows = new Flow[sends.Length];
        var links = new List<int>(sends.Length);
        for (int f = 0; f < Flows.Length; f++)
        {
            ref QueueState send = ref Queues[sends[f]], receive = ref Queues[receives[f]];
            send.Flow = receive.Flow = f;
            CheckSteps(sends[f], receives[f]);
            Way way = Add(links, routes.Find(send.Rank, receive.Rank, send.Channel));
            Flows[f] = new() { SendQueue = sends[f], ReceiveQueue = receives[f], Way = way };
        }

        Links = [.. links];
    }

    private static Way Add(List<int> links, int[] found)
    {
        links.AddRange(found);
        return new(links.Count - found.Length, links.Count);
    }

    private (long[] Keys, int[] Queues) Sorted(QueueKind kind)
    {
        int[] queues = [.. Enumerable.Range(0, Queues.Length).Where(q => Queues[q].Kind == kind)];
        long[] keys = Array.ConvertAll(queues, q => Key(in Queues[q]));
        Array.Sort(keys, queues);
        for (int i = 1; i < keys.Length; i++)
        {
            if (keys[i] == keys[i - 1])
                throw FaultAt(Math.Max(queues[i], queues[i - 1]), 0, "uses a channel to its peer that another lane of the rank uses, too");
        }

        return (keys, queues);
    }

    private static long Key(in QueueState queue)
    {
        (int from, int to) = queue.Kind == QueueKind.Send ? (queue.Rank, queue.Peer) : (queue.Peer, queue.Rank);
        return (((long)to * int.MaxValue) + from) * Schedule.MaxChannels + queue.Channel;
    }

    private void CheckSteps(int send, int receive)
    {
        int s = Queues[send].FirstRun, r = Queues[receive].FirstRun, position = 0;
        while (s < Queues[send].RunEnd && r < Queues[receive].RunEnd)
        {
            ref StepRun sent = ref Runs[s], received = ref Runs[r];
            int end = Math.Min(sent.End, received.End);
            if (sent.ChunksAt(position) != received.ChunksAt(position) || sent.ChunksAt(end - 1) != received.ChunksAt(end - 1))
            {
                while (sent.ChunksAt(position) == received.ChunksAt(position))
                    position++;
                throw FaultAt(receive, position, $"meets {Describe(send, position)}, which sends other chunks");
            }

            position = end;
            s += sent.End == end ? 1 : 0;
            r += received.End == end ? 1 : 0;
        }

        if (s < Queues[send].RunEnd)
            throw WithoutPartner(send, position);
        if (r < Queues[receive].RunEnd)
            throw WithoutPartner(receive, position);
    }

    private ScheduleException WithoutPartner(int q, int position) =>
        FaultAt(q, position, $"has no matching {(Queues[q].Kind == QueueKind.Send ? "receive" : "send")} on rank {Queues[q].Peer}");
}
