using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HpcTrain.Kernels;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Servers;

/// <summary>
/// How gradients travel from a rank to the servers: the same ways as those of <see cref="GradientReduction"/>, as far as they make sense for a message from one rank to
/// another. The part that a rank serves itself does not travel and stays as it is. Not thread-safe; each rank has its own.
/// </summary>
public abstract class PushCodec : ICompressionState
{
    private static readonly Dictionary<string, float[]> _stateless = [];

    /// <summary>What options call it, as "int8".</summary>
    public abstract string Name { get; }

    /// <summary>Not that of a reduction of the same name: what this one keeps back leaves out the shard that its rank serves.</summary>
    string ICompressionState.Name => $"{Name}, pushed";

    /// <inheritdoc/>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public virtual IReadOnlyDictionary<string, float[]> State => _stateless;

    /// <inheritdoc/>
    public void RestoreSteps(long steps) => Steps = steps;

    /// <summary>Allocates the state, zero at first, if that was not done for this length before.</summary>
    /// <param name="length">The length of all flat gradients.</param>
    internal virtual void Prepare(int length)
    {
    }

    /// <summary>All parts are encoded.</summary>
    internal void EndStep() => Steps++;

    /// <summary>Whether a message is the gradients' own bytes, so that nothing needs to be encoded.</summary>
    internal virtual bool IsPlain => false;

    /// <summary>The most bytes that this many gradients take.</summary>
    internal abstract int MostBytes(int length);

    /// <summary>Writes gradients into a message.</summary>
    /// <param name="gradients">A shard's part of the flat gradients.</param>
    /// <param name="offset">Where the part begins in the flat gradients.</param>
    /// <param name="message">Room for <see cref="MostBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    internal abstract int Encode(ReadOnlySpan<float> gradients, int offset, Span<byte> message);

    /// <summary>Reads gradients from a message; those that it does not have are zero.</summary>
    internal abstract void Decode(ReadOnlySpan<byte> message, Span<float> gradients);

    /// <summary>The codec that <c>--compress</c> names.</summary>
    /// <param name="text">One of <see cref="ReductionText.Forms"/>.</param>
    /// <param name="seed">Seed of what is random in it.</param>
    /// <param name="rank">This rank.</param>
    /// <exception cref="TrainingException">It is none of the forms, or one that needs all ranks at once.</exception>
    public static PushCodec Parse(string text, long seed, int rank)
    {
        var name = ReductionText.Parse(text, seed).Name;
        return name.Split(':') switch
        {
            ["none"] => new PlainPush(),
            ["f16"] => new HalfPush(ElementType.F16),
            ["bf16"] => new HalfPush(ElementType.BF16),
            ["int8"] => new Int8Push(seed, rank),
            ["top-k", var amount] => new TopKPush(double.Parse(amount, CultureInfo.InvariantCulture)),
            _ => throw new TrainingException($"--compress is {text}, which sums over all ranks at once: gradients that are pushed to servers travel by none, f16, bf16, int8 or top-k."),
        };
    }
}

/// <summary>Gradients in f32.</summary>
public sealed class PlainPush : PushCodec
{
    /// <inheritdoc/>
    public override string Name => "none";

    /// <inheritdoc/>
    internal override bool IsPlain => true;

    /// <inheritdoc/>
    internal override int MostBytes(int length) => checked(length * sizeof(float));

    /// <inheritdoc/>
    internal override int Encode(ReadOnlySpan<float> gradients, int offset, Span<byte> message)
    {
        MemoryMarshal.AsBytes(gradients).CopyTo(message);
        return gradients.Length * sizeof(float);
    }

    /// <inheritdoc/>
    internal override void Decode(ReadOnlySpan<byte> message, Span<float> gradients) => MemoryMarshal.Cast<byte, float>(message).CopyTo(gradients);
}

/// <summary>Gradients in f16 or bf16, rounded to nearest: half the bytes; see <see cref="HalfReduction"/>.</summary>
/// <param name="type">f16 or bf16.</param>
public sealed unsafe class HalfPush(ElementType type) : PushCodec
{
    /// <inheritdoc/>
    public override string Name => type.Name();

    /// <inheritdoc/>
    internal override int MostBytes(int length) => checked(length * sizeof(ushort));

    /// <inheritdoc/>
    internal override int Encode(ReadOnlySpan<float> gradients, int offset, Span<byte> message)
    {
        fixed (float* source = gradients)
        fixed (byte* target = message)
        {
            HostKernels.Cast(ElementType.F32, source, type, target, gradients.Length);
        }

        return MostBytes(gradients.Length);
    }

