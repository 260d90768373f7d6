using FsCheck;
using FsCheck.Fluent;
using HpcTrain.Data.Loading;

namespace HpcTrain.Data.Tests;

/// <summary>The random numbers and permutations are part of the format of a run: these values never change.</summary>
[TestFixture]
internal sealed class SampleOrderTests
{
    // Computed by an implementation in another language, written from the description of the algorithm.
    private static readonly ulong[] GoldenDraws = [1673635513579300849, 5746529524066729297, 5134082710180152351, 540543755867088502];
    private static readonly long[] GoldenFull = [3, 0, 8, 6, 9, 2, 5, 1, 4, 7];
    private static readonly long[] GoldenBlocks = [6, 3, 4, 5, 9, 10, 8, 11, 7, 1, 0, 2];

    [Test]
    public void The_golden_values_of_the_generator()
    {
        var stream = new SplitMix64(seed: 42, epoch: 3, part: 7);
        var drawn = Enumerable.Range(0, 4).Select(_ => stream.Next()).ToArray();
        Assert.That(drawn, Is.EqualTo(GoldenDraws));
    }

    [Test]
    public void The_golden_values_of_the_full_shuffle()
    {
        var order = new FullShuffle(10, seed: 42);
        var samples = new long[10];
        order.BeginEpoch(0);
        order.Fill(0, samples);
        Assert.That(samples, Is.EqualTo(GoldenFull));
    }

    [Test]
    public void The_golden_values_of_the_block_shuffle()
    {
        var order = new BlockShuffle([0, 7, 12], blockSamples: 3, windowBlocks: 2, seed: 42);
        var samples = new long[12];
        order.BeginEpoch(1);
        order.Fill(0, samples);
        Assert.That(samples, Is.EqualTo(GoldenBlocks));
    }

    [Test]
    public void The_generator_is_SplitMix64_of_its_folded_key()
    {
        // Written anew from the paper: state += golden; two xor-shift-multiplies; a last xor-shift.
        static ulong Mix(ulong z)
        {
            z = unchecked((z ^ (z >> 30)) * 13787848793156543929UL);
            z = unchecked((z ^ (z >> 27)) * 10723151780598845931UL);
            return z ^ (z >> 31);
        }
        const ulong Golden = 11400714819323198485UL;
        var state = unchecked(Mix(Mix(Mix(1UL + Golden) + 2UL + Golden) + 3UL + Golden));
        var stream = new SplitMix64(1, 2, 3);
        for (var i = 0; i < 5; i++)
            Assert.That(stream.Next(), Is.EqualTo(Mix(state = unchecked(state + Golden))));
    }

    [Test]
    public void Numbers_below_a_bound_are_even()
    {
        var stream = new SplitMix64(1, 1, 1);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
            counts[stream.Below(7)]++;
        Assert.That(counts, Is.All.InRange(9_600, 10_400));
    }

    [Test]
    public void Every_order_of_four_is_equally_likely()
    {
        var counts = new Dictionary<string, int>();
        var samples = new long[4];
        for (var epoch = 0; epoch < 24_000; epoch++)
        {
            var order = new FullShuffle(4, seed: 9);
            order.BeginEpoch(epoch);
            order.Fill(0, samples);
            var key = string.Join(' ', samples);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        Assert.That(counts, Has.Count.EqualTo(24));
        Assert.That(counts.Values, Is.All.InRange(850, 1150));
    }

    [Test]
    public void A_block_shuffle_is_a_permutation_of_windows_of_whole_blocks_whatever_the_sizes()
    {
        var property = Prop.ForAll<PositiveInt[], PositiveInt, PositiveInt>((shards, block, window) =>
        {
            var seed = shards.Length * 31 + block.Get;
            if (shards.Length == 0)
                return true;
            long[] firsts = [0, .. shards.Select((_, i) => shards[..(i + 1)].Sum(size => (long)size.Get))];
            var order = new BlockShuffle(firsts, block.Get, window.Get, (ulong)seed);
            order.BeginEpoch(seed & 7);
            var samples = new long[firsts[^1]];
            // In pieces, as batches take them.
            for (var position = 0; position < samples.Length;)
            {
                var part = Math.Min(samples.Length - position, 1 + position % 5);
                order.Fill(position, samples.AsSpan(position, part));
                position += part;
            }
            return samples.Order().SequenceEqual(Enumerable.Range(0, samples.Length).Select(i => (long)i))
                && WindowsHoldWholeBlocks(samples, firsts, block.Get, window.Get);
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), property);
    }

    [Test]
    public void Positions_can_be_asked_for_in_any_order()
    {
        var forward = new BlockShuffle([0, 100, 150], 8, 3, 1);
        var jumping = new BlockShuffle([0, 100, 150], 8, 3, 1);
        forward.BeginEpoch(4);
        jumping.BeginEpoch(4);
        var all = new long[150];
        forward.Fill(0, all);
        var one = new long[1];
        foreach (var position in Enumerable.Range(0, 150).Select(i => i * 67 % 150))
        {
            jumping.Fill(position, one);
            Assert.That(one[0], Is.EqualTo(all[position]));
        }
    }

    // Cut into windows of the given number of blocks, no block reaches into two windows.
    private static bool WindowsHoldWholeBlocks(long[] samples, long[] firsts, int block, int windowBlocks)
    {
        (int Shard, long Block) BlockOf(long sample)
        {
            var shard = Array.FindLastIndex(firsts, first => first <= sample);
            return (shard, (sample - firsts[shard]) / block);
        }
        var finished = new HashSet<(int, long)>();
        var current = new Dictionary<(int, long), int>();
        foreach (var sample in samples)
        {
            var key = BlockOf(sample);
            if (finished.Contains(key))
                return false;
            current[key] = current.GetValueOrDefault(key) + 1;
            var full = current.Count == windowBlocks && current.All(pair =>
                pair.Value == Math.Min(block, firsts[pair.Key.Item1 + 1] - firsts[pair.Key.Item1] - pair.Key.Item2 * block));
            if (!full)
                continue;
            finished.UnionWith(current.Keys);
            current.Clear();
        }
        return true;
    }
}
