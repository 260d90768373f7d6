namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>
/// Takes correct schedules, damages each instruction in turn, and expects the verifier to refuse every single one, naming rank and place. A verifier that
/// misses a kind of fault accepts some of these.
/// </summary>
[TestFixture]
public sealed class MutationTests
{
    private static readonly string[] s_folding = ["recursive-doubling", "halving-doubling", "halving-doubling-blocks", "recursive-halving", "reduce-scatter-gather"];

    /// <summary>Every algorithm for a few ranks, those that treat powers of two apart for more of them, and hierarchies over equal and unequal nodes.</summary>
    public static IEnumerable<Schedule> Originals
    {
        get
        {
            foreach ((CollectiveKind collective, string name) in TestAlgorithms.All.Where(algorithm => algorithm.Collective != CollectiveKind.Barrier && !IsHierarchy(algorithm.Name)))
            {
                foreach (int ranks in s_folding.Contains(name) ? (int[])[2, 3, 5, 6] : [2, 3, 4])
                    yield return TestAlgorithms.Create(collective, name, ranks, collective.HasRoot() ? ranks - 1 : 0);
            }

            yield return Hierarchy(CollectiveKind.AllReduce, "hierarchy:direct+ring", "/0,0,1,1");
            yield return Hierarchy(CollectiveKind.AllReduce, "hierarchy:binomial+direct", "/0,1,1");
            yield return Hierarchy(CollectiveKind.AllGather, "hierarchy:direct+ring", "/0,1,1");
            yield return Hierarchy(CollectiveKind.ReduceScatter, "hierarchy:ring+direct", "/0,1,0,1");
        }
    }

    /// <summary>
    /// Barriers whose tokens take one way only: each arrives once, so that each is missed. Where tokens come twice, a damaged barrier may still be one.
    /// </summary>
    public static IEnumerable<Schedule> OriginalsAndBarriers =>
        Originals.Concat([TestAlgorithms.Create(CollectiveKind.Barrier, "tree", 4), TestAlgorithms.Create(CollectiveKind.Barrier, "dissemination", 4)]);

