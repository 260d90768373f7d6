using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// The gradients of a fully connected layer y = W x + b, summed over the ranks without sending them: dW is the sum of the outer products dy x^T over the samples,
/// so the ranks send each other their x and dy (the sufficient factors), and each adds up the products of all. Exact but for the order of the sum, which is that of ranks
/// and rows, so all have the same bits; and a NaN or infinity in a factor is one in all products that it is part of.
/// </summary>
/// <remarks>
/// Factors send 4 K (in + out) (p-1) bytes, with K samples per rank; the matrix by allreduce 8 in out (p-1)/p: factors pay if p K (in + out) &lt; 2 in out, so for wide layers,
/// small batches and few ranks. They cost p K in out multiplications on each rank where backward has K in out; a layer whose own weight gradient is not computed at all saves those.
/// Zhang et al., "Poseidon" (USENIX ATC 2017, arXiv 1706.03292), section 3.2 and algorithm 1; Xie et al. (arXiv 1512.06216). Not thread-safe.
/// </remarks>
public sealed class SufficientFactors
{
    private readonly CollectiveCommunicator _communicator;
    private readonly CollectiveBuffer<byte> _mine;
    private readonly CollectiveBuffer<byte> _all;
    private readonly float[] _left;
    private readonly float[] _right;

    /// <summary>Allocates the exchange for one layer. A collective call. The buffers are the communicator's and go with it.</summary>
    /// <param name="communicator">The ranks that train together; it stays the caller's.</param>
    /// <param name="capacity">The most samples that a rank has in a step; the same on all ranks.</param>
    /// <param name="inputs">Length of x.</param>
    /// <param name="outputs">Length of y.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public SufficientFactors(CollectiveCommunicator communicator, int capacity, int inputs, int outputs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(inputs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outputs, 1);
        (_communicator, Capacity, Inputs, Outputs) = (communicator, capacity, inputs, outputs);
        var bytes = (long)capacity * (inputs + outputs) * sizeof(float);
        _mine = communicator.Allocate<byte>(bytes);
        _all = communicator.Allocate<byte>(bytes * communicator.Size);
        var samples = checked(capacity * communicator.Size);
        _left = new float[checked(samples * outputs)];
        _right = new float[checked(samples * inputs)];
    }

    /// <summary>The most samples that a rank has in a step.</summary>
    public int Capacity { get; }

    /// <summary>Length of x.</summary>
    public int Inputs { get; }

    /// <summary>Length of y.</summary>
    public int Outputs { get; }

    /// <summary>What this rank has sent to others, in bytes.</summary>
    public long SentBytes { get; private set; }

    /// <summary>What a rank sends of a layer's weight gradient per step as factors, in bytes.</summary>
    public static long BytesAsFactors(int capacity, int inputs, int outputs, int ranks) => sizeof(float) * (long)capacity * ((long)inputs + outputs) * (ranks - 1);

    /// <summary>What a rank sends of a layer's weight gradient per step by an allreduce in f32, in bytes.</summary>
    public static long BytesAsMatrix(int inputs, int outputs, int ranks) => 2 * sizeof(float) * (long)inputs * outputs * (ranks - 1) / ranks;

    /// <summary>Whether factors send less than the matrix; never on one rank, which sends neither.</summary>
    public static bool Pay(int capacity, int inputs, int outputs, int ranks)
        => BytesAsFactors(capacity, inputs, outputs, ranks) < BytesAsMatrix(inputs, outputs, ranks);

    /// <summary>Makes the layer's gradients, summed over the samples of all ranks. A collective call.</summary>
    /// <param name="input">This rank's x, one sample after the other: at most <see cref="Capacity"/>, or none.</param>
    /// <param name="outputGradient">The gradients of the loss by y, for the same samples.</param>
    /// <param name="weight">Written: <see cref="Outputs"/> x <see cref="Inputs"/> elements, as torch.nn.Linear has them.</param>
    /// <param name="bias">Written: <see cref="Outputs"/> elements; empty for a layer without bias.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    /// <exception cref="ScheduleException">A rank does not answer or calls something else.</exception>
    public void Sum(ReadOnlySpan<float> input, ReadOnlySpan<float> outputGradient, Span<float> weight, Span<float> bias)
    {
        var samples = input.Length / Inputs;
        if (samples > Capacity || input.Length != samples * Inputs || outputGradient.Length != samples * Outputs)
        {
            throw new ArgumentException(
                $"{input.Length} inputs and {outputGradient.Length} output gradients are not those of at most {Capacity} samples of a layer from {Inputs} to {Outputs}.");
        }

        if (weight.Length != Outputs * Inputs || (bias.Length != 0 && bias.Length != Outputs))
        {
            throw new ArgumentException($"a layer from {Inputs} to {Outputs} has {Outputs * Inputs} weights and {Outputs} biases or none, not {weight.Length} and {bias.Length}.");
        }

        // What a short batch leaves is zero: it adds nothing.
        var mine = MemoryMarshal.Cast<byte, float>(_mine.Span);
        mine.Clear();
        input.CopyTo(mine);
        outputGradient.CopyTo(mine[(Capacity * Inputs)..]);
        _communicator.AllGather<byte>(_mine.Span, _all.Span);
        SentBytes += _mine.Count * (_communicator.Size - 1L);
        bias.Clear();
        for (var rank = 0; rank < _communicator.Size; rank++)
        {
            Arrange(rank, bias);
        }

        Multiply(weight);
    }

    // All x one below the other, all dy as columns side by side: the samples are the rank of the product.
    private void Arrange(int rank, Span<float> bias)
    {
        var factors = MemoryMarshal.Cast<byte, float>(_all.Span.Slice(checked(rank * (int)_mine.Count), (int)_mine.Count));
        factors[..(Capacity * Inputs)].CopyTo(_right.AsSpan(rank * Capacity * Inputs));
        var samples = Capacity * _communicator.Size;
        for (var sample = 0; sample < Capacity; sample++)
        {
            var gradient = factors.Slice((Capacity * Inputs) + (sample * Outputs), Outputs);
            for (var output = 0; output < Outputs; output++)
            {
                _left[(output * samples) + (rank * Capacity) + sample] = gradient[output];
            }

            if (!bias.IsEmpty)
            {
                TensorPrimitives.Add(bias, gradient, bias);
            }
        }
    }

    private unsafe void Multiply(Span<float> weight)
    {
        fixed (float* left = _left, right = _right, target = weight)
        {
            // The factors have room for all samples, and the weights have been measured.
            LowRankKernels.Expand(left, right, Outputs, Inputs, Capacity * _communicator.Size, target);
        }
    }
}
