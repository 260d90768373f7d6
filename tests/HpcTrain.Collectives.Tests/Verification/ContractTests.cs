using static HpcTrain.Collectives.Tests.Verification.HandWritten;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>What each collective owes its ranks: small schedules written by hand that keep it or do not.</summary>
[TestFixture]
public sealed class ContractTests
{
    private static readonly BufferId s_data = BufferId.Data;
    private static readonly BufferId s_scratch = BufferId.Scratch();

    [TestCaseSource(nameof(Kinds))]
    public void Each_kind_has_its_own_contract(Schedule schedule, CollectiveKind[] alsoKeeps)
    {
        // An all-to-all has other chunks.
        foreach (CollectiveKind kind in Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.AllToAll))
        {
            Schedule renamed = new(kind, "renamed", schedule.Ranks,
                kind.HasOwners() ? Schedule.OwnedChunks(schedule.Chunks.Length) : Schedule.EqualChunks(schedule.Chunks.Length),
                schedule.Program, kind.HasRoot() ? 0 : null);
            bool keeps = kind == schedule.Collective || alsoKeeps.Contains(kind);
            Assert.That(() => ScheduleVerifier.Verify(renamed), keeps ? Throws.Nothing : Throws.TypeOf<ScheduleException>(), $"{schedule.Collective} as {kind}");
        }
    }

    public static IEnumerable<TestCaseData> Kinds()
    {
        // Whoever gives everyone everything gives each its part too.
        var everything = new ChunkRange(0, 3);
        yield return Kind(TestAlgorithms.Create("ring", 3), CollectiveKind.ReduceScatter, CollectiveKind.Reduce, CollectiveKind.Barrier);
        yield return Kind(Make(3, 3, CollectiveKind.Broadcast, (program, rank) =>
        {
            LaneBuilder lane = program.Lane();
            if (rank > 0)
                lane.Recv(rank - 1, s_data, everything);
            if (rank < 2)
                lane.Send(rank + 1, s_data, everything);
        }, root: 0), CollectiveKind.Scatter);
        yield return Kind(Make(3, 3, CollectiveKind.Reduce, (program, rank) =>
        {
            LaneBuilder lane = program.Lane();
            if (rank < 2)
                lane.RecvReduce(rank + 1, s_data, everything);
            if (rank > 0)
                lane.Send(rank - 1, s_data, everything);
        }, root: 0));
        yield return Kind(Make(3, 3, CollectiveKind.AllGather, (program, rank) =>
        {
            foreach (int peer in Enumerable.Range(0, 3).Where(peer => peer != rank))
            {
                program.Lane().Send(peer, s_data, rank);
                program.Lane().Recv(peer, s_data, peer);
            }
        }), CollectiveKind.Gather);
        yield return Kind(Make(3, 3, CollectiveKind.Gather, (program, rank) =>
        {
            for (int peer = 1; peer < 3; peer++)
            {
                if (rank == 0)
                    program.Lane().Recv(peer, s_data, peer);
                else if (rank == peer)
                    program.Lane().Send(0, s_data, rank);
            }
        }, root: 0));
        yield return Kind(Make(3, 3, CollectiveKind.Scatter, (program, rank) =>
        {
            for (int peer = 1; peer < 3; peer++)
            {
                if (rank == 0)
                    program.Lane().Send(peer, s_data, peer);
                else if (rank == peer)
                    program.Lane().Recv(0, s_data, rank);
            }
        }, root: 0));
        yield return Kind(Make(3, 3, CollectiveKind.ReduceScatter, (program, rank) =>
        {
            LaneBuilder incoming = program.Lane();
            foreach (int peer in Enumerable.Range(0, 3).Where(peer => peer != rank))
            {
                program.Lane().Send(peer, s_data, peer);
                incoming.RecvReduce(peer, s_data, rank);
            }
        }));
    }

    [Test]
    public void An_all_to_all_by_hand_is_correct() =>
        Assert.That(ScheduleVerifier.Verify(AllToAll((program, rank) =>
        {
            foreach (int peer in Others(rank))
            {
                program.Lane().Send(peer, s_data, Pair(rank, peer));
                program.Lane().Recv(peer, s_data, Pair(peer, rank));
            }
        })).SentWeight, Is.EqualTo(2));

    [Test]
    public void Blocks_of_an_all_to_all_may_be_passed_on_in_scratch()
    {
        // All go round a ring, two blocks from each rank in the first step and one of them on in the second.
        Schedule ring = AllToAll((program, rank) =>
        {
            int left = (rank + 2) % 3, right = (rank + 1) % 3;
            LaneBuilder outgoing = program.Lane();
            LaneBuilder incoming = program.Lane();
            outgoing.Send(right, s_data, Pair(rank, right));
            outgoing.Send(right, s_data, Pair(rank, left));
            incoming.Recv(left, s_data, Pair(left, rank));
            InstructionId arrived = incoming.Recv(left, s_scratch, Pair(left, right));
            outgoing.Send(right, s_scratch, Pair(left, right), arrived);
            incoming.Recv(left, s_data, Pair(right, rank));
        });
        Assert.That(ScheduleVerifier.Verify(ring).Steps, Is.EqualTo(3));
    }

    [Test]
    public void Blocks_of_others_have_no_place_in_the_data_of_an_all_to_all() =>
        Refuse(AllToAll((program, rank) =>
        {
            if (rank == 0)
                program.Lane().Send(1, s_data, Pair(0, 2));
            else if (rank == 1)
                program.Lane().Recv(0, s_data, Pair(0, 2));
        }), "rank 1, lane 0, instruction 0 (recv data[2] from 0) keeps chunk 2, which rank 1 neither owns nor is the target of, in data; others are passed on in scratch buffers");

    [Test]
    public void A_block_of_an_all_to_all_that_does_not_arrive_is_named() =>
        Refuse(AllToAll((program, rank) =>
        {
            foreach (int peer in Others(rank).Where(peer => (rank, peer) is not (1, 2) and not (2, 1)))
            {
                program.Lane().Send(peer, s_data, Pair(rank, peer));
                program.Lane().Recv(peer, s_data, Pair(peer, rank));
            }
        }), "rank 2 ends without anything in data[5]");

    [Test]
    public void A_block_of_an_all_to_all_must_be_its_sources()
    {
        // Rank 1 reduces its own block into the one that it should only pass on.
        Schedule schedule = AllToAll((program, rank) =>
        {
            foreach (int peer in Others(rank))
            {
                program.Lane().Send(peer, s_data, Pair(rank, peer));
                LaneBuilder incoming = program.Lane();
                incoming.Recv(peer, s_data, Pair(peer, rank));
                if (rank == 1 && peer == 0)
                {
                    incoming.Copy(s_data, s_scratch, Pair(0, 1));
                    incoming.Reduce(s_scratch, s_data, Pair(0, 1));
                }
            }
        });
        Refuse(schedule, "rank 1 ends with data[1] holding the contribution of rank 0 more than once");
    }

    [Test]
    public void Chunks_of_an_all_to_all_name_source_and_target_in_order()
    {
        Assert.That(() => new Schedule(CollectiveKind.AllToAll, "by-hand", 2, [new(1, 0, 0), new(1, 1, 0), new(1, 0, 1), new(1, 1, 1)], _ => RankProgram.Empty),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("in the order of ranks"));
        Assert.That(() => new Schedule(CollectiveKind.AllToAll, "by-hand", 1, [new(1, 0)], _ => RankProgram.Empty),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("needs a target"));
    }

    [Test]
    public void A_barrier_may_hear_of_a_rank_twice()
    {
        // Dissemination on three ranks: after two steps each has heard of itself twice.
        Schedule barrier = Make(3, 1, CollectiveKind.Barrier, (program, rank) =>
        {
            LaneBuilder outgoing = program.Lane();
            LaneBuilder incoming = program.Lane();
            InstructionId[] heard = [];
            for (int distance = 1; distance < 3; distance *= 2)
            {
                InstructionId told = outgoing.Send((rank + distance) % 3, s_data, 0, heard);
                incoming.Recv((rank + 3 - distance) % 3, s_scratch, 0);
                heard = [incoming.Reduce(s_scratch, s_data, 0, told)];
            }
        });
        Assert.That(ScheduleVerifier.Verify(barrier).Steps, Is.EqualTo(2));
    }

    [Test]
    public void A_barrier_that_a_rank_may_leave_early_names_both()
    {
        Schedule barrier = Make(3, 1, CollectiveKind.Barrier, (program, rank) =>
        {
            // Everyone reports to rank 0, which releases rank 1 before it has heard of rank 2.
            LaneBuilder lane = program.Lane();
            if (rank == 0)
            {
                lane.RecvReduce(1, s_data, 0);
                lane.Send(1, s_data, 0);
                lane.RecvReduce(2, s_data, 0);
                lane.Send(2, s_data, 0);
            }
            else
            {
                lane.Send(0, s_data, 0);
                lane.Recv(0, s_data, 0);
            }
        });
        Refuse(barrier, "rank 1 ends with data[0] lacking the contribution of rank 2");
    }

    private static int Pair(int source, int target) => (3 * source) + target;

    private static IEnumerable<int> Others(int rank) => Enumerable.Range(0, 3).Where(peer => peer != rank);

    private static TestCaseData Kind(Schedule schedule, params CollectiveKind[] alsoKeeps) => new(schedule, alsoKeeps);
}
