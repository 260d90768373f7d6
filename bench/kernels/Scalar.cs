using System.Numerics;
using System.Runtime.CompilerServices;
using HpcTrain.Kernels;

namespace HpcTrain.Bench.Kernels;

/// <summary>The plain loops that the kernels are compared with; .NET does not vectorise loops by itself.</summary>
internal static unsafe class Scalar
{
    public static void Add<T>(T* destination, T* source, nint count) where T : unmanaged, IAdditionOperators<T, T, T>
    {
        for (nint i = 0; i < count; i++) destination[i] += source[i];
    }

    public static void Min<T>(T* destination, T* source, nint count) where T : unmanaged, INumber<T>
    {
        for (nint i = 0; i < count; i++) destination[i] = T.Min(destination[i], source[i]);
    }

    public static void AddMany(float* destination, nint[] sources, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            float sum = ((float*)sources[0])[i];
            for (int s = 1; s < sources.Length; s++) sum += ((float*)sources[s])[i];
            destination[i] = sum;
        }
    }

    public static void AddMany(Half* destination, nint[] sources, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            float sum = (float)((Half*)sources[0])[i];
            for (int s = 1; s < sources.Length; s++) sum += (float)((Half*)sources[s])[i];
            destination[i] = (Half)sum;
        }
    }

    public static void AddMany(BFloat16* destination, nint[] sources, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            float sum = ((BFloat16*)sources[0])[i];
            for (int s = 1; s < sources.Length; s++) sum += ((BFloat16*)sources[s])[i];
            destination[i] = (BFloat16)sum;
        }
    }

    public static void ToHalf(float* source, Half* destination, nint count)
    {
        for (nint i = 0; i < count; i++) destination[i] = (Half)source[i];
    }

    public static void ToSingle(Half* source, float* destination, nint count)
    {
        for (nint i = 0; i < count; i++) destination[i] = (float)source[i];
    }

    public static void ToBFloat16(float* source, BFloat16* destination, nint count)
    {
        for (nint i = 0; i < count; i++) destination[i] = (BFloat16)source[i];
    }

    public static void ToSingle(BFloat16* source, float* destination, nint count)
    {
        for (nint i = 0; i < count; i++) destination[i] = source[i];
    }

    public static void ToSingle(byte* source, float* destination, nint count)
    {
        for (nint i = 0; i < count; i++) destination[i] = source[i];
    }

    public static void Multiply(float* data, float factor, nint count)
    {
        for (nint i = 0; i < count; i++) data[i] *= factor;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Sgd(float* p, float* g, float* m, nint count, float rate, float momentum, float decay)
    {
        for (nint i = 0; i < count; i++)
        {
            float d = g[i] + decay * p[i];
            m[i] = momentum * m[i] + d;
            p[i] -= rate * m[i];
        }
    }
}
