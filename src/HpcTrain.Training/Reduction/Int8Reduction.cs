using System.Numerics.Tensors;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// Sums that travel as 8-bit integers with a scale for each 256 elements: about a quarter of the bytes. A bucket is cut into one shard per rank. Each rank
/// sends every other its shard of codes (all-to-all); the owner adds them in f32 in the order of ranks, its own gradients as they are; it makes codes of the sum, which
/// all get (allgather) and read alike. Both roundings are stochastic, so the expected result is the sum, and no error needs to be fed back.
/// </summary>
/// <remarks>
/// <para>An element costs 2 (p-1)/p (1 + 4/256) bytes, 3.94 times less than in f32, and 2(p-1) messages. Shards are whole blocks: a bucket so short that this takes as
/// many bytes as f32 is summed in f32. Links between nodes carry the shards of each rank of a node, where an allreduce by levels sends those of one: with r ranks per node the gain
/// there is 3.94 / r.</para>
/// <para>A NaN or infinity makes its block of 256 NaN on all ranks. The idea of unbiased codes with a scale per block is QSGD's (Alistarh et al., NeurIPS 2017, arXiv
/// 1610.02132, section 3).</para>
/// </remarks>
/// <param name="seed">Seed of the roundings; the same numbers are drawn again for the same seed, step, bucket and rank.</param>
public sealed class Int8Reduction(long seed) : GradientReduction
{
    private CollectiveBuffer<byte>? _outgoing;
    private CollectiveBuffer<byte>? _incoming;
    private float[] _sum = [];

    private enum Leg
    {
        Contribution,
        Sum,
    }

    /// <inheritdoc/>
    public override string Name => "int8";

    /// <inheritdoc/>
    protected override void Allocate()
    {
        var layout = new Layout(Communicator.Size == 1 ? 0 : Buckets.Select(b => b.Length).DefaultIfEmpty().Max(), Communicator.Size);
        _outgoing = Communicator.Allocate<byte>(layout.TotalBytes);
        _incoming = Communicator.Allocate<byte>(layout.TotalBytes);
        _sum = new float[layout.ShardLength];
    }

    /// <inheritdoc/>
    protected override void Apply(GradientBucket bucket, Span<float> gradients)
    {
        var (ranks, me) = (Communicator.Size, Communicator.Rank);
        var layout = new Layout(gradients.Length, ranks);
        if (IsPlainAsShort(gradients.Length, 2L * (ranks - 1) * layout.ShardBytes))
        {
            SumPlainly(gradients);
            return;
        }

        var outgoing = _outgoing!.Span[..checked((int)layout.TotalBytes)];
        var incoming = _incoming!.Span[..outgoing.Length];
        var contribution = Key(bucket, Leg.Contribution);
        for (var rank = 0; rank < ranks; rank++)
        {
            if (rank != me)
            {
                Encode(layout.Shard(gradients, rank), layout.Message(outgoing, rank), layout, contribution, (uint)(rank * layout.ShardLength));
            }
        }

        Exchange(outgoing, incoming);
        var mine = layout.Shard(gradients, me);
        var sum = _sum.AsSpan(0, mine.Length);
        sum.Clear();
        for (var rank = 0; rank < ranks; rank++)
        {
            if (rank == me)
            {
                TensorPrimitives.Add(sum, mine, sum);
            }
            else
            {
                Decode(layout.Message(incoming, rank), layout, sum, adds: true);
            }
        }

        var result = layout.Message(outgoing, me);
        Encode(sum, result, layout, Key(bucket, Leg.Sum), firstNumber: 0);
        Gather(result, incoming);
        for (var rank = 0; rank < ranks; rank++)
        {
            Decode(layout.Message(incoming, rank), layout, layout.Shard(gradients, rank), adds: false);
        }
    }

    private static unsafe void Encode(ReadOnlySpan<float> shard, Span<byte> message, Layout layout, RoundingKey key, uint firstNumber)
    {
        fixed (float* source = shard)
        fixed (byte* target = message)
        {
            // A message has room for as many scales and codes as the longest shard needs.
            Int8Kernels.Quantize(source, shard.Length, (float*)target, (sbyte*)(target + layout.ScaleBytes), key, firstNumber);
        }
    }

    private static unsafe void Decode(ReadOnlySpan<byte> message, Layout layout, Span<float> shard, bool adds)
    {
        fixed (float* target = shard)
        fixed (byte* source = message)
        {
            if (adds)
            {
                Int8Kernels.AddDequantized((float*)source, (sbyte*)(source + layout.ScaleBytes), shard.Length, target);
            }
            else
            {
                Int8Kernels.Dequantize((float*)source, (sbyte*)(source + layout.ScaleBytes), shard.Length, target);
            }
        }
    }

    private RoundingKey Key(GradientBucket bucket, Leg leg) => RoundingKey.Of(seed, Steps, bucket.Index, Communicator.Rank, (long)leg);

    /// <summary>How a bucket is cut: shards of equally many blocks, of which the last may be short or empty; their messages are equally long, scales first.</summary>
    private readonly record struct Layout(int Length, int Ranks)
    {
        private int ShardBlocks => ((int)Int8Kernels.Blocks(Length) + Ranks - 1) / Ranks;

        public int ShardLength => ShardBlocks * Int8Kernels.BlockElements;

        public int ScaleBytes => ShardBlocks * sizeof(float);

        public int ShardBytes => ScaleBytes + ShardLength;

        public long TotalBytes => (long)ShardBytes * Ranks;

        public Span<float> Shard(Span<float> gradients, int rank)
        {
            var first = (int)Math.Min(Length, (long)rank * ShardLength);
            return gradients.Slice(first, Math.Min(ShardLength, Length - first));
        }

        public Span<byte> Message(Span<byte> messages, int rank) => messages.Slice(rank * ShardBytes, ShardBytes);
    }
}
