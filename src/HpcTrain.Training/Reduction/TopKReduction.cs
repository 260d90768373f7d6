using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HpcTrain.Collectives;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// Each rank sends the k elements of a bucket with the largest magnitudes, as indices and values, to all (allgather); all add them up in the order of ranks.
/// What a rank did not send it adds to its gradients of the next step (error feedback), so nothing is lost, only late: without that, training stops where the
/// largest elements of the ranks cancel out.
/// </summary>
/// <remarks>
/// <para>A rank sends 8k (p-1) bytes per bucket and receives as many. This grows with the ranks, so where f32 is as short, at k >= n/p, a bucket is summed in f32.</para>
/// <para>Elements that are not finite are the largest, NaN first, so up to k of them arrive; none stays behind to spoil later steps.</para>
/// <para>Stich, Cordonnier and Jaggi, "Sparsified SGD with Memory" (NeurIPS 2018, arXiv 1809.07599), algorithm 1; Karimireddy et al., "Error Feedback Fixes SignSGD" (ICML 2019,
/// arXiv 1901.09847), section 4.</para>
/// </remarks>
public sealed class TopKReduction : GradientReduction
{
    private const int PairBytes = sizeof(uint) + sizeof(float);
    private readonly Dictionary<string, float[]> _state = [];
    private readonly TopSelection _selection = new();
    private readonly double _amount;
    private CollectiveBuffer<byte>? _mine;
    private CollectiveBuffer<byte>? _all;
    private float[] _residual = [];

    /// <param name="amount">How many elements of a bucket travel: below 1 the fraction, rounded up, otherwise the number, if it has so many.</param>
    /// <exception cref="ArgumentException">The amount is not above 0, or neither a fraction nor a whole number.</exception>
    public TopKReduction(double amount)
        => _amount = IsAmount(amount) ? amount : throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"top-k takes a fraction above 0 and below 1, or a whole number, not {amount}"), nameof(amount));

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"top-k:{_amount}");

    /// <summary>"residual": what this rank has not sent yet, laid out as the flat gradients.</summary>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <summary>Whether this many elements can be sent: a fraction above 0 and below 1, or a whole number.</summary>
    public static bool IsAmount(double amount) => amount is > 0 and < 1 || (amount is >= 1 and <= int.MaxValue && double.IsInteger(amount));

    /// <inheritdoc/>
    protected override void Allocate()
    {
        var most = Communicator.Size == 1 ? 0 : Buckets.Select(b => Count(b.Length)).DefaultIfEmpty().Max();
        _mine = Communicator.Allocate<byte>((long)most * PairBytes);
        _all = Communicator.Allocate<byte>((long)most * PairBytes * Communicator.Size);
        _state["residual"] = _residual = new float[FlatLength];
    }

    /// <inheritdoc/>
    protected override void Apply(GradientBucket bucket, Span<float> gradients)
    {
        var count = Count(gradients.Length);
        var bytes = count * PairBytes;
        if (IsPlainAsShort(gradients.Length, (Communicator.Size - 1L) * bytes))
        {
            SumPlainly(gradients);
            return;
        }

        var kept = _residual.AsSpan(bucket.Offset, bucket.Length);
        TensorPrimitives.Add(kept, gradients, kept);
        var mine = _mine!.Span[..bytes];
        var indices = Indices(mine);
        var values = Values(mine);
        _selection.Select(kept, indices);
        for (var i = 0; i < count; i++)
        {
            ref var element = ref kept[(int)indices[i]];
            (values[i], element) = (element, 0);
        }

        // They are the largest: if none was sent, there is none.
        if (!float.IsFinite(TensorPrimitives.MaxMagnitude<float>(values)))
        {
            DropNotFinite(kept);
        }

        var all = _all!.Span[..checked(bytes * Communicator.Size)];
        Gather(mine, all);
        gradients.Clear();
        for (var rank = 0; rank < Communicator.Size; rank++)
        {
            indices = Indices(all.Slice(rank * bytes, bytes));
            values = Values(all.Slice(rank * bytes, bytes));
            for (var i = 0; i < count; i++)
            {
                gradients[(int)indices[i]] += values[i];
            }
        }
    }

    private static Span<uint> Indices(Span<byte> message) => MemoryMarshal.Cast<byte, uint>(message[..(message.Length / 2)]);

    private static Span<float> Values(Span<byte> message) => MemoryMarshal.Cast<byte, float>(message[(message.Length / 2)..]);

    private static void DropNotFinite(Span<float> kept)
    {
        foreach (ref var value in kept)
        {
            value = float.IsFinite(value) ? value : 0;
        }
    }

    private int Count(int length) => (int)Math.Min(length, _amount < 1 ? Math.Ceiling(_amount * length) : _amount);
}
