using ILGPU;

namespace HpcTrain.Kernels.Gpu.Memory;

/// <summary>A run of device memory and its place in a staging piece.</summary>
/// <param name="Device">The device memory; not empty.</param>
/// <param name="Offset">Where it begins in the piece, in bytes.</param>
public readonly record struct StagedPart(ArrayView<byte> Device, long Offset);
