using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// One pass over parameter, gradient and momentum. The unfused optimizer makes four passes, each rounding to f32; the same
/// roundings happen here between the operations of a register, in the same order, with no contraction. Which terms there are is
/// the same for all elements, so the branches in the loop are always predicted, and cost nothing beside the memory.
/// </summary>
internal static unsafe class SgdLoop
{
    /// <summary>The step's coefficients in f32, and which terms there are: a term with coefficient 0 is left out, so that it adds
    /// no NaN.</summary>
    internal readonly record struct Coefficients(
        float LearningRate, float Momentum, float Undamped, float WeightDecay, bool Nesterov, bool FirstStep);

    /// <summary>Dispatches to the widest registers that the hardware runs at full speed.</summary>
    public static void Run(float* parameter, float* gradient, float* momentum, nint count, in Coefficients step)
    {
        if (Vector512.IsHardwareAccelerated)
            Each<Simd512<float>, Vector512<float>>(parameter, gradient, momentum, count, step);
        else if (Vector256.IsHardwareAccelerated)
            Each<Simd256<float>, Vector256<float>>(parameter, gradient, momentum, count, step);
        else
            Each<Simd128<float>, Vector128<float>>(parameter, gradient, momentum, count, step);
    }

    // Bounds: a register is loaded only while as many elements are left in every array; the rest goes through the stack.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Each<TSimd, TVector>(float* parameter, float* gradient, float* momentum, nint count, Coefficients step)
        where TSimd : ISimd<TVector, float> where TVector : unmanaged
    {
        int lanes = TSimd.Count;
        nint i = 0;
        for (; i <= count - 2 * lanes; i += 2 * lanes)
        {
            One<TSimd, TVector>(parameter + i, gradient + i, momentum + i, step);
            One<TSimd, TVector>(parameter + i + lanes, gradient + i + lanes, momentum + i + lanes, step);
        }
        for (; i <= count - lanes; i += lanes)
            One<TSimd, TVector>(parameter + i, gradient + i, momentum + i, step);

        int rest = (int)(count - i);
        if (rest == 0) return;
        const int MaxLanes = Tail.MaxRegisterBytes / sizeof(float);
        float* padded = stackalloc float[3 * MaxLanes];
        bool hasMomentum = step.Momentum != 0;
        Tail.Copy(parameter + i, padded, rest);
        Tail.Copy(gradient + i, padded + MaxLanes, rest);
        if (hasMomentum) Tail.Copy(momentum + i, padded + 2 * MaxLanes, rest);
        One<TSimd, TVector>(padded, padded + MaxLanes, padded + 2 * MaxLanes, step);
        Tail.Copy(padded, parameter + i, rest);
        if (hasMomentum) Tail.Copy(padded + 2 * MaxLanes, momentum + i, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<TSimd, TVector>(float* parameter, float* gradient, float* momentum, in Coefficients step)
        where TSimd : ISimd<TVector, float> where TVector : unmanaged
    {
        TVector value = TSimd.Load(parameter);
        TVector direction = TSimd.Load(gradient);
        if (step.WeightDecay != 0)
            direction = TSimd.Add(direction, TSimd.Multiply(value, TSimd.Create(step.WeightDecay)));
        if (step.Momentum != 0)
        {
            TVector buffer = step.FirstStep
                ? direction
                : TSimd.Add(
                    TSimd.Multiply(TSimd.Load(momentum), TSimd.Create(step.Momentum)),
                    TSimd.Multiply(direction, TSimd.Create(step.Undamped)));
            TSimd.Store(buffer, momentum);
            direction = step.Nesterov
                ? TSimd.Add(direction, TSimd.Multiply(buffer, TSimd.Create(step.Momentum)))
                : buffer;
        }
        TSimd.Store(TSimd.Subtract(value, TSimd.Multiply(direction, TSimd.Create(step.LearningRate))), parameter);
    }
}
