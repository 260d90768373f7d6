using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Tests.Workloads;

internal sealed class OperandLayoutTests
{
    private static Workload Work(CollectiveKind collective, bool inPlace, int root = 1) => new(collective, 3, ElementType.F32, ReduceOp.Sum, root, 3 * 8 * 4, inPlace);

    [Test]
    public void Out_of_place_no_buffer_is_used_twice([Values] CollectiveKind collective, [Values(0, 1, 2)] int rank)
    {
        if (collective == CollectiveKind.Broadcast)
            return;
        OperandLayout layout = OperandLayout.Of(Work(collective, inPlace: false), rank, asMpi: false);

        Assert.That(layout.Source.Buffer, Is.Not.EqualTo(OperandBuffer.Destination));
        Assert.That(layout.Destination.Buffer, Is.Not.EqualTo(OperandBuffer.Source));
        Assert.That((layout.Source.Offset, layout.Destination.Offset), Is.EqualTo((0L, 0L)));
    }

    [TestCase(CollectiveKind.AllReduce, 0, 0)]
    [TestCase(CollectiveKind.AllToAll, 0, 0)]
    [TestCase(CollectiveKind.AllGather, 32, 0)]
    [TestCase(CollectiveKind.ReduceScatter, 0, 32)]
    [TestCase(CollectiveKind.Gather, 32, 0)]
    [TestCase(CollectiveKind.Scatter, 0, 32)]
    [TestCase(CollectiveKind.Reduce, 0, 0)]
    public void In_place_a_block_is_the_ranks_own_of_the_longer_buffer(CollectiveKind collective, long source, long destination)
    {
        OperandLayout layout = OperandLayout.Of(Work(collective, inPlace: true), 1, asMpi: false);

        Assert.That(layout.Source.Buffer, Is.EqualTo(layout.Destination.Buffer));
        Assert.That((layout.Source.Offset, layout.Destination.Offset), Is.EqualTo((source, destination)));
    }

    [Test]
    public void Ranks_that_are_no_root_have_only_their_side([Values(CollectiveKind.Reduce, CollectiveKind.Gather, CollectiveKind.Scatter)] CollectiveKind collective)
    {
        OperandLayout layout = OperandLayout.Of(Work(collective, inPlace: true), 2, asMpi: false);
        bool gives = collective != CollectiveKind.Scatter;

        Assert.That(layout.Source.Buffer, Is.EqualTo(gives ? OperandBuffer.Source : OperandBuffer.None));
        Assert.That(layout.Destination.Buffer, Is.EqualTo(gives ? OperandBuffer.None : OperandBuffer.Destination));
    }

    [Test]
    public void Mpi_puts_the_block_of_a_reduce_scatter_in_place_at_the_start() =>
        Assert.That(OperandLayout.Of(Work(CollectiveKind.ReduceScatter, inPlace: true), 2, asMpi: true).Destination, Is.EqualTo(new OperandPlace(OperandBuffer.Source)));

    [Test]
    public void Both_operands_end_within_the_bytes_that_their_buffers_need([Values] CollectiveKind collective, [Values] bool inPlace, [Values] bool asMpi)
    {
        for (int rank = 0; rank < 3; rank++)
        {
            Workload work = Work(collective, inPlace);
            OperandLayout layout = OperandLayout.Of(work, rank, asMpi);
            foreach ((OperandPlace place, long count) in new[] { (layout.Source, work.ContributionCount(rank)), (layout.Destination, work.ResultCount(rank)) })
            {
                if (count > 0)
                    Assert.That(place.Offset + (count * 4), Is.LessThanOrEqualTo(OperandLayout.BytesOf(place.Buffer, work, rank)), $"{collective} rank {rank}");
            }
        }
    }
}
