using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// One pass over parameter, gradient and both moments: seven streams where the unfused optimizer has more than twenty. Roundings happen between the operations of a register, in
/// the order of the formula, with no contraction.
/// </summary>
internal static unsafe class AdamLoop
{
    /// <summary>The step's coefficients in f32, and which terms there are.</summary>
    internal readonly record struct Coefficients(
        float Kept1, float Added1, float Kept2, float Added2, float StepSize, float RootOfCorrection, float Epsilon, float Decay, bool HasDecay, bool IsDecoupled);

    /// <summary>Dispatches to the widest registers that the hardware runs at full speed.</summary>
    public static void Run(float* parameter, float* gradient, float* mean, float* square, nint count, in Coefficients step)
    {
        if (Vector512.IsHardwareAccelerated)
            Each<Simd512<float>, Vector512<float>>(parameter, gradient, mean, square, count, step);
        else if (Vector256.IsHardwareAccelerated)
            Each<Simd256<float>, Vector256<float>>(parameter, gradient, mean, square, count, step);
        else
            Each<Simd128<float>, Vector128<float>>(parameter, gradient, mean, square, count, step);
    }

    // Bounds: a register is loaded only while as many elements are left in every array; the rest goes through the stack.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Each<TSimd, TVector>(float* parameter, float* gradient, float* mean, float* square, nint count, Coefficients step)
        where TSimd : ISimd<TVector, float> where TVector : unmanaged
    {
        int lanes = TSimd.Count;
        nint i = 0;
        for (; i <= count - lanes; i += lanes)
            One<TSimd, TVector>(parameter + i, gradient + i, mean + i, square + i, step);

        int rest = (int)(count - i);
        if (rest == 0) return;
        const int MaxLanes = Tail.MaxRegisterBytes / sizeof(float);
        float* padded = stackalloc float[4 * MaxLanes];
        Tail.Copy(parameter + i, padded, rest);
        Tail.Copy(gradient + i, padded + MaxLanes, rest);
        Tail.Copy(mean + i, padded + 2 * MaxLanes, rest);
        Tail.Copy(square + i, padded + 3 * MaxLanes, rest);
        One<TSimd, TVector>(padded, padded + MaxLanes, padded + 2 * MaxLanes, padded + 3 * MaxLanes, step);
        Tail.Copy(padded, parameter + i, rest);
        Tail.Copy(padded + 2 * MaxLanes, mean + i, rest);
        Tail.Copy(padded + 3 * MaxLanes, square + i, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<TSimd, TVector>(float* parameter, float* gradient, float* mean, float* square, in Coefficients step)
        where TSimd : ISimd<TVector, float> where TVector : unmanaged
    {
        TVector value = TSimd.Load(parameter), g = TSimd.Load(gradient);
        if (step.HasDecay)
        {
            if (step.IsDecoupled)
                value = TSimd.Multiply(value, TSimd.Create(step.Decay));
            else
                g = TSimd.Add(g, TSimd.Multiply(value, TSimd.Create(step.Decay)));
        }

        TVector first = TSimd.Add(TSimd.Multiply(TSimd.Load(mean), TSimd.Create(step.Kept1)), TSimd.Multiply(g, TSimd.Create(step.Added1)));
        TVector second = TSimd.Add(
            TSimd.Multiply(TSimd.Load(square), TSimd.Create(step.Kept2)), TSimd.Multiply(TSimd.Multiply(g, g), TSimd.Create(step.Added2)));
        TSimd.Store(first, mean);
        TSimd.Store(second, square);
        TVector denominator = TSimd.Add(TSimd.Divide(TSimd.Sqrt(second), TSimd.Create(step.RootOfCorrection)), TSimd.Create(step.Epsilon));
        TSimd.Store(TSimd.Subtract(value, TSimd.Multiply(TSimd.Divide(first, denominator), TSimd.Create(step.StepSize))), parameter);
    }
}
