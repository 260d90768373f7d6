namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>
/// How elements lie in memory, and in which lane they are reduced: f16 and bf16 in float, integers of up to 32 bits in int or uint, the others
/// as they are stored. Narrow integers wrap around when they are stored; what wraps in between makes no difference to sums and products, and
/// extremes do not wrap.
/// </summary>
/// <typeparam name="TStored">The element in memory; f16 and bf16 are their 16 bits.</typeparam>
/// <typeparam name="TLane">float, double, int, uint, long or ulong.</typeparam>
internal interface IDeviceFormat<TStored, TLane> where TStored : unmanaged where TLane : unmanaged
{
    /// <summary>The exact value.</summary>
    TLane Load(TStored stored);

    /// <summary>Rounds to nearest even, and makes every NaN the positive quiet one without payload.</summary>
    TStored Store(TLane lane);

    /// <summary>A factor or a number of ranks as a lane.</summary>
    TLane Operand(double value);
}
