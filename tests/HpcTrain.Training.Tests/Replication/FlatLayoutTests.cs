using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Tests.Replication;

public sealed class FlatLayoutTests
{
    [Test]
    public void Buckets_cover_the_buffers_from_the_last_parameter_to_the_first([Values(1, 2, 3, 7)] int ranks, [Values(1, 400, 1 << 20)] long bucketBytes)
    {
        var layout = FlatLayout.Create(Parameters(5, 100, 3, 64, 1, 1000, 17), ranks, bucketBytes);
        Assert.That(layout.Buckets.SelectMany(b => b.Slots.Reverse()).Select(s => s.Name), Is.EqualTo(layout.Slots.Reverse().Select(s => s.Name)));
        Assert.That(layout.Buckets.Select(b => b.Index), Is.EqualTo(Enumerable.Range(0, layout.Buckets.Count)));
        var end = layout.Length;
        foreach (var bucket in layout.Buckets)
        {
            Assert.That(bucket.Offset + bucket.Length, Is.EqualTo(end), "buckets lie one after the other");
            Assert.That(bucket.Length % (16 * ranks), Is.Zero, "equal blocks of whole cache lines");
            Assert.That(bucket.Slots, Has.All.Matches<ParameterSlot>(s => s.Offset >= bucket.Offset && s.Offset + s.Count <= end && s.Offset % 16 == 0));
            end = bucket.Offset;
        }

        Assert.That(end, Is.Zero);
    }

    [Test]
    public void A_bucket_takes_parameters_until_it_is_long_enough_and_the_first_one_is_small()
    {
        const int Kibi = 256; // elements
        var layout = FlatLayout.Create(Parameters(600 * Kibi, 600 * Kibi, 600 * Kibi, 200 * Kibi, 100 * Kibi), bucketBytes: 1 << 20);
        Assert.That(layout.Buckets.Select(b => b.Slots.Count), Is.EqualTo(new[] { 2, 2, 1 }));
    }

    [Test]
    public void More_than_a_span_holds_is_refused()
        => Assert.That(() => FlatLayout.Create(Parameters(1 << 30, 1 << 30)), Throws.TypeOf<OverflowException>());

    private static (string, IReadOnlyList<long>)[] Parameters(params int[] counts)
        => [.. counts.Select((count, i) => ($"p{i}", (IReadOnlyList<long>)[count]))];
}
