using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels.Formats;

/// <summary>An <see cref="IFormat{TVector, TStored}"/> for every register width.</summary>
internal interface IElementFormat<TLane, TStored> :
    IFormat<Vector128<TLane>, TStored>, IFormat<Vector256<TLane>, TStored>, IFormat<Vector512<TLane>, TStored>
    where TStored : unmanaged;