    /// <inheritdoc/>
    internal override void Decode(ReadOnlySpan<byte> message, Span<float> gradients)
    {
        fixed (byte* source = message)
        fixed (float* target = gradients)
        {
            HostKernels.Cast(type, source, ElementType.F32, target, gradients.Length);
        }
    }
}

/// <summary>
/// Gradients as 8-bit integers with a scale for each 256, rounded stochastically, so that the expected gradient is the gradient: a quarter of the bytes; see <see cref="Int8Reduction"/>.
/// </summary>
/// <param name="seed">Seed of the roundings.</param>
/// <param name="rank">This rank, whose roundings are its own.</param>
public sealed unsafe class Int8Push(long seed, int rank) : PushCodec
{
    /// <inheritdoc/>
    public override string Name => "int8";

    /// <inheritdoc/>
    internal override int MostBytes(int length) => checked(ScaleBytes(length) + length);

    /// <inheritdoc/>
    internal override int Encode(ReadOnlySpan<float> gradients, int offset, Span<byte> message)
    {
        fixed (float* source = gradients)
        fixed (byte* target = message)
        {
            // Scales first, then as many codes as gradients.
            Int8Kernels.Quantize(source, gradients.Length, (float*)target, (sbyte*)(target + ScaleBytes(gradients.Length)), RoundingKey.Of(seed, Steps, offset, rank));
        }

        return MostBytes(gradients.Length);
    }

    /// <inheritdoc/>
    internal override void Decode(ReadOnlySpan<byte> message, Span<float> gradients)
    {
        fixed (byte* source = message)
        fixed (float* target = gradients)
        {
            Int8Kernels.Dequantize((float*)source, (sbyte*)(source + ScaleBytes(gradients.Length)), gradients.Length, target);
        }
    }

    private static int ScaleBytes(int length) => (int)Int8Kernels.Blocks(length) * sizeof(float);
}

/// <summary>
/// The k gradients of a shard with the largest magnitudes, as indices and values; the others are kept back and added to those of the next push (error feedback); see
/// <see cref="TopKReduction"/>.
/// </summary>
/// <param name="amount">How many of a shard: below 1 the fraction, otherwise the number.</param>
public sealed class TopKPush(double amount) : PushCodec
{
    private readonly TopSelection _selection = new();
    private readonly Dictionary<string, float[]> _state = [];
    private float[] _residual = [];

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"top-k:{amount}");

    /// <summary>"residual": what this rank has not sent yet, laid out as the flat gradients.</summary>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    internal override void Prepare(int length)
    {
        if (_residual.Length != length)
        {
            _state["residual"] = _residual = new float[length];
        }
    }

    /// <inheritdoc/>
    internal override int MostBytes(int length) => checked(Count(length) * (sizeof(uint) + sizeof(float)));

    /// <inheritdoc/>
    internal override int Encode(ReadOnlySpan<float> gradients, int offset, Span<byte> message)
    {
        var kept = _residual.AsSpan(offset, gradients.Length);
        TensorPrimitives.Add(kept, gradients, kept);
        var count = Count(gradients.Length);
        var indices = MemoryMarshal.Cast<byte, uint>(message[..(count * sizeof(uint))]);
        var values = MemoryMarshal.Cast<byte, float>(message.Slice(count * sizeof(uint), count * sizeof(float)));
        _selection.Select(kept, indices);
        for (var i = 0; i < count; i++)
        {
            ref var element = ref kept[(int)indices[i]];
            (values[i], element) = (element, 0);
        }

        // None that is not finite stays behind to spoil later steps; they are the largest, so one has been sent.
        foreach (ref var value in kept)
        {
            value = float.IsFinite(value) ? value : 0;
        }

        return MostBytes(gradients.Length);
    }

    /// <inheritdoc/>
    internal override void Decode(ReadOnlySpan<byte> message, Span<float> gradients)
    {
        gradients.Clear();
        var count = message.Length / (sizeof(uint) + sizeof(float));
        var indices = MemoryMarshal.Cast<byte, uint>(message[..(count * sizeof(uint))]);
        var values = MemoryMarshal.Cast<byte, float>(message[(count * sizeof(uint))..]);
        for (var i = 0; i < count; i++)
        {
            gradients[(int)indices[i]] = values[i];
        }
    }

    private int Count(int length) => (int)Math.Min(length, amount < 1 ? Math.Ceiling(amount * length) : amount);
}
