using System.Collections.Immutable;

namespace HpcTrain.Collectives.Tests.Schedules;

[TestFixture]
public sealed class ChunkPartitionTests
{
    [Test]
    public void Chunks_cover_the_buffer_without_gaps([Values(0, 1, 5, 63, 64, 1000, 123_457, 5_000_000_000)] long count, [Values(1, 2, 4, 8)] int elementBytes)
    {
        ImmutableArray<Chunk> chunks = [new(3), new(1), new(7), new(1_000_000_007), new(2)];
        var partition = new ChunkPartition(chunks, count, elementBytes);
        long next = 0;
        for (int c = 0; c < chunks.Length; c++)
        {
            Assert.That(partition.Start(c), Is.EqualTo(next));
            Assert.That(partition.Length(c), Is.GreaterThanOrEqualTo(0));
            next += partition.Length(c);
        }

        Assert.That(next, Is.EqualTo(count));
        Assert.That(partition.Length(new ChunkRange(0, chunks.Length)), Is.EqualTo(count));
    }

    [Test]
    public void Equal_chunks_of_a_short_buffer_differ_by_one_element_at_most([Range(1, 9)] int chunks, [Range(0, 40)] int count)
    {
        var partition = new ChunkPartition(Schedule.EqualChunks(chunks), count, 4);
        long[] lengths = [.. Enumerable.Range(0, chunks).Select(c => partition.Length(c))];
        Assert.That(lengths.Max() - lengths.Min(), Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void Boundaries_of_long_chunks_are_cache_lines([Values(1, 2, 4, 8)] int elementBytes)
    {
        var partition = new ChunkPartition(Schedule.EqualChunks(7), 1_000_003, elementBytes);
        for (int c = 0; c < 7; c++)
        {
            Assert.That(partition.Start(c) * elementBytes % 64, Is.Zero);
            Assert.That(partition.Length(c), Is.EqualTo(1_000_003 / 7.0).Within(2 * 64.0 / elementBytes));
        }
    }

    [Test]
    public void Weights_are_exact_shares()
    {
        var partition = new ChunkPartition([new(5), new(24), new(7)], 36_000, 8);
        Assert.That(partition.Start(1), Is.EqualTo(5000));
        Assert.That(partition.Start(2), Is.EqualTo(29_000));
    }
}
