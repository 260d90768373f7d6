using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public class SharedWindowTests
{
    [RankTest(1, 2, 3, 4)]
    public void Every_rank_reads_what_every_rank_wrote(Intracommunicator world)
    {
        using var node = world.SplitShared();
        using var window = SharedWindow.Allocate(node, 1000 * sizeof(int));
        for (var round = 0; round < 20; round++)
        {
            window.Segment<int>(node.Rank).Fill((round * 10) + node.Rank);
            window.Sync();
            node.Barrier();
            window.Sync();
            for (var rank = 0; rank < node.Size; rank++)
            {
                var segment = window.Segment<int>(rank);
                Assert.That(segment.Length, Is.EqualTo(1000));
                Assert.That(segment.IndexOfAnyExcept((round * 10) + rank), Is.EqualTo(-1), $"segment {rank} in round {round}");
            }

            node.Barrier();
        }
    }

    [RankTest(3)]
    public void Segments_may_differ_in_size_and_be_empty(Intracommunicator world)
    {
        using var node = world.SplitShared();
        using var window = SharedWindow.Allocate(node, node.Rank * 100L);
        Assert.That(Enumerable.Range(0, node.Size).Select(window.Size), Is.EqualTo(new long[] { 0, 100, 200 }));
        window.Segment<byte>(node.Rank).Fill((byte)(node.Rank + 1));
        window.Sync();
        node.Barrier();
        window.Sync();
        Assert.That(window.Segment<byte>(2).ToArray(), Is.EqualTo(Enumerable.Repeat((byte)3, 200)));
        Assert.That(window.Segment<byte>(0).Length, Is.Zero);
        node.Barrier();
    }

    [RankTest(2)]
    public void Segments_start_on_cache_lines_of_their_own(Intracommunicator world)
    {
        using var node = world.SplitShared();
        using var window = SharedWindow.Allocate(node, 10);
        for (var rank = 0; rank < node.Size; rank++)
            Assert.That((long)window.Address(rank) % 64, Is.Zero);
        Assert.That(Math.Abs((long)window.Address(1) - window.Address(0)), Is.GreaterThanOrEqualTo(64));
        node.Barrier();
    }

    [RankTest(2)]
    public void A_disposed_window_says_so(Intracommunicator world)
    {
        using var node = world.SplitShared();
        var window = SharedWindow.Allocate(node, 64);
        window.Dispose();
        window.Dispose();
        Assert.That(() => window.Sync(), Throws.TypeOf<MpiException>().With.Message.Contains("after it was disposed"));
        Assert.That(() => window.Address(0), Throws.TypeOf<MpiException>().With.Message.Contains("after it was disposed"));
    }

    [RankTest(2)]
    public void Windows_can_be_made_and_freed_many_times(Intracommunicator world)
    {
        using var node = world.SplitShared();
        for (var i = 0; i < 20; i++)
        {
            using var window = SharedWindow.Allocate(node, 1 << 20);
            window.Segment<byte>(node.Rank)[^1] = 1;
        }

        Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2));
    }
}
