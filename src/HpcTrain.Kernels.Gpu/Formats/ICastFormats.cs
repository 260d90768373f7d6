namespace HpcTrain.Kernels.Gpu.Formats;

/// <summary>An element as the starting point of a cast, in one of four types that hold it exactly.</summary>
/// <typeparam name="TStored">The element in memory.</typeparam>
/// <typeparam name="TWide">float, double, long or ulong.</typeparam>
internal interface ICastSource<TStored, TWide> where TStored : unmanaged where TWide : unmanaged
{
    TWide Widen(TStored stored);
}

/// <summary>An element as the end of a cast: floats rounded once, integers limited or wrapped, as HostKernels.Cast has it.</summary>
internal interface ICastTarget<TWide, TStored> where TWide : unmanaged where TStored : unmanaged
{
    TStored From(TWide value);
}

/// <summary>The end of a cast from anything.</summary>
internal interface ICastTarget<TStored> :
    ICastTarget<float, TStored>, ICastTarget<double, TStored>, ICastTarget<long, TStored>, ICastTarget<ulong, TStored>
    where TStored : unmanaged;
