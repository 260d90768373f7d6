using static HpcTrain.Collectives.Tests.Verification.HandWritten;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>Small schedules written by hand: each rule of the verifier, kept once and broken once.</summary>
[TestFixture]
public sealed class VerifierTests
{
    private static readonly BufferId s_data = BufferId.Data;
    private static readonly BufferId s_scratch = BufferId.Scratch();

    [Test]
    public void Two_ranks_that_send_first_are_in_a_deadlock_without_buffering()
    {
        Schedule schedule = TwoRanks((program, peer) =>
        {
            LaneBuilder lane = program.Lane();
            lane.Send(peer, s_data, 0);
            lane.Recv(peer, s_scratch, 0);
            lane.Reduce(s_scratch, s_data, 0);
        });
        Refuse(schedule, "rank 0, lane 0, instruction 0 (send data[0] to 1) is in a deadlock: it waits for rank 1, lane 0, instruction 0 (send data[0] to 0), "
            + "which waits for rank 0, lane 0, instruction 0 (send data[0] to 1).");
    }

    [Test]
    public void The_same_exchange_in_two_lanes_is_correct()
    {
        Schedule schedule = TwoRanks((program, peer) =>
        {
            InstructionId sent = program.Lane().Send(peer, s_data, 0);
            LaneBuilder incoming = program.Lane();
            incoming.Recv(peer, s_scratch, 0);
            incoming.Reduce(s_scratch, s_data, 0, sent);
        });
        Assert.That(ScheduleVerifier.Verify(schedule).Steps, Is.EqualTo(1));
    }

    [Test]
    public void A_deadlock_through_dependencies_is_found()
    {
        // Each rank receives only after its send is done, and its send needs the peer's receive.
        Schedule schedule = TwoRanks((program, peer) =>
        {
            InstructionId sent = program.Lane().Send(peer, s_data, 0);
            program.Lane().RecvReduce(peer, s_data, 0, sent);
        });
        Refuse(schedule, "is in a deadlock");
    }

    [Test]
    public void Dependencies_must_not_form_a_cycle()
    {
        Schedule schedule = TwoRanks((program, peer) =>
        {
            program.Lane().Send(peer, s_data, 0, new InstructionId(1, 0));
            program.Lane().RecvReduce(peer, s_data, 0, new InstructionId(0, 0));
        });
        Refuse(schedule, "rank 0, lane 0, instruction 0 (send data[0] to 1) waits for itself");
    }

    [Test]
    public void Reducing_what_is_being_sent_is_a_race()
    {
        Schedule schedule = TwoRanks((program, peer) =>
        {
            program.Lane().Send(peer, s_data, 0);
            program.Lane().RecvReduce(peer, s_data, 0);
        });
        Refuse(schedule, "rank 0, lane 1, instruction 0 (recv-reduce data[0] from 1) races with instruction 0.0 (send data[0] to 1) for data[0]");
    }

    [Test]
    public void Two_lanes_may_read_the_same_chunk()
    {
        Schedule schedule = Broadcast(3, (program, rank) =>
        {
            if (rank == 0)
            {
                program.Lane().Send(1, s_data, 0);
                program.Lane().Send(2, s_data, 0);
            }
            else
            {
                program.Lane().Recv(0, s_data, 0);
            }
        });
        Assert.That(ScheduleVerifier.Verify(schedule).SentShare, Is.EqualTo(2));
    }

    [Test]
    public void Two_lanes_must_not_share_a_channel_to_a_peer()
    {
        Schedule schedule = Make(2, 2, CollectiveKind.Broadcast, (program, rank) =>
        {
            for (int chunk = 0; chunk < 2; chunk++)
            {
                LaneBuilder lane = program.Lane();
                _ = rank == 0 ? lane.Send(1, s_data, chunk) : lane.Recv(0, s_data, chunk);
            }
        }, root: 0);
        Refuse(schedule, "rank 0, lane 1, instruction 0 (send data[1] to 1) shares its peer, direction and channel 0 with lane 0");
    }

    [Test]
    public void Another_reduction_order_on_another_rank_is_refused()
    {
        // Everyone sends to everyone and reduces in rank order after its own: (0 1) 2, (1 0) 2, (2 0) 1.
        Schedule schedule = Make(3, 1, CollectiveKind.AllReduce, (program, rank) =>
        {
            int[] others = [.. Enumerable.Range(0, 3).Where(other => other != rank)];
            InstructionId[] sent = [.. others.Select(other => program.Lane().Send(other, s_data, 0))];
            LaneBuilder local = program.Lane();
            for (int i = 0; i < 2; i++)
            {
                BufferId scratch = BufferId.Scratch(i + 1);
                InstructionId arrived = program.Lane().Recv(others[i], scratch, 0);
                local.Reduce(scratch, s_data, 0, [arrived, .. sent]);
            }
        });
        Refuse(schedule, "rank 2 ends with every contribution to data[0], but reduced in another order than on rank 0, so their bits may differ");
    }

    [Test]
    public void A_missing_contribution_is_named()
    {
        Schedule schedule = Make(3, 1, CollectiveKind.Reduce, (program, rank) =>
        {
            if (rank == 0)
                program.Lane().RecvReduce(2, s_data, 0);
            else if (rank == 2)
                program.Lane().Send(0, s_data, 0);
        }, root: 0);
        Refuse(schedule, "rank 0 ends with data[0] lacking the contribution of rank 1");
    }

    [Test]
    public void A_repeated_contribution_is_named()
    {
        Schedule schedule = Make(2, 1, CollectiveKind.Reduce, (program, rank) =>
        {
            LaneBuilder lane = program.Lane();
            for (int i = 0; i < 2; i++)
                _ = rank == 0 ? lane.RecvReduce(1, s_data, 0) : lane.Send(0, s_data, 0);
        }, root: 0);
        Refuse(schedule, "rank 0 ends with data[0] holding the contribution of rank 1 more than once");
    }

    [Test]
    public void Sending_what_is_not_there_is_refused() =>
        Refuse(
            Broadcast(2, (program, rank) => _ = rank == 1 ? program.Lane().Send(0, s_data, 0) : program.Lane().Recv(1, s_data, 0)),
            "rank 1, lane 0, instruction 0 (send data[0] to 0) reads data[0], which holds nothing yet");

    [Test]
    public void Ending_with_nothing_is_refused() =>
        Refuse(Broadcast(2, (_, _) => { }), "rank 1 ends without anything in data[0]");

    [Test]
    public void Chunks_of_both_ends_must_agree() =>
        Refuse(
            Make(2, 2, CollectiveKind.Broadcast, (program, rank) =>
                _ = rank == 0 ? program.Lane().Send(1, s_data, new ChunkRange(0, 2)) : program.Lane().Recv(0, s_data, 1), root: 0),
            "rank 1, lane 0, instruction 0 (recv data[1] from 0) meets instruction 0.0 of rank 0 (send data[0..1] to 1), which sends other chunks");

    [Test]
    public void Channels_beyond_the_last_are_refused() =>
        Refuse(Broadcast(2, (program, _) => program.Lane(Schedule.MaxChannels)), $"rank 0 has lane 0 on channel {Schedule.MaxChannels}");

    [Test]
    public void Local_instructions_need_two_buffers() =>
        Refuse(Broadcast(2, (program, _) => program.Lane().Copy(s_data, s_data, 0)), "reads and writes the same buffer");

    [Test]
    public void Waiting_for_what_does_not_exist_is_refused() =>
        Refuse(Broadcast(2, (program, _) => program.Lane().Copy(s_data, s_scratch, 0, new InstructionId(0, 7))), "waits for 0.7, which does not exist");
}
