using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// An allreduce in f16 or bf16: half the bytes, 4 (p-1)/p per element. Gradients are rounded to nearest once before they are sent; the ranks of a node add
/// theirs in f32 and round once; each message between nodes adds in f32 and rounds (<see cref="PartialPrecision.Element"/>: partial sums that travelled in
/// f32 would be as long as the gradients).
/// </summary>
/// <remarks>
/// bf16 has the range of f32 and 8 bits of precision; f16 has 11 bits, and ends at 65504 above and at 6e-8 below. What is beyond becomes infinite or zero, so f16 needs
/// a loss that is scaled (Micikevicius et al., "Mixed Precision Training", arXiv 1710.03740, section 3.2); <see cref="Overflows"/> tells the scaler, and the
/// infinity arrives on all ranks, as any other infinity and any NaN does.
/// </remarks>
public sealed class HalfReduction : GradientReduction
{
    private readonly ElementType _type;
    private CollectiveBuffer<ushort>? _halves;

    /// <param name="type"><see cref="ElementType.F16"/> or <see cref="ElementType.BF16"/>.</param>
    /// <exception cref="ArgumentException">Another type.</exception>
    public HalfReduction(ElementType type)
        => _type = type is ElementType.F16 or ElementType.BF16 ? type : throw new ArgumentException($"gradients travel in f16 or bf16, not in {type.Name()}", nameof(type));

    /// <inheritdoc/>
    public override string Name => _type.Name();

    /// <summary>
    /// Finite gradients of this rank, since this object was made, that are too large for the type and so were sent as infinities. Sums that overflow on
    /// the way are not counted; they are infinite on all ranks.
    /// </summary>
    public long Overflows { get; private set; }

    /// <inheritdoc/>
    protected override void Allocate() => _halves = Communicator.Allocate<ushort>(Communicator.Size == 1 ? 0 : Buckets.Select(b => b.Length).DefaultIfEmpty().Max());

    /// <inheritdoc/>
    protected override unsafe void Apply(GradientBucket bucket, Span<float> gradients)
    {
        fixed (float* values = gradients)
        {
            // The buffer is as long as the longest bucket.
            Overflows += HostKernels.CountOverflows(_type, values, gradients.Length);
            HostKernels.Cast(ElementType.F32, values, _type, _halves!.Pointer, gradients.Length);
            SumHalves(_halves, gradients.Length, _type);
            HostKernels.Cast(_type, _halves.Pointer, ElementType.F32, values, gradients.Length);
        }
    }
}
