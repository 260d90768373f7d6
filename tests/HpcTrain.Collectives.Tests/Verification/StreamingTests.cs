namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>
/// Executors pass segments on while more arrive. Here schedules are cut as they cut them, each chunk into segments that wait for each other one by
/// one, so that the verifier counts the steps of the pipeline.
/// </summary>
[TestFixture]
public sealed class StreamingTests
{
    [Test]
    public void A_chain_of_p_ranks_takes_p_minus_2_steps_more_than_segments([Values(2, 3, 5, 16)] int ranks, [Values(1, 2, 10)] int segments)
    {
        Assert.That(Steps(CollectiveKind.Broadcast, "chain", ranks, segments), Is.EqualTo(ranks - 2 + segments));
        Assert.That(Steps(CollectiveKind.Reduce, "chain", ranks, segments), Is.EqualTo(ranks - 2 + segments));
        Assert.That(Steps(CollectiveKind.AllReduce, "chain", ranks, segments), Is.EqualTo((2 * (ranks - 1)) + segments - 1), "down the chain right after up");
    }

    [Test]
    public void Two_trees_stream_in_logarithmic_latency([Values(4, 15, 16, 33)] int ranks, [Values(1, 20)] int segments)
    {
        int levels = System.Numerics.BitOperations.Log2((uint)ranks - 1) + 1;
        Assert.That(Steps(CollectiveKind.Broadcast, "double-binary-tree", ranks, segments), Is.EqualTo(levels + segments - 1));
        Assert.That(Steps(CollectiveKind.AllReduce, "double-binary-tree", ranks, segments), Is.LessThanOrEqualTo((3 * levels) + (2 * segments)), "two receives per segment");
    }

    [Test]
    public void A_hierarchy_of_chains_is_one_pipeline()
    {
        // Three nodes of four: two hops across and three inside, for each segment right after the one before.
        const int Segments = 10;
        Schedule schedule = AlgorithmCatalog.Create("hierarchy:chain+chain", new(CollectiveKind.Broadcast, 12) { Nodes = NodeMap.Blocks(12, 4) });
        Assert.That(ScheduleVerifier.Verify(Streamed(schedule, Segments)).Steps, Is.EqualTo(2 + 3 + Segments - 1));
    }

    private static int Steps(CollectiveKind collective, string name, int ranks, int segments) =>
        ScheduleVerifier.Verify(Streamed(TestAlgorithms.Create(collective, name, ranks), segments)).Steps;

    private static Schedule Streamed(Schedule schedule, int segments) =>
        new(schedule.Collective, schedule.Algorithm, schedule.Ranks, Schedule.EqualChunks(schedule.Chunks.Length * segments),
            rank => Streamed(schedule.Program(rank), segments), schedule.Root);

    private static RankProgram Streamed(RankProgram program, int segments)
    {
        var streamed = new ProgramBuilder();
        foreach (Lane lane in program.Lanes)
        {
            LaneBuilder builder = streamed.Lane(lane.Channel);
            for (int i = 0; i < lane.Instructions.Length; i++)
            {
                Instruction instruction = lane.Instructions[i];
                Assert.That(instruction.Chunks.Count, Is.EqualTo(1), "whole chunks only");
                for (int segment = 0; segment < segments; segment++)
                {
                    InstructionId[] after = [.. lane.After(i).ToArray().Select(id => id with { Instruction = (id.Instruction * segments) + segment })];
                    builder.Add(instruction with { Chunks = (instruction.Chunks.First * segments) + segment }, after);
                }
            }
        }

        return streamed.Build();
    }
}
