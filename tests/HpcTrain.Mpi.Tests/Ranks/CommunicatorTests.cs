using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public class CommunicatorTests
{
    [RankTest(1, 2, 3, 4)]
    public void A_split_gathers_equal_colors_ordered_by_key(Intracommunicator world)
    {
        using var half = world.Split(world.Rank % 2, key: -world.Rank)!;
        var members = Enumerable.Range(0, world.Size).Where(rank => rank % 2 == world.Rank % 2).Reverse().ToArray();
        Assert.That(half.Size, Is.EqualTo(members.Length));
        Assert.That(half.AllGather(world.Rank), Is.EqualTo(members));
        Assert.That(members[half.Rank], Is.EqualTo(world.Rank));
    }

    [RankTest(1, 3)]
    public void Who_has_no_color_gets_no_communicator(Intracommunicator world)
    {
        using var rest = world.Split(world.Rank == 0 ? Intracommunicator.NoColor : 7);
        Assert.That(rest is null, Is.EqualTo(world.Rank == 0));
        if (rest is not null)
            Assert.That((rest.Rank, rest.Size), Is.EqualTo((world.Rank - 1, world.Size - 1)));
    }

    [RankTest(1, 3)]
    public void Ranks_of_one_machine_are_one_node(Intracommunicator world)
    {
        using var node = world.SplitShared();
        Assert.That((node.Rank, node.Size), Is.EqualTo((world.Rank, world.Size)));
    }

    [RankTest(2)]
    public void Duplicates_and_splits_of_duplicates_work_like_the_world(Intracommunicator world)
    {
        using var first = world.Duplicate();
        using var second = first.Duplicate();
        using var third = second.Split(0)!;
        Assert.That(third.AllReduce(1 + world.Rank, MpiOp.Sum), Is.EqualTo(3));
        Assert.That((third.Rank, third.Size), Is.EqualTo((world.Rank, world.Size)));
    }

    [RankTest(2)]
    public void Communicators_can_be_made_and_freed_without_end(Intracommunicator world)
    {
        // MPICH has some 2000 context ids: one that is not given back would run out here.
        for (var i = 0; i < 3000; i++)
        {
            using var copy = world.Duplicate();
        }

        Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2));
    }

    [RankTest(2)]
    public void A_disposed_communicator_says_so(Intracommunicator world)
    {
        var copy = world.Duplicate();
        copy.Dispose();
        copy.Dispose();
        Assert.That(() => copy.Barrier(), Throws.TypeOf<MpiException>().With.Message.EqualTo(
            $"a communicator of 2 ranks was used on rank {world.Rank} after it was disposed: dispose it after its last use."));
        world.Barrier();
    }

    [RankTest(1)]
    public void The_world_survives_a_dispose()
    {
        var world = MpiEnvironment.Current!.World;
        world.Dispose();
        Assert.That(world.AllReduce(4, MpiOp.Max), Is.EqualTo(4));
    }
}