    [Test]
    public void A_dropped_instruction_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int, int, int) place in MutableSchedule.Places(schedule))
            ExpectRefusal(MutableSchedule.Without(place, schedule), place, "dropped");
    }

    [Test]
    public void A_dropped_transfer_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        // Both ends go, so that the messages still match: only the sum is wrong, or something is sent that is not there.
        foreach ((int Rank, int Lane, int Position) place in MutableSchedule.Places(schedule))
        {
            Instruction send = At(schedule, place);
            if (send.Operation != Operation.Send)
                continue;
            (int, int, int) receive = Receive(schedule, place);
            ExpectRefusal(MutableSchedule.Without(receive, MutableSchedule.Without(place, schedule)), place, "dropped with its receive");
        }
    }

    [Test]
    public void Another_peer_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int Rank, int Lane, int Position) place in Transfers(schedule))
        {
            for (int peer = -1; peer <= schedule.Ranks; peer++)
            {
                if (peer != At(schedule, place).Peer)
                    ExpectRefusal(Change(schedule, place, instruction => instruction with { Peer = peer }), place, $"peer {peer}");
            }
        }
    }

    [Test]
    public void Another_chunk_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int Rank, int Lane, int Position) place in MutableSchedule.Places(schedule))
        {
            ChunkRange chunks = At(schedule, place).Chunks;
            for (int first = -1; first <= schedule.Chunks.Length; first++)
            {
                foreach (int count in (int[])[0, chunks.Count, chunks.Count + 1, int.MaxValue])
                {
                    if (new ChunkRange(first, count) is var other && other != chunks)
                        ExpectRefusal(Change(schedule, place, instruction => instruction with { Chunks = other }), place, $"chunks {other}");
                }
            }
        }
    }

    [Test]
    public void Overwriting_instead_of_reducing_is_noticed([ValueSource(nameof(Originals))] Schedule schedule)
    {
        foreach ((int, int, int) place in MutableSchedule.Places(schedule))
        {
            Operation? other = At(schedule, place).Operation switch
            {
                Operation.RecvReduce => Operation.Recv,
                Operation.Recv => Operation.RecvReduce,
                Operation.Reduce => Operation.Copy,
                _ => null,
            };
            if (other is { } operation)
                ExpectRefusal(Change(schedule, place, instruction => instruction with { Operation = operation }), place, $"made {operation}");
        }
    }

    [Test]
    public void A_contribution_reduced_twice_is_noticed([ValueSource(nameof(Originals))] Schedule schedule)
    {
        foreach ((int Rank, int Lane, int Position) place in MutableSchedule.Places(schedule))
        {
            if (At(schedule, place).Operation != Operation.Send)
                continue;
            (int Rank, int Lane, int Position) receive = Receive(schedule, place);
            if (At(schedule, receive).Operation == Operation.RecvReduce)
                ExpectRefusal(Repeat(Repeat(schedule, place), receive), place, "sent and reduced twice");
        }
    }

    [Test]
    public void A_send_turned_around_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int, int, int) place in Transfers(schedule))
        {
            Operation operation = At(schedule, place).Operation == Operation.Send ? Operation.Recv : Operation.Send;
            ExpectRefusal(Change(schedule, place, instruction => instruction with { Operation = operation }), place, "turned around");
        }
    }

    [Test]
    public void A_missing_dependency_is_a_race([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int Rank, int Lane, int Position) place in MutableSchedule.Places(schedule))
        {
            Schedule mutant = MutableSchedule.With(place, schedule, line => line with { After = [] });
            if (schedule.Program(place.Rank).Lanes[place.Lane].After(place.Position).Length > 0)
                ExpectRefusal(mutant, place, "without its dependencies", "races");
        }
    }

    [Test]
    public void Another_buffer_is_noticed([ValueSource(nameof(OriginalsAndBarriers))] Schedule schedule)
    {
        foreach ((int, int, int) place in MutableSchedule.Places(schedule))
        {
            BufferId other = At(schedule, place).Buffer == BufferId.Data ? BufferId.Scratch() : BufferId.Data;
            ExpectRefusal(Change(schedule, place, instruction => instruction with { Buffer = other }), place, $"on {other}");
        }
    }

    private static IEnumerable<(int Rank, int Lane, int Position)> Transfers(Schedule schedule) =>
        MutableSchedule.Places(schedule).Where(place => At(schedule, place).Operation.IsTransfer());

    private static Instruction At(Schedule schedule, (int Rank, int Lane, int Position) place) =>
        schedule.Program(place.Rank).Lanes[place.Lane].Instructions[place.Position];

    private static Schedule Change(Schedule schedule, (int, int, int) place, Func<Instruction, Instruction> change) =>
        MutableSchedule.With(place, schedule, line => line with { Instruction = change(line.Instruction) });

    private static Schedule Repeat(Schedule schedule, (int Rank, int Lane, int Position) place)
    {
        var open = new MutableSchedule(schedule);
        List<MutableSchedule.Line> lane = open.Programs[place.Rank][place.Lane];
        lane.Insert(place.Position, lane[place.Position]);
        foreach (List<MutableSchedule.Line> lines in open.Programs[place.Rank])
        {
            for (int i = 0; i < lines.Count; i++)
                lines[i] = lines[i] with { After = [.. lines[i].After.Select(Renumber)] };
        }

        return open.Close();

        InstructionId Renumber(InstructionId id) =>
            id.Lane == place.Lane && id.Instruction >= place.Position ? id with { Instruction = id.Instruction + 1 } : id;
    }

    /// <summary>The receive that meets a send: the same position among the peer's receives from this rank on that channel.</summary>
    private static (int Rank, int Lane, int Position) Receive(Schedule schedule, (int Rank, int Lane, int Position) send)
    {
        int peer = At(schedule, send).Peer;
        int channel = Channel(schedule, send);
        int position = Transfers(schedule).Count(place => place.Rank == send.Rank && place.Lane == send.Lane && place.Position < send.Position
            && At(schedule, place) is { Operation: Operation.Send } other && other.Peer == peer);
        return Transfers(schedule)
            .Where(place => place.Rank == peer && Channel(schedule, place) == channel && At(schedule, place) is { Operation: not Operation.Send } other && other.Peer == send.Rank)
            .ElementAt(position);
    }

    private static int Channel(Schedule schedule, (int Rank, int Lane, int Position) place) => schedule.Program(place.Rank).Lanes[place.Lane].Channel;

    private static bool IsHierarchy(string name) => name.StartsWith("hierarchy:", StringComparison.Ordinal);

    private static Schedule Hierarchy(CollectiveKind collective, string name, string map)
    {
        int ranks = map.Length / 2;
        return AlgorithmCatalog.Create(name, new(collective, ranks) { Nodes = NodeMap.Parse(map, ranks) });
    }

    private static void ExpectRefusal(Schedule mutant, (int Rank, int Lane, int Position) place, string what, string message = "")
    {
        ScheduleException? error = Assert.Throws<ScheduleException>(
            () => ScheduleVerifier.Verify(mutant), $"accepted: rank {place.Rank}, lane {place.Lane}, instruction {place.Position} {what}\n{mutant.ToText()}");
        Assert.That(error!.Rank, Is.Not.Null, error.Message);
        Assert.That(error.Message, Does.Contain($"rank {error.Rank}").And.Contain(message));
    }
}
